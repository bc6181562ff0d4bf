-- What history needs beside the sums: how far each component's time is counted, and which site days were revised.

create table components (
    component text collate "C" not null primary key,
    -- Time before this is in the sums.
    counted_to bigint not null
);

-- day: the instant at which the site day begins, in microseconds.
create table days (
    day bigint not null primary key,
    -- When the first of its sums was committed.
    first_at bigint not null,
    -- When its sums last changed after it was over; null where they never did, or it was filed only afterwards.
    revised_at bigint
);
