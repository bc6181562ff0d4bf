//! Which known word was probably meant.

/// Words at least this alike (0 to 1) are offered.
const ALIKE: f64 = 0.5;

#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    known
        .iter()
        .map(|k| (strsim::normalized_damerau_levenshtein(&word, &k.to_ascii_lowercase()), *k))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(alike, _)| *alike >= ALIKE)
        .map(|(_, k)| k)
}

/// `; did you mean …?`, or which words there are.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match (nearest(word, known), known) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, []) => "; no key is known here".to_owned(),
        (None, [only]) => format!("; the only key here is `{only}`"),
        (None, known) => format!("; known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word_and_nonsense_does_not() {
        let known = ["listen", "database", "zone"];
        assert_eq!(nearest("databse", &known), Some("database"));
        assert_eq!(nearest("LISTNE", &known), Some("listen"));
        assert_eq!(nearest("qqqq", &known), None);
        assert_eq!(did_you_mean("qqqq", &known), "; known here: listen, database, zone");
    }
}
