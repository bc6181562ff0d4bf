//! Method, address, headers and body of a request, as templates: `{{ campaign }}`, `{{ action }}` (pause, resume),
//! `{{ status }}` (paused, active), `{{ request }}`, `{{ at }}`, and in headers `{{ secret }}`.
//!
//! What stands between the braces is escaped for where it stands: percent-encoded in an address or a form, as a JSON
//! value (quotes included) in a JSON body. So a campaign's id, which anybody who sends events can choose, never changes
//! what is asked. A name that there is not is an error at start.

use super::super::config::BodyKind;
use super::Order;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, escape_formatter};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

/// Everything but what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PERCENT: &str = "percent";

/// The templates of one dialer, by what they are for.
#[derive(Debug)]
pub(super) struct Templates(Environment<'static>);

impl Templates {
    pub fn new(body: BodyKind) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(move |name| match (name, body) {
            ("url", _) | ("body", BodyKind::Form) => AutoEscape::Custom(PERCENT.into()),
            ("body", BodyKind::Json) => AutoEscape::Json,
            _ => AutoEscape::None,
        });
        environment.set_formatter(|out, state, value| match state.auto_escape() {
            AutoEscape::Custom(_) => {
                let text = value.to_string();
                out.write_str(&utf8_percent_encode(&text, ESCAPED).to_string())
                    .map_err(|_| minijinja::Error::new(ErrorKind::WriteFailure, "out of room"))
            }
            _ => escape_formatter(out, state, value),
        });
        Self(environment)
    }

    /// # Errors
    /// If the template can't be read.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        self.0.add_template_owned(name.to_owned(), source.to_owned()).map_err(|e| explain(name, &e))
    }

    /// # Errors
    /// If the template names what there is not.
    pub fn render(&self, name: &str, order: &Order, secret: Option<&str>) -> Result<String, String> {
        let mut names: BTreeMap<&'static str, Value> = BTreeMap::from([
            ("campaign", order.campaign.as_str().into()),
            ("action", order.action.word().into()),
            ("status", order.action.wanted().word().into()),
            ("request", order.request.as_str().into()),
            ("at", order.at.to_rfc3339().into()),
        ]);
        names.extend(secret.map(|secret| ("secret", secret.into())));
        let template = self.0.get_template(name).map_err(|e| explain(name, &e))?;
        template.render(Value::from(names)).map_err(|e| explain(name, &e))
    }
}

/// Without what the template or its values hold.
fn explain(name: &str, error: &minijinja::Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("`{name}`: {}{detail}", error.kind())
}
