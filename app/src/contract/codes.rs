//! What the codes of a call that was never answered mean, as tables: made by asking [`Signalling`] of every code there is.

use crate::domain::outcome::{Progress, Signalling, SipClass};
use std::collections::BTreeMap;

/// What some codes have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWords {
    /// `486, 600`; "any other 4xx".
    pub codes: String,
    /// The outcome, where none is told.
    pub outcome: String,
    /// Whether it is a route fault.
    pub fault: String,
}

/// Final SIP responses that are errors.
#[must_use]
pub fn sip_codes() -> Vec<CodeWords> {
    let mut groups: BTreeMap<(u16, [String; 2]), Vec<u16>> = BTreeMap::new();
    for code in 400..=699 {
        let of = |progress| Signalling { sip_code: Some(code), progress, ..Signalling::default() };
        groups.entry((code / 100, words(&of(Progress::None), &of(Progress::Reached)))).or_default().push(code);
    }
    let most_of = |class: u16| groups.iter().filter(|((of, _), _)| *of == class).map(|(_, codes)| codes.len()).max();
    let row = |((class, [outcome, fault]), codes): (&(u16, [String; 2]), &Vec<u16>)| CodeWords {
        codes: if Some(codes.len()) == most_of(*class) { format!("any other {class}xx") } else { listed(codes) },
        outcome: outcome.clone(),
        fault: fault.clone(),
    };
    groups.iter().map(row).collect()
}

/// Q.850 causes: what they mean where no SIP response is known, or one that means nothing by itself.
#[must_use]
pub fn q850_causes() -> Vec<CodeWords> {
    let mut groups: BTreeMap<[String; 2], Vec<u16>> = BTreeMap::new();
    for cause in 1..=127 {
        let of = |progress| Signalling { q850: Some(cause), progress, ..Signalling::default() };
        groups.entry(words(&of(Progress::None), &of(Progress::Reached))).or_default().push(cause);
    }
    let most = groups.values().map(Vec::len).max();
    let row = |([outcome, fault], causes): (&[String; 2], &Vec<u16>)| CodeWords {
        codes: if Some(causes.len()) == most { "any other, or none".to_owned() } else { listed(causes) },
        outcome: outcome.clone(),
        fault: fault.clone(),
    };
    groups.iter().map(row).collect()
}

/// Outcome and fault, before and after it rang.
fn words(before: &Signalling<'_>, after: &Signalling<'_>) -> [String; 2] {
    let outcome = |s: &Signalling<'_>| s.outcome().word().to_owned();
    let fault = |s: &Signalling<'_>| match (s.is_route_fault(), s.class()) {
        (true, Some(SipClass::Timeout)) => "yes, a time-out",
        (true, Some(SipClass::Client4xx | SipClass::Server5xx | SipClass::Global6xx) | None) => "yes",
        // In no class: the network's, for all that is known.
        (false, _) if s.tells_no_fault(s.outcome()) => "not known: in `unjudged_faults`",
        (false, _) => "no",
    };
    let both = |a: String, b: String| if a == b { a } else { format!("{a}; once it rang {b}") };
    [both(outcome(before), outcome(after)), both(fault(before).to_owned(), fault(after).to_owned())]
}

fn listed(codes: &[u16]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_what_the_law_makes_of_each_code() {
        let find = |rows: Vec<CodeWords>, codes: &str| {
            let row = rows.into_iter().find(|row| row.codes == codes);
            row.map(|row| (row.outcome, row.fault)).unwrap_or_default()
        };
        let said = |outcome: &str, fault: &str| (outcome.to_owned(), fault.to_owned());
        assert_eq!(
            find(sip_codes(), "408"),
            said("failed; once it rang no_answer", "yes, a time-out; once it rang no")
        );
        assert_eq!(find(sip_codes(), "486"), said("busy", "no"));
        assert_eq!(find(sip_codes(), "503"), said("congestion", "yes"));
        assert_eq!(find(sip_codes(), "any other 4xx"), said("failed", "yes"));
        assert_eq!(find(sip_codes(), "603, 604, 607, 608"), said("failed", "no"));
        assert_eq!(find(q850_causes(), "34, 42, 44, 47"), said("congestion", "not known: in `unjudged_faults`"));
        assert_eq!(find(q850_causes(), "1, 16, 22, 28, 31"), said("failed", "no"));
        assert_eq!(find(q850_causes(), "102"), said("failed", "yes, a time-out"));
        assert_eq!(find(q850_causes(), "any other, or none"), said("failed", "not known: in `unjudged_faults`"));
    }
}
