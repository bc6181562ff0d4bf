//! `ringside verify`.

use super::progress::{Progress, rate};
use super::{block_on, configured};
use crate::clock::Clock;
use crate::config::cli::VerifyArgs;
use crate::say;
use crate::store::any;
use crate::tools::Counted;
use crate::tools::verify::verify;
use anyhow::Context;
use app::domain::Moment;
use std::process::ExitCode;

/// Ended, and something was not as it should be: told apart from not having been able to tell.
const DIFFERENT: u8 = 2;

/// # Errors
/// If the store can't be read.
pub fn run(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let most = args.most;
    let config = configured(args.store)?;
    let mut progress = Progress::new();
    let verdict = block_on(async {
        let mut store = any::audit(&config.database).await.context("cannot open the store")?;
        let clock = Clock::system();
        let mut show = shown(&mut progress, "verified");
        Ok(verify(&mut store, || clock.now(), most, &mut show).await?)
    })?;
    progress.end();
    let Counted { calls, agents } = verdict.counted;
    let from = verdict.from.map_or_else(String::new, |from| {
        format!("; from {} on, since calls before were cleared away", from.to_rfc3339())
    });
    let of = format!("{} sums of {calls} calls and {agents} agents{from}", verdict.buckets);
    if verdict.different == 0 {
        say!("All is equal: {of}.");
        return Ok(ExitCode::SUCCESS);
    }
    verdict.differences.iter().for_each(|difference| say!("{difference}"));
    let rest = verdict.different - verdict.differences.len() as u64;
    if rest > 0 {
        say!("… and {rest} more.");
    }
    say!("{} counts differ: {of}. `ringside rebuild` makes them anew from the calls.", verdict.different);
    Ok(ExitCode::from(DIFFERENT))
}

/// Shows how many calls were gone through, and up to which day.
pub(super) fn shown<'p>(progress: &'p mut Progress, word: &'static str) -> impl FnMut(Counted, Moment) + 'p {
    move |counted, at| {
        progress.show(|p| {
            let day = at.to_utc().date_naive();
            format!("{} calls {word}, {} a second, up to {day}", counted.calls, rate(p.elapsed(), counted.calls))
        });
    }
}
