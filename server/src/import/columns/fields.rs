//! The fields of a `call.record` that a column may hold, by how their text is read.

use csv::StringRecord;

pub(super) const MOMENTS: [&str; 8] =
    ["started_at", "progress_at", "answered_at", "greeted_at", "queued_at", "bridged_at", "transferred_at", "ended_at"];
pub(super) const NUMBERS: [&str; 5] = ["attempt", "sip_code", "q850", "wrap_ms", "hold_ms"];
pub(super) const TRUTHS: [&str; 2] = ["final", "right_party"];
pub(super) const PHONES: [&str; 2] = ["from", "to"];
/// Of the contract's words, in whatever case and with whatever sign between them.
pub(super) const WORDS: [&str; 6] = ["direction", "mode", "by", "transfer_kind", "outcome", "hung_up_by"];
pub(super) const TEXTS: [&str; 12] = [
    "call_id",
    "realm",
    "campaign",
    "route",
    "country",
    "list",
    "room",
    "queue",
    "agent",
    "transfer_target",
    "sip_reason",
    "disposition",
];
/// Read as it is, but not looked for among the columns of a file that names none.
pub(super) const LINKS: [&str; 1] = ["recording_url"];
/// What no row of the file can tell, row by row.
pub(super) const LISTS: [&str; 1] = ["cannot_tell"];
/// How long something took: of no field, but moments follow from them.
pub(super) const DURATIONS: [&str; 2] = ["duration", "billsec"];
/// How long something took, in seconds, by the field that holds it in milliseconds.
pub(super) const IN_SECONDS: [(&str, &str); 2] = [("wrap", "wrap_ms"), ("hold", "hold_ms")];

/// Everything that a column may be mapped to.
pub fn fields() -> impl Iterator<Item = &'static str> {
    let words = WORDS.into_iter().chain(TEXTS).chain(LINKS).chain(LISTS).chain(DURATIONS);
    let words = words.chain(IN_SECONDS.map(|(seconds, _)| seconds));
    MOMENTS.into_iter().chain(NUMBERS).chain(TRUTHS).chain(PHONES).chain(words)
}

/// A column's name without case and signs.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a header is one of ours: it names a call and when it began.
#[must_use]
pub fn is_ours(header: &StringRecord) -> bool {
    let has = |name: &str| header.iter().any(|column| plain(column) == plain(name));
    has("call_id") && has("started_at")
}
