//! What commands print: to standard output what was asked for, to standard error what is said aside.
//!
//! A reader that has gone (`ringside import … | head -1`) breaks no command: what is said from then on, nobody hears. So
//! nothing here uses `println!`, which panics then.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

/// Prints a line of what was asked for.
pub fn line(words: Arguments<'_>) {
    match writeln!(io::stdout().lock(), "{words}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            aside(format_args!("ringside: cannot write to standard output: {error}"));
        }
        Ok(()) | Err(_) => {}
    }
}

/// Prints a line aside.
pub fn aside(words: Arguments<'_>) {
    // There is nowhere left to say that it couldn't be said.
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Prints a line of what was asked for, formatted as `println!` does.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::say::line(format_args!($($words)*)) };
}

/// Prints a line aside, formatted as `eprintln!` does.
#[macro_export]
macro_rules! aside {
    ($($words:tt)*) => { $crate::say::aside(format_args!($($words)*)) };
}
