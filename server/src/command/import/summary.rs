//! What is said of a file once it was read: what became of its rows, by reason, and what to do about it.

use crate::import::rows::Told;
use crate::import::run::Done;
use crate::import::tally::{Counts, Tally};
use crate::kit::mask::quoted;
use crate::say;
use app::domain::Span;

/// Reasons and endpoints named at most.
const NAMED: usize = 10;
/// Columns named at most: a PBX's table has some thirty.
const NAMED_COLUMNS: usize = 30;
/// Where more of the rows that tell of calls were not taken, the import has not done what was asked. Not a KPI's edge: a
/// rule of this command.
const NOT_TAKEN_PERCENT: u64 = 5;

/// What is known of a file before it is read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) caveat: Option<&'static str>,
    /// Its columns that are not read.
    pub(super) unread: Vec<String>,
}

/// Says what became of the rows of `file`.
pub(super) fn of_file(file: &str, done: &Done, told: &Told, read: Read) {
    let tally = &done.tally;
    say!(
        "{file}: {} rows: {} events new, {} known already, {} not taken. Of the rows {} tell of calls, {} are told with others, {} \
         are of no call of ours, {} of no route, {} rejected.",
        tally.rows,
        done.accepted,
        done.duplicate,
        done.rejected,
        tally.told(),
        tally.with_others,
        tally.others.all(),
        tally.no_route,
        tally.rejected.all(),
    );
    reasons("Rejected", &tally.rejected, |reason| reason.to_string());
    reasons("Of no call of ours", &tally.others, |reason| (*reason).to_owned());
    no_route(tally);
    times(told);
    undirected(told);
    if told.numberless > 0 {
        say!(
            "Of no number of the floor's: {} calls to outside. Say which numbers it shows: --did NUMBER (a PBX) or --map \
             from=COLUMN (a CSV). What nobody names may be a person's, and is not shown.",
            told.numberless
        );
    }
    unread(&read.unread);
    if told.latin > 0 {
        say!(
            "{} rows are no UTF-8 and were read as Latin-1 (windows-1252); if they are something else, say --encoding NAME.",
            told.latin
        );
    }
    for (field, rows) in &told.no_numbers {
        say!(
            "`{field}` is no telephone number in {}: what stands there is kept in the call's metadata, and the call has no `{field}`.",
            app::kpi::format::counted(i64::try_from(*rows).unwrap_or(i64::MAX), "row", "rows")
        );
    }
    if let Some(doubt) = &told.doubt {
        say!("{doubt}");
    }
    if told.open > 0 {
        say!(
            "Warning: {}{} calls begin and do not end in the file: after four hours of silence they count as lost.",
            if told.open_beyond { "more than " } else { "" },
            told.open
        );
    }
    if let Some(caveat) = read.caveat.filter(|_| tally.rows > 0) {
        say!("{caveat}");
    }
    beside(done);
}

fn reasons<K: Ord + Clone + From<&'static str>>(what: &str, counts: &Counts<K>, word: impl Fn(&K) -> String) {
    let all = counts.by_number().count();
    for (reason, count) in counts.by_number().take(NAMED) {
        say!("  {what}: {count}: {}", word(reason));
    }
    if all > NAMED {
        say!("  {what}: … and for {} further reasons", all - NAMED);
    }
}

fn no_route(tally: &Tally) {
    if tally.no_route == 0 {
        return;
    }
    let named: Vec<String> =
        tally.endpoints.by_number().take(NAMED).map(|(name, count)| format!("{} ({count})", quoted(name))).collect();
    let more = tally.endpoints.by_number().count().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let example = tally.endpoints.by_number().next().map_or_else(|| "ENDPOINT".to_owned(), |(name, _)| quoted(name));
    say!(
        "  Of no route: {} calls; they name {}{more}. Say which of these are carriers, and of which route: --carrier \
         {example}=ROUTE",
        tally.no_route,
        named.join(", ")
    );
}

fn undirected(told: &Told) {
    if told.undirected > 0 {
        say!(
            "Of no direction: {} calls. They count as `undirected` and in nothing else, unless another source tells it. Say \
             which way they went: --inbound-context and --outbound-context CONTEXT (a PBX), --map direction=COLUMN (a CSV), or \
             of all of them --set direction=inbound or outbound.",
            told.undirected
        );
    }
}

fn unread(columns: &[String]) {
    if columns.is_empty() {
        return;
    }
    let named = columns.iter().take(NAMED_COLUMNS).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = columns.len().saturating_sub(NAMED_COLUMNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    say!("Columns that are not read: {named}{more}. If one of them holds a field, say --map FIELD=COLUMN.");
}

fn times(told: &Told) {
    let (placed, named) = (&told.times.placed, &told.times.named);
    let all = placed.all();
    if all == 0 {
        return;
    }
    say!(
        "{all} times fell into an hour that the clock showed twice ({}{}): {} read as their record tells, {} by the second of \
         their id, {} by the row before, {} as --fold says.",
        named.join(", "),
        if all > named.len() as u64 { ", …" } else { "" },
        placed.by_record,
        placed.by_id,
        placed.by_order,
        placed.by_fold
    );
}

fn beside(done: &Done) {
    for (realm, hours) in &done.covered {
        let (first, last) = (hours.first().copied().unwrap_or_default(), hours.last().copied().unwrap_or_default());
        say!(
            "Warning: `{realm}` tells of calls, too, in {} of the file's hours, from {} to {}. If they are the same calls, \
             they now count twice.",
            hours.len(),
            first.to_rfc3339(),
            (last + Span::hours(1)).to_rfc3339()
        );
    }
}

/// Whether too few of the rows that tell of calls were taken; says so.
pub(super) fn too_little(tally: &Tally) -> bool {
    let (not_taken, telling) = (tally.not_taken(), tally.telling());
    let too_little = not_taken * 100 > telling * NOT_TAKEN_PERCENT;
    if too_little {
        say!(
            "Not taken: {not_taken} of the {telling} rows that tell of calls, more than {NOT_TAKEN_PERCENT} %. The figures \
             of that time are not those of the floor; the lines above say why."
        );
    }
    too_little
}
