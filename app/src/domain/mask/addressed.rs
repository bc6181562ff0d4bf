//! Whom SIP addresses name: `sip:alice@example.org` is as much a person's as a number is. One of digits alone is an
//! extension, or a number, which are known as such.

use std::ops::Range;

/// Longest name before the `@` that is looked for.
const LONGEST: usize = 128;

/// The places of the names.
pub(super) fn persons(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(':') {
        let scheme = text[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !["sip", "sips"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            continue;
        }
        let rest = text[at + 1..].trim_start_matches('/');
        let start = text.len() - rest.len();
        let end = rest.find(|c: char| c == '@' || c.is_whitespace() || matches!(c, '<' | '>' | '"'));
        let Some(end) = end.filter(|end| *end <= LONGEST && rest[*end..].starts_with('@')) else { continue };
        if rest[..end].contains(char::is_alphabetic) {
            found.push(start..start + end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_before_the_host_is_found() {
        let named = |text: &'static str| persons(text).into_iter().map(|place| &text[place]).collect::<Vec<_>>();
        assert_eq!(named("sip:alice@example.org and <SIPS://bob@x>"), ["alice", "bob"]);
        assert_eq!(
            named("sip:1042@pbx, sip:example.org, ann@example.org, https://a@b, sip:x y@z, gossip:a@b"),
            Vec::<&str>::new()
        );
    }
}
