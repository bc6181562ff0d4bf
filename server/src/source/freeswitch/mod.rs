//! FreeSWITCH: its call detail records of the past, for `ringside import`.

pub mod cdr_csv;
