//! A payload's text made ready for what hides numbers, which knows digits, not `\u0031`; and without names in addresses.

/// Escapes that are no escape of JSON stay as they are.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let coded = escape.strip_prefix('u').and_then(|hex| hex.get(..4));
        let coded = coded.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let spaced = matches!(escape.chars().next(), Some('t' | 'n' | 'r' | 'f' | 'b'));
        let (said, taken) = match (coded, spaced) {
            (Some(c), _) => (c, 6),
            // Between digits it is no more than a space.
            (None, true) => (' ', 2),
            (None, false) => ('\\', 1),
        };
        plain.push(said);
        rest = &rest[at + taken..];
    }
    plain.push_str(rest);
    plain
}

/// The text without who SIP addresses in it name: `sip:…@host`.
pub(super) fn without_sip_names(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = ["sip:", "sips:"].iter().filter_map(|scheme| Some(rest.find(scheme)? + scheme.len())).min() {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let ends = |c: char| c == '@' || c == '"' || c == '>' || c.is_whitespace();
        // Without a host it was cut off, or names a host alone: nobody can tell, so it is not shown.
        let end = rest.find(ends).unwrap_or(rest.len());
        plain.push('…');
        rest = &rest[end..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_may_hide_is_written_out() {
        for (text, plain) in [
            (r#"{"to":"\u002b1202\u0035550187"}"#, r#"{"to":"+12025550187"}"#),
            (r#"{"to":"1202\t555\n0187"}"#, r#"{"to":"1202 555 0187"}"#),
            (r#"a \"quoted\" word, \\ and é"#, r#"a \"quoted\" word, \\ and é"#),
            // Cut off, and half a pair: no character.
            (r"\u00", r"\u00"),
            (r"\ud83d\", r"\ud83d\"),
            (r"\é\u00é", r"\é\u00é"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }

    #[test]
    fn who_a_sip_address_names_is_left_out() {
        for (text, plain) in [
            (r#"{"to":"sip:ada@example.org"}"#, r#"{"to":"sip:…@example.org"}"#),
            ("<sips:a.b@h>;x, sip:c@h sip:cut", "<sips:…@h>;x, sip:…@h sip:…"),
            ("gossip and sips", "gossip and sips"),
        ] {
            assert_eq!(without_sip_names(text), plain);
        }
    }
}
