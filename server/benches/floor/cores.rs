//! Cores of their own for the server and for who talks to it, as they would be on machines of their own: else what the one
//! costs depends on how often the other is in its way. Where there is one core only, or the system can't tell them apart,
//! both share what there is.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Server,
    Others,
}

/// Runs it on the cores of a side; threads and processes that it starts stay there.
#[cfg(target_os = "linux")]
pub fn on<T>(side: Side, run: impl FnOnce() -> T) -> T {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(all) = sched_getaffinity(None) else { return run() };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
    let (first, rest) = cores.split_at(cores.len() / 2);
    let mut own = CpuSet::new();
    let mine = if side == Side::Server { first } else { rest };
    mine.iter().for_each(|core| own.set(*core));
    let moved = !first.is_empty() && sched_setaffinity(None, &own).is_ok();
    let done = run();
    if moved {
        // What was allowed before is allowed again.
        let _ = sched_setaffinity(None, &all);
    }
    done
}

#[cfg(not(target_os = "linux"))]
pub fn on<T>(_: Side, run: impl FnOnce() -> T) -> T {
    run()
}
