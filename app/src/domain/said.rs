//! What a reader of JSON or TOML says of a value, in the words of who wrote it: `expected f64` is no help to him.
//!
//! # Source
//! The messages are serde's (`serde::de::Error`); what is not one of them stays as it is.

/// "invalid type: string \"x\", expected u32" as "must be a whole number, not negative; it is the text \"x\"".
#[must_use]
pub fn in_words(message: &str) -> String {
    let found = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((what, expected)) = found.and_then(|rest| rest.rsplit_once(", expected ")) {
        return format!("must be {}; it is {}", expected_words(expected), found_words(what));
    }
    if let Some((word, known)) = message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once('`')) {
        // "…, expected one of `a`, `b`", or "…, expected `a` or `b`": every second piece between backticks is a word.
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        return format!("`{word}` is none of {}", known.join(", "));
    }
    message.to_owned()
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" | "bool" => "true or false",
        "a string" | "a borrowed string" | "str" | "string" => "a text",
        "a map" => "an object",
        "a sequence" => "a list",
        other if other.starts_with("struct ") || other.starts_with("internally tagged") => "an object",
        other
            if other.starts_with("enum ")
                || other == "variant identifier"
                || other.starts_with("map with a single key") =>
        {
            "one of its words, as a text"
        }
        other => other,
    }
}

fn found_words(found: &str) -> String {
    let value = |kind: &str| found.strip_prefix(kind).map(str::trim);
    let bare = |value: &str| value.trim_matches('`').to_owned();
    if let Some(text) = value("string ") {
        return format!("the text {text}");
    }
    if let Some(number) = value("integer ").or_else(|| value("floating point ")).or_else(|| value("boolean ")) {
        return bare(number);
    }
    match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit" | "unit value" | "null" | "Option value" => "null".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readers_words_become_the_writers() {
        for (said, words) in [
            ("invalid type: string \"x\", expected f64", "must be a number; it is the text \"x\""),
            ("invalid value: integer `-1`, expected u32", "must be a whole number, not negative; it is -1"),
            ("invalid type: map, expected a string", "must be a text; it is an object"),
            ("invalid type: null, expected a boolean", "must be true or false; it is null"),
            ("invalid type: floating point `1.5`, expected u64", "must be a whole number, not negative; it is 1.5"),
            ("unknown variant `out`, expected `outbound` or `inbound`", "`out` is none of outbound, inbound"),
            ("unknown variant `x`, expected one of `a`, `b`, `c`", "`x` is none of a, b, c"),
            ("longer than 2048 bytes", "longer than 2048 bytes"),
        ] {
            assert_eq!(in_words(said), words);
        }
    }
}
