//! Cores of their own for the server and for who talks to it, as they would be on machines of their own: else what the one
//! costs depends on how often the other is in its way. Where there is one core only, or the system can't tell them apart,
//! both share what there is.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Server,
    Others,
}

/// Runs it on the cores of a side; threads and processes that it starts stay there.
#[cfg(target_os = "linux")]
pub fn on<T>(side: Side, run: impl FnOnce() -> T) -> T {
    let (Ok(all), Some(cores)) = (sched_getaffinity(None), cores_of(side)) else { return run() };
    let mut own = CpuSet::new();
    cores.iter().for_each(|core| own.set(*core));
    let moved = sched_setaffinity(None, &own).is_ok();
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

/// Of the cores that this thread may use, those of a side; `None` where each side can't have its own.
#[cfg(target_os = "linux")]
fn cores_of(side: Side) -> Option<Vec<usize>> {
    let all = sched_getaffinity(None).ok()?;
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
    let (first, rest) = cores.split_at(cores.len() / 2);
    let own = if side == Side::Server { first } else { rest };
    (!first.is_empty()).then(|| own.to_vec())
}

#[cfg(not(target_os = "linux"))]
fn cores_of(_: Side) -> Option<Vec<usize>> {
    None
}

/// As long as it lives, what comes in over loopback is received on the cores of [`Side::Others`], as the machines of those
/// who are elsewhere would do it. Otherwise it is received in the time of whoever sent it. A bench that is killed
/// leaves it so until the machine starts anew, which harms nothing.
///
/// # Source
/// Linux, `Documentation/networking/scaling.rst`, "RPS: Receive Packet Steering".
pub struct ReceivedByOthers {
    before: String,
}

const STEERING: &str = "/sys/class/net/lo/queues/rx-0/rps_cpus";

impl ReceivedByOthers {
    /// # Errors
    /// Where it can't be had: only root may, on Linux, with more than one core.
    pub fn begin() -> Result<Self, String> {
        let cores = cores_of(Side::Others).ok_or("there is one core only, or the system can't tell them apart")?;
        let before = std::fs::read_to_string(STEERING).map_err(|e| format!("{STEERING}: {e}"))?;
        std::fs::write(STEERING, mask(&cores)).map_err(|e| format!("{STEERING}: {e}"))?;
        Ok(Self { before })
    }
}

impl Drop for ReceivedByOthers {
    fn drop(&mut self) {
        if let Err(error) = std::fs::write(STEERING, self.before.trim()) {
            eprintln!("{STEERING} is not as it was ({}): {error}", self.before.trim());
        }
    }
}

/// Cores as the system reads them: words of 32 bits in hexadecimal digits, the highest first.
fn mask(cores: &[usize]) -> String {
    let words = cores.iter().max().map_or(0, |last| last / 32);
    let word =
        |at: usize| cores.iter().filter(|core| *core / 32 == at).fold(0u32, |bits, core| bits | 1 << (core % 32));
    let words: Vec<String> = (0..=words).rev().map(|at| format!("{:08x}", word(at))).collect();
    words.join(",")
}
