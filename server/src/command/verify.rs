//! `ringside verify`.

use super::progress::{Progress, rate};
use super::{block_on, configured};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::cli::VerifyArgs;
use crate::control::chain::AuditError;
use crate::control::noted::NotedLog;
use crate::say;
use crate::store::any::{self, Database};
use crate::tools::Counted;
use crate::tools::rebuild::{self, Rebuilt};
use crate::tools::verify::{Verdict, verify};
use anyhow::Context;
use app::domain::{CallName, Moment};
use std::process::ExitCode;

/// Ended, and something was not as it should be: told apart from not having been able to tell.
const DIFFERENT: u8 = 2;

/// # Errors
/// If the store can't be read; or, where it is to be repaired, is in use or can't be written.
pub fn run(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let (most, repair) = (args.most, args.repair);
    let config = configured(args.store)?;
    block_on(async {
        let mut verdict = proof(&config.database, most).await?;
        if repair && (!verdict.is_sound() || verdict.is_of_earlier_law) {
            told(&verdict);
            repaired(&config.database).await?;
            verdict = proof(&config.database, most).await?;
        }
        told(&verdict);
        let is_whole = audit_log(&config).await?;
        Ok(if verdict.is_sound() && is_whole { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
    })
}

/// Recounts the audit log; whether it is whole.
async fn audit_log(config: &Config) -> anyhow::Result<bool> {
    let log = NotedLog::open(any::audit_log(&config.database), config.audit_head.as_deref())?;
    match log.recount().await {
        Ok(head) => {
            say!("The audit log is whole: {} entries, the last {}.", head.entries, head.hash);
            Ok(true)
        }
        Err(AuditError::Store(error)) => Err(error).context("cannot read the audit log"),
        Err(why) => {
            say!("The audit log can't be trusted: {why}.");
            Ok(false)
        }
    }
}

async fn proof(database: &Database, most: usize) -> anyhow::Result<Verdict> {
    let mut progress = Progress::new();
    let mut store = any::audit(database).await.context("cannot open the store")?;
    let clock = Clock::system();
    let verdict = verify(&mut store, || clock.now(), most, &mut shown(&mut progress, "verified")).await?;
    progress.end();
    Ok(verdict)
}

async fn repaired(database: &Database) -> anyhow::Result<()> {
    let mut progress = Progress::new();
    let mut store = rebuild::open(database).await.context("cannot open the store to repair it")?;
    let now = Clock::system().now();
    let Rebuilt { united, placed, numbers, blocks, .. } =
        rebuild::rebuild(&mut store, None, now, &mut shown(&mut progress, "counted")).await?;
    progress.end();
    say!(
        "Repaired: {united} calls made one row each, {placed} put right by country, {numbers} numbers of the floor's own put \
         right, {blocks} blocks of sums made anew."
    );
    Ok(())
}

fn told(verdict: &Verdict) {
    let Counted { calls, agents } = verdict.counted;
    let from = verdict.from.map_or_else(String::new, |from| {
        format!("; from {} on, since calls before were cleared away", from.to_rfc3339())
    });
    let of = format!("{} sums of {calls} calls and {agents} agents{from}", verdict.buckets);
    if verdict.is_of_earlier_law {
        say!(
            "These sums were made by an earlier edition of the law of figures: where they differ it may be for that. \
             `ringside verify --repair` makes them anew by today's."
        );
    }
    if verdict.is_sound() {
        say!("All is equal: {of}.");
        return;
    }
    verdict.differences.iter().for_each(|difference| say!("{difference}"));
    let named = |names: &[CallName], what: &str| {
        names.iter().for_each(|name| say!("call `{}` of `{}` {what}", name.call_id, name.realm));
    };
    named(&verdict.doubled, "stands in several rows");
    named(&verdict.misplaced, "is noted of another country than its number's");
    for (number, first) in &verdict.misdated {
        let says = first.map_or_else(|| "is by no call".to_owned(), |first| format!("is since {}", first.to_rfc3339()));
        say!("number {} is noted as the floor's own: it {says}", number.masked());
    }
    let Verdict { different, doubles, misplaces, misdates, .. } = verdict;
    let shown = verdict.differences.len() + verdict.doubled.len() + verdict.misplaced.len() + verdict.misdated.len();
    let rest = different + doubles + misplaces + misdates - shown as u64;
    if rest > 0 {
        say!("… and {rest} more.");
    }
    say!(
        "{different} counts differ, {doubles} calls stand in several rows, {misplaces} are noted of another country, \
         {misdates} numbers are not the floor's own as noted: {of}. `ringside verify --repair` mends it."
    );
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
