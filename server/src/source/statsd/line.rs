//! One line of a StatsD packet: `name:value|type`, with `|@rate` of a sampled counter; `|#tags`, which some add, say nothing
//! here.

/// What a line does with the value that its name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Set,
    /// A gauge with a sign: by so much more or less.
    Moved,
    /// So many more since the last.
    Counted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line<'l> {
    pub name: &'l str,
    pub kind: Kind,
    /// Finite. Of a sampled counter what all would have been.
    pub value: f64,
}

/// # Errors
/// Why it can't be read, or is not taken.
pub(super) fn read(text: &str) -> Result<Line<'_>, String> {
    let wrong = || "a line is no `name:value|type`".to_owned();
    let (name, rest) = text.split_once(':').ok_or_else(wrong)?;
    let mut parts = rest.split('|');
    let (told, kind) = (parts.next().ok_or_else(wrong)?, parts.next().ok_or_else(wrong)?);
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    let value = number(told).ok_or_else(|| format!("`{name}`: `{told}` is no number"))?;
    let mut rate = 1.0;
    for part in parts {
        if let Some(text) = part.strip_prefix('@') {
            let share = number(text).filter(|rate| *rate > 0.0 && *rate <= 1.0);
            rate = share.ok_or_else(|| format!("`{name}`: the rate `{part}` is not above 0 and at most 1"))?;
        }
    }
    let line = |kind, value| Ok(Line { name, kind, value });
    match kind {
        "g" if told.starts_with(['+', '-']) => line(Kind::Moved, value),
        "g" => line(Kind::Set, value),
        "c" => line(Kind::Counted, value / rate),
        other => Err(format!("`{name}`: the type `{other}` is not taken: gauges (g) and counters (c) are")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_and_counters_are_read_as_statsd_has_them() {
        let line = |name, kind, value| Ok(Line { name, kind, value });
        for (text, expected) in [
            ("media-1.cpu:0.42|g", line("media-1.cpu", Kind::Set, 0.42)),
            ("media-1.cpu:+0.1|g", line("media-1.cpu", Kind::Moved, 0.1)),
            ("media-1.cpu:-0.1|g|#env:eu", line("media-1.cpu", Kind::Moved, -0.1)),
            ("media-1.net_in:1500|c", line("media-1.net_in", Kind::Counted, 1_500.0)),
            ("media-1.net_in:15|c|@0.1", line("media-1.net_in", Kind::Counted, 150.0)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        for (text, words) in [
            ("media-1.cpu", "a line is no `name:value|type`"),
            ("media-1.cpu:1", "a line is no"),
            ("media-1.cpu:many|g", "`media-1.cpu`: `many` is no number"),
            ("media-1.cpu:NaN|g", "`media-1.cpu`: `NaN` is no number"),
            ("media-1.cpu:inf|g", "`media-1.cpu`: `inf` is no number"),
            ("media-1.cpu:1|c|@0", "`media-1.cpu`: the rate `@0` is not above 0"),
            ("media-1.cpu:1|c|@2", "`media-1.cpu`: the rate `@2` is not"),
            ("media-1.answer:320|ms", "`media-1.answer`: the type `ms` is not taken"),
        ] {
            assert!(read(text).is_err_and(|why| why.starts_with(words)), "{text}");
        }
    }
}
