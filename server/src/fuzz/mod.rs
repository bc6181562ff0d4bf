//! All that reads what strangers send, as functions of bytes: whatever comes, none may panic.
//!
//! Each is run over its seeds, what sources really send, and over these spoiled ([`spoiled`]): for a moment with all other
//! tests, for as long as asked by `make fuzz`. Not led by what code bytes reach (cargo-fuzz, AFL): that needs the whole server built
//! once more, with instruments; this runs on the pinned compiler, with what the tests have built. What a target is given is all
//! that it knows, so that one of those can take them over as they are.

mod answers;
mod files;
mod hooks;
mod pbx;
mod spoiled;
mod text;

use spoiled::spoil;
use std::num::NonZero;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// One parser, or several that read the same thing.
#[derive(Debug, Clone, Copy)]
struct Target {
    name: &'static str,
    run: fn(&[u8]),
    seeds: &'static [&'static [u8]],
}

const TARGETS: [Target; 20] = [
    Target { name: "event", run: text::event, seeds: text::EVENTS },
    Target { name: "lines", run: text::lines, seeds: text::EVENTS },
    Target { name: "time", run: text::time, seeds: text::TIMES },
    Target { name: "number", run: text::number, seeds: text::NUMBERS },
    Target { name: "asterisk-cdr", run: files::cdr, seeds: files::CDR },
    Target { name: "asterisk-cel", run: files::cel, seeds: files::CEL },
    Target { name: "asterisk-queue-log", run: files::queue_log, seeds: files::QUEUE_LOG },
    Target { name: "freeswitch-csv", run: files::freeswitch, seeds: files::FREESWITCH },
    Target { name: "csv", run: files::csv, seeds: files::CSV },
    Target { name: "mapping", run: files::mapping, seeds: files::MAPPINGS },
    Target { name: "ami", run: pbx::ami, seeds: pbx::RECORDINGS },
    Target { name: "livekit", run: hooks::livekit, seeds: hooks::LIVEKIT },
    Target { name: "twilio", run: hooks::twilio, seeds: hooks::TWILIO },
    Target { name: "telnyx", run: hooks::telnyx, seeds: hooks::TELNYX },
    Target { name: "plivo", run: hooks::plivo, seeds: hooks::PLIVO },
    Target { name: "vonage", run: hooks::vonage, seeds: hooks::VONAGE },
    Target { name: "config", run: text::config, seeds: text::CONFIGS },
    Target { name: "query", run: answers::query, seeds: answers::QUERIES },
    Target { name: "cursor", run: answers::cursor, seeds: answers::CURSORS },
    Target { name: "stored", run: answers::stored, seeds: answers::STORED },
];

/// Runs a target with these bytes.
///
/// # Errors
/// The run and the bytes that made it panic: a test of its own for them is where mending begins.
fn run(target: Target, number: u64) -> Result<(), String> {
    let bytes = spoil(target.seeds, number);
    let done = std::panic::catch_unwind(|| (target.run)(&bytes));
    done.map_err(|_| format!("{}, run {number}: b\"{}\"", target.name, bytes.escape_ascii()))
}

/// Times that each target is run with all other tests.
const RUNS: u64 = 200;

#[test]
fn nothing_that_is_sent_makes_a_parser_panic() {
    let mut failed = Vec::new();
    for target in TARGETS {
        assert!(!target.seeds.is_empty(), "{}", target.name);
        target.seeds.iter().for_each(|seed| (target.run)(seed));
        failed.extend((0..RUNS).filter_map(|number| run(target, number).err()).take(MOST_FAILED));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// How long each target is run by `make fuzz`, in seconds; and where it begins, so that another day tries other bytes.
const SECONDS: &str = "RINGSIDE_FUZZ_SECONDS";
const FROM: &str = "RINGSIDE_FUZZ_FROM";

#[test]
#[ignore = "takes minutes: make fuzz"]
#[allow(clippy::print_stdout)]
fn each_parser_for_as_long_as_asked() {
    let told = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, from) = (told(SECONDS).unwrap_or(60), told(FROM).unwrap_or(RUNS));
    let fuzz = |target: Target| {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut failed = Vec::new();
        let mut number = from;
        while Instant::now() < until && failed.len() < MOST_FAILED {
            failed.extend(run(target, number).err());
            number += 1;
        }
        println!("{}: {} runs from {from} on, {} failed", target.name, number - from, failed.len());
        failed
    };
    // As many at once as there are cores.
    let queue = Mutex::new(TARGETS.into_iter());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let all = || std::iter::from_fn(next).flat_map(fuzz).collect::<Vec<_>>();
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(all)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A target that failed so often has shown what is wrong with it.
const MOST_FAILED: usize = 5;
