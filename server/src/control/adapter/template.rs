//! Method, address, headers and body of a request, as templates: `{{ campaign }}`, `{{ action }}` (pause, resume),
//! `{{ status }}` (paused, active), `{{ request }}`, `{{ at }}`, and in headers `{{ secret }}`; where a dialer has words of
//! its own, `{{ 0 if action == 'pause' else 1 }}`.
//!
//! What stands between the braces is escaped for where it stands: percent-encoded in an address or a form, as a JSON
//! value (quotes included) in a JSON body. So a campaign's id, which anybody who sends events can choose, never changes
//! what is asked. A name that there is not is an error at start. This is a strict part of Jinja: what is none of the
//! above is a syntax error, never sent as it stands.

use super::super::config::BodyKind;
use super::Order;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Everything but what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The templates of one dialer, by what they are for.
#[derive(Debug)]
pub(super) struct Templates {
    body: BodyKind,
    by_name: BTreeMap<String, Vec<Piece>>,
}

#[derive(Debug)]
enum Piece {
    AsItIs(String),
    Value(Expression),
}

/// What may stand between the braces.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Name(Name),
    Text(String),
    Number(i64),
    Either(Box<Either>),
}

/// `then if left == right else otherwise`.
#[derive(Debug, Clone, PartialEq)]
struct Either {
    then: Expression,
    left: Expression,
    right: Expression,
    wants_equal: bool,
    otherwise: Expression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Campaign,
    Action,
    Status,
    Request,
    At,
    Secret,
}

/// A value, not escaped yet.
#[derive(Debug, PartialEq)]
enum Value<'v> {
    Text(Cow<'v, str>),
    Number(i64),
}

/// How a value is written where it stands.
#[derive(Debug, Clone, Copy)]
enum Escape {
    Percent,
    Json,
    AsItIs,
}

impl Templates {
    pub const fn new(body: BodyKind) -> Self {
        Self { body, by_name: BTreeMap::new() }
    }

    /// # Errors
    /// If the template can't be read, or names what there is not.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        let pieces = pieces(source).map_err(|why| format!("`{name}`: {why}"))?;
        self.by_name.insert(name.to_owned(), pieces);
        Ok(())
    }

    /// # Errors
    /// If the template names a secret where there is none.
    pub fn render(&self, name: &str, order: &Order, secret: Option<&str>) -> Result<String, String> {
        let escape = self.escape(name);
        let mut text = String::new();
        for piece in self.by_name.get(name).ok_or_else(|| format!("`{name}`: no such template"))? {
            match piece {
                Piece::AsItIs(plain) => text.push_str(plain),
                Piece::Value(expression) => {
                    let value = expression.value(order, secret).map_err(|why| format!("`{name}`: {why}"))?;
                    escape.write(&mut text, &value);
                }
            }
        }
        Ok(text)
    }

    fn escape(&self, name: &str) -> Escape {
        match (name, self.body) {
            ("url", _) | ("body", BodyKind::Form) => Escape::Percent,
            ("body", BodyKind::Json) => Escape::Json,
            // Headers and the method, too.
            (_, BodyKind::Json | BodyKind::Form | BodyKind::Text) => Escape::AsItIs,
        }
    }
}

impl Escape {
    fn write(self, out: &mut String, value: &Value) {
        match (self, value) {
            (Self::Percent, Value::Text(text)) => out.extend(utf8_percent_encode(text, ESCAPED)),
            (Self::Json, Value::Text(text)) => out.push_str(&serde_json::Value::from(text.as_ref()).to_string()),
            (Self::AsItIs, Value::Text(text)) => out.push_str(text),
            // Digits and a sign are themselves everywhere. Writing into a string does not fail.
            (Self::Percent | Self::Json | Self::AsItIs, Value::Number(number)) => {
                let _ = write!(out, "{number}");
            }
        }
    }
}

impl Name {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "campaign" => Self::Campaign,
            "action" => Self::Action,
            "status" => Self::Status,
            "request" => Self::Request,
            "at" => Self::At,
            "secret" => Self::Secret,
            _ => return None,
        })
    }
}

impl Expression {
    fn value<'v>(&'v self, order: &'v Order, secret: Option<&'v str>) -> Result<Value<'v>, String> {
        let text = match self {
            Self::Number(number) => return Ok(Value::Number(*number)),
            Self::Either(either) => {
                let is_equal = either.left.value(order, secret)? == either.right.value(order, secret)?;
                let taken = if is_equal == either.wants_equal { &either.then } else { &either.otherwise };
                return taken.value(order, secret);
            }
            Self::Text(text) => Cow::Borrowed(text.as_str()),
            Self::Name(Name::Campaign) => Cow::Borrowed(order.campaign.as_str()),
            Self::Name(Name::Action) => Cow::Borrowed(order.action.word()),
            Self::Name(Name::Status) => Cow::Borrowed(order.action.wanted().word()),
            Self::Name(Name::Request) => Cow::Borrowed(order.request.as_str()),
            Self::Name(Name::At) => Cow::Owned(order.at.to_rfc3339()),
            Self::Name(Name::Secret) => Cow::Borrowed(secret.ok_or("undefined value: no `secret` stands here")?),
        };
        Ok(Value::Text(text))
    }
}

/// A template, read. What is wrong is told without what stands there: that may be a secret.
fn pieces(source: &str) -> Result<Vec<Piece>, String> {
    // As Jinja does: a file's last line end is none of the text.
    let mut rest = source.strip_suffix('\n').map_or(source, |text| text.strip_suffix('\r').unwrap_or(text));
    let mut pieces = Vec::new();
    while let Some(at) = rest.find("{{") {
        pieces.push(Piece::AsItIs(plain(&rest[..at])?));
        let (expression, after) = expression(&rest[at + 2..])?;
        let after = after.trim_start().strip_prefix("}}").ok_or("syntax error: `{{` without its `}}`")?;
        pieces.push(Piece::Value(expression));
        rest = after;
    }
    pieces.push(Piece::AsItIs(plain(rest)?));
    Ok(pieces)
}

/// Text outside of braces; statements and comments of Jinja were never meant to be sent.
fn plain(text: &str) -> Result<String, String> {
    if text.contains("{%") || text.contains("{#") {
        return Err("syntax error: `{%` and `{#` are not known here".to_owned());
    }
    Ok(text.to_owned())
}

/// The longest expression at the beginning of `text`, and what follows it.
fn expression(text: &str) -> Result<(Expression, &str), String> {
    let (then, rest) = operand(text)?;
    let Some(rest) = keyword(rest, "if") else { return Ok((then, rest)) };
    let (left, rest) = operand(rest)?;
    let rest = rest.trim_start();
    let (wants_equal, rest) = match (rest.strip_prefix("=="), rest.strip_prefix("!=")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err("syntax error: `if` compares by == or !=".to_owned()),
    };
    let (right, rest) = operand(rest)?;
    let rest = keyword(rest, "else").ok_or("syntax error: `if` without its `else`")?;
    let (otherwise, rest) = expression(rest)?;
    Ok((Expression::Either(Box::new(Either { then, left, right, wants_equal, otherwise })), rest))
}

/// A name, a whole number, or text in quotes without a backslash.
fn operand(text: &str) -> Result<(Expression, &str), String> {
    let text = text.trim_start();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (inner, rest) = text[1..].split_once(quote).ok_or("syntax error: a quote is never closed")?;
        let is_plain = !inner.contains('\\');
        return if is_plain {
            Ok((Expression::Text(inner.to_owned()), rest))
        } else {
            Err("syntax error: a backslash in quotes is not known here".to_owned())
        };
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if let Ok(number) = word.parse() {
        return Ok((Expression::Number(number), rest));
    }
    let could_be_a_name = !word.is_empty() && word.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
    match Name::read(word) {
        Some(name) => Ok((Expression::Name(name), rest)),
        None if could_be_a_name => {
            Err("undefined value: what there is: campaign, action, status, request, at, and in headers secret"
                .to_owned())
        }
        None => Err("syntax error: neither a name, nor a whole number, nor text in quotes".to_owned()),
    }
}

/// What follows `word`, if it stands there as a word of its own.
fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.trim_start().strip_prefix(word)?;
    rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '\'' | '"')).then_some(rest)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::control::Action;
    use app::domain::{CampaignId, Moment};
    use smol_str::SmolStr;

    fn rendered(body: BodyKind, place: &str, source: &str, secret: Option<&str>) -> Result<String, String> {
        let mut templates = Templates::new(body);
        templates.add(place, source)?;
        let (request, campaign) = (SmolStr::new_static("r-1"), CampaignId::trusted("a\"b/ü&'<"));
        let order = Order { request, campaign, action: Action::Pause, at: Moment::from_secs(0) };
        templates.render(place, &order, secret)
    }

    /// What the template engine that was here before wrote of the same.
    #[test]
    fn all_names_are_written_as_before_wherever_they_stand() {
        let all = "{{ campaign }} {{action}} {{ status}} {{request }} {{ at }}";
        for (body, place, written) in [
            (BodyKind::Form, "url", "a%22b%2F%C3%BC%26%27%3C pause paused r-1 1970-01-01T00%3A00%3A00Z"),
            (BodyKind::Form, "body", "a%22b%2F%C3%BC%26%27%3C pause paused r-1 1970-01-01T00%3A00%3A00Z"),
            (BodyKind::Json, "body", r#""a\"b/ü&'<" "pause" "paused" "r-1" "1970-01-01T00:00:00Z""#),
            (BodyKind::Text, "body", "a\"b/ü&'< pause paused r-1 1970-01-01T00:00:00Z"),
            (BodyKind::Json, "headers.x", "a\"b/ü&'< pause paused r-1 1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(rendered(body, place, all, None).unwrap(), written, "{body:?} {place}");
        }
        let kept = "  { a } }} {\n";
        assert_eq!(rendered(BodyKind::Text, "body", kept, None).unwrap(), "  { a } }} {");
        assert_eq!(rendered(BodyKind::Text, "body", "a\r\n\r\n", None).unwrap(), "a\r\n");
    }

    #[test]
    fn a_dialers_own_words_depend_on_what_is_asked() {
        for (source, written) in [
            ("{{ 0 if action == 'pause' else 1 }}", "0"),
            ("{{ \"N\" if action != \"pause\" else 'Y' }}", "\"Y\""),
            ("{{ 'x' if action=='resume' else campaign if status == 'active' else -7 }}", "-7"),
            ("{{ 'if' if 'a' == 'b' else status }}", "\"paused\""),
        ] {
            assert_eq!(rendered(BodyKind::Json, "body", source, None).unwrap(), written, "{source}");
        }
    }

    #[test]
    fn what_is_not_known_is_an_error_that_repeats_nothing() {
        for (source, words) in [
            ("{{ hunter2 }}", "undefined value"),
            ("{{ secret }}", "undefined value"),
            ("{{ 1 if action == 'pause' else hunter2 }}", "undefined value"),
            ("{{ 1 if action == 'pause' }}", "syntax error"),
            ("{{ 1 if action else 2 }}", "syntax error"),
            ("{{ campaign|hunter2 }}", "syntax error"),
            ("{{ campaign.hunter2 }}", "syntax error"),
            ("{{ hunter2-a }}", "syntax error"),
            ("{{ 'hunter2 }}", "syntax error"),
            ("{{ 'hunter2\\n' }}", "syntax error"),
            ("{{ }}", "syntax error"),
            ("{{", "syntax error"),
            ("{% if hunter2 %}", "syntax error"),
            ("{# hunter2 #}", "syntax error"),
        ] {
            let error = rendered(BodyKind::Text, "body", source, None).unwrap_err();
            assert!(error.starts_with(&format!("`body`: {words}")) && !error.contains("hunter2"), "{source}: {error}");
        }
        assert_eq!(rendered(BodyKind::Text, "headers.x", "Bearer {{ secret }}", Some("s")).unwrap(), "Bearer s");
    }
}
