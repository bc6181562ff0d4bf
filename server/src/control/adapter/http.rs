//! Any dialer with an HTTP interface, by templates (`[[control.http]]`).

use super::super::config::{BodyKind, Confirm, HttpTable, patience};
use super::super::machine::{DialerAnswer, Patience};
use super::outgoing::{Outgoing, checked, is_readable_on_its_way};
use super::sign::Signer;
use super::template::Templates;
use super::{Order, word_of};
use crate::kit::secret::{Secret, one_of};
use app::domain::control::Action;
use app::domain::{CampaignId, Moment};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode, Url};
use smol_str::SmolStr;

/// Where none is configured; of a template.
const BODY: &str = r#"{"request": {{ request }}, "campaign": {{ campaign }}, "action": {{ action }}, "at": {{ at }}}"#;

/// Campaigns that a body is tried with at start: a plain one, and those that would break out of what they stand in.
const SAMPLES: &[&str] = &["probe", "7", "a\"b", "\\", "\",\"x\":\"", "}{", "é\u{1}{{ secret }}"];

#[derive(Debug)]
pub struct HttpDialer {
    outgoing: Outgoing,
    templates: Templates,
    headers: Vec<(HeaderName, String)>,
    kind: BodyKind,
    secret: Option<Secret>,
    signer: Option<Signer>,
    confirm: Confirm,
    patience: Patience,
    /// The address as it is for a campaign without a surprise in its id: others must lead to the same place.
    pattern: Url,
}

impl HttpDialer {
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub fn new(table: &HttpTable) -> Result<Self, String> {
        let secret = one_of("secret", table.secret.as_ref(), table.secret_file.as_ref()).map_err(|e| e.to_string())?;
        let signing = one_of("signing_secret", table.signing_secret.as_ref(), table.signing_secret_file.as_ref())
            .map_err(|e| e.to_string())?;
        let patience = patience(table.answer_within_ms, table.confirm_within_ms)?;
        let mut templates = Templates::new(table.body_kind);
        templates.add("url", &table.url)?;
        templates.add("method", table.method.as_deref().unwrap_or("POST"))?;
        templates.add("body", table.body.as_deref().unwrap_or(BODY))?;
        let mut headers = Vec::new();
        for (name, value) in &table.headers {
            let header: HeaderName = name.parse().map_err(|_| format!("`headers.{name}`: is no header's name"))?;
            templates.add(&format!("headers.{header}"), value)?;
            headers.push((header, name.clone()));
        }
        let secrets = [&secret, &signing].into_iter().flatten().map(|s| s.reveal().to_owned()).collect();
        let probe = probe(Action::Pause);
        let dialer = Self {
            outgoing: Outgoing::new(patience.answer, table.ca_file.as_deref(), secrets)?,
            pattern: checked(&templates.render("url", &probe, None)?)?,
            templates,
            headers,
            kind: table.body_kind,
            signer: signing.as_ref().map(Signer::new).transpose()?,
            secret,
            confirm: table.confirm.unwrap_or(Confirm::Event),
            patience,
        };
        // A mistake in a template is known now, not when somebody taps the button.
        for action in [Action::Pause, Action::Resume] {
            dialer.request(&self::probe(action))?;
            dialer.check_body(action)?;
        }
        Ok(dialer)
    }

    pub const fn patience(&self) -> Patience {
        self.patience
    }

    pub fn is_readable_on_its_way(&self) -> bool {
        is_readable_on_its_way(&self.pattern)
    }

    pub async fn ask(&self, order: &Order) -> DialerAnswer {
        let request = match self.request(order) {
            Ok(request) => request,
            // Nothing left: this campaign can't be asked for.
            Err(why) => return DialerAnswer::NotReached(SmolStr::new(why)),
        };
        let heard = match self.outgoing.send(request).await {
            Ok(heard) => heard,
            Err(answer) => return answer,
        };
        match heard.status {
            StatusCode::ACCEPTED => DialerAnswer::Taken { note: None },
            status if status.is_success() => word_of(self.confirm),
            _ => self.outgoing.refused(&heard),
        }
    }

    /// # Errors
    /// If this campaign's id does not fit where a template puts it.
    fn request(&self, order: &Order) -> Result<Request, String> {
        let url = self.url(order)?;
        let method = self.templates.render("method", order, None)?;
        let method = match method.trim() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => return Err("`method`: is none of GET, POST, PUT, PATCH, DELETE".to_owned()),
        };
        let mut request = Request::new(method.clone(), url);
        let body = if method == Method::GET { String::new() } else { self.templates.render("body", order, None)? };
        let headers = request.headers_mut();
        if method != Method::GET {
            let kind = match self.kind {
                BodyKind::Json => "application/json",
                BodyKind::Form => "application/x-www-form-urlencoded",
                BodyKind::Text => "text/plain; charset=utf-8",
            };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let secret = self.secret.as_ref().map(Secret::reveal);
        for (header, name) in &self.headers {
            let value = self.templates.render(&format!("headers.{header}"), order, secret)?;
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| format!("`headers.{name}`: this campaign's id can't stand in a header"))?;
            value.set_sensitive(true);
            headers.insert(header.clone(), value);
        }
        // The request's id, so that a dialer that heard it twice can tell.
        let id = HeaderValue::from_str(&order.request).map_err(|e| e.to_string())?;
        headers.insert(HeaderName::from_static("idempotency-key"), id);
        if let Some(signer) = &self.signer {
            for (name, value) in signer.headers(&order.request, order.at, &body) {
                let value = HeaderValue::from_str(&value).map_err(|e| e.to_string())?;
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if method != Method::GET {
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }

    /// Whether a body that is told to be JSON is: of ids that anybody who sends events may choose, too.
    fn check_body(&self, action: Action) -> Result<(), String> {
        if self.kind != BodyKind::Json {
            return Ok(());
        }
        for campaign in SAMPLES {
            let order = Order { campaign: CampaignId::trusted(*campaign), ..probe(action) };
            let body = self.templates.render("body", &order, None)?;
            // Nothing at all is how one says that there is no body.
            if !body.trim().is_empty() {
                serde_json::from_str::<serde::de::IgnoredAny>(&body).map_err(|why| {
                    format!(
                        "`body`: is no JSON once its values stand in it: {why} (each brings its own quotes: {{{{ campaign }}}}, \
                         not \"{{{{ campaign }}}}\"; what is no JSON has its `body_kind`, form or text)"
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Only the configured address, whatever a campaign is called.
    fn url(&self, order: &Order) -> Result<Url, String> {
        let url = checked(&self.templates.render("url", order, None)?)?;
        let depth = |url: &Url| url.path_segments().map_or(0, Iterator::count);
        if url.origin() == self.pattern.origin() && depth(&url) == depth(&self.pattern) {
            Ok(url)
        } else {
            Err("`url`: this campaign's id would lead to another address".to_owned())
        }
    }
}

fn probe(action: Action) -> Order {
    let at = Moment::from_secs(0);
    Order { request: SmolStr::new_static("probe"), campaign: CampaignId::trusted("probe"), action, at }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(text: &str) -> HttpTable {
        toml::from_str(text).unwrap()
    }

    fn order(campaign: &str) -> Order {
        Order { campaign: CampaignId::trusted(campaign), ..probe(Action::Pause) }
    }

    fn body(request: &Request) -> &str {
        std::str::from_utf8(request.body().unwrap().as_bytes().unwrap()).unwrap()
    }

    #[test]
    fn whatever_a_campaign_is_called_only_the_configured_address_is_asked() {
        let dialer = HttpDialer::new(&table("url = \"https://dialer.example/c/{{ campaign }}/{{ action }}\"")).unwrap();
        let url = |campaign: &str| dialer.request(&order(campaign)).map(|r| r.url().to_string());
        assert_eq!(url("solar-west").unwrap(), "https://dialer.example/c/solar-west/pause");
        for odd in ["../../admin", "a/b", "x@evil.example", "a?b=c#d", "a\r\nb", "é {{ secret }}"] {
            let asked = url(odd).unwrap();
            assert!(asked.starts_with("https://dialer.example/c/") && asked.ends_with("/pause"), "{asked}");
            assert_eq!(asked.matches('/').count(), 5, "{asked}");
        }
        assert!(url("..").unwrap_err().contains("another address"));
        let host = HttpDialer::new(&table("url = \"https://{{ campaign }}.example/\"")).unwrap();
        assert!(host.request(&order("evil")).unwrap_err().contains("another address"));
    }

    #[test]
    fn a_body_is_escaped_for_what_it_is() {
        let json = HttpDialer::new(&table("url = \"https://d.example/\"")).unwrap();
        let request = json.request(&order("a\"b")).unwrap();
        let read: serde_json::Value = serde_json::from_str(body(&request)).unwrap();
        assert_eq!((&read["campaign"], &read["action"]), (&"a\"b".into(), &"pause".into()));
        let text = "url = \"https://d.example/\"\nbody_kind = \"form\"\nbody = \"c={{ campaign }}&on={{ 0 if action == 'pause' else 1 }}\"";
        let form = HttpDialer::new(&table(text)).unwrap();
        assert_eq!(body(&form.request(&order("a&b c")).unwrap()), "c=a%26b%20c&on=0");
    }

    /// A template that could be sent is not refused: empty ones, other kinds, and a request that has none.
    #[test]
    fn only_what_is_told_to_be_json_must_be() {
        for more in [
            "body = ''",
            "body = '{\"a\": {{ campaign }}, \"b\": [\"no {{ 1 if action == 'pause' else 2 }}\"]}'",
            "body_kind = \"text\"\nbody = '{\"by\":\"{{ request }}\"'",
            "body_kind = \"form\"\nbody = 'c={{ campaign }}'",
        ] {
            let more = more.replace("'pause'", "\"pause\"");
            let dialer = HttpDialer::new(&table(&format!("url = \"https://d.example/\"\n{more}")));
            assert!(dialer.is_ok(), "{more}: {dialer:?}");
        }
    }

    #[test]
    fn a_secret_goes_into_headers_only_and_is_not_printed() {
        let text = "url = \"https://d.example/\"\nsecret = \"tulip-bulb\"\nheaders = { Authorization = \"Bearer {{ secret }}\" }";
        let dialer = HttpDialer::new(&table(text)).unwrap();
        let request = dialer.request(&order("a")).unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer tulip-bulb");
        assert_eq!(request.headers()["idempotency-key"], "probe");
        assert!(!format!("{dialer:?} {request:?}").contains("tulip-bulb"));
        assert_eq!(dialer.outgoing.told("no such key: tulip-bulb\n"), "no such key: •••");
        let body = HttpDialer::new(&table(&format!("{text}\nbody = '{{{{ secret }}}}'"))).unwrap_err();
        assert!(body.contains("`body`") && body.contains("undefined"), "{body}");
    }

    #[test]
    fn what_the_manual_shows_is_what_a_dialer_is_asked() {
        let dialer = HttpDialer::new(&table("url = \"https://d.example/\"")).unwrap();
        let request = dialer.request(&order("solar-west")).unwrap();
        let members = |text: &str| -> Vec<(String, bool)> {
            let of: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
            of.into_iter().map(|(name, value)| (name, value.is_string())).collect()
        };
        assert_eq!(members(body(&request)), members(app::contract::ASKED));
        for header in
            app::contract::ASKED_HEADERS.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name)
        {
            assert!(request.headers().contains_key(header), "{header}");
        }
        assert!(include_str!("../../../docs/control.md").contains(app::contract::ASKED));
    }

    #[test]
    fn mistakes_are_known_at_start_and_named() {
        for (text, words) in [
            ("url = \"ftp://d.example/\"", "`url`: must begin with"),
            ("url = \"dialer\"", "`url`: no address"),
            ("url = \"https://u:p@d.example/\"", "`url`: holds a user"),
            ("url = \"https://d.example/{{ campain }}\"", "`url`: undefined value"),
            ("url = \"https://d.example/{{ campaign\"", "`url`: syntax error"),
            ("url = \"https://d.example/\"\nmethod = \"BREW\"", "`method`: is none of"),
            ("url = \"https://d.example/\"\nheaders = { \"a b\" = \"c\" }", "`headers.a b`: is no header's name"),
            ("url = \"https://d.example/\"\nanswer_within_ms = 5", "`answer_within_ms`: 5 is not"),
            ("url = \"https://d.example/\"\nsigning_secret = \"x\"", "`signing_secret`: must be"),
            ("url = \"https://d.example/\"\nbody = '{\"by\":\"{{ request }}\"}'", "`body`: is no JSON"),
            ("url = \"https://d.example/\"\nbody = '{\"a\":{{ at }},}'", "`body`: is no JSON"),
            ("url = \"https://d.example/\"\nbody = '{{ action }} {{ campaign }}'", "`body`: is no JSON"),
            // Of a number and a text, only one can be a member's name.
            (
                "url = \"https://d.example/\"\nbody = '{ {{ action if status == \"paused\" else 1 }}: 0}'",
                "`body`: is no JSON",
            ),
            ("url = \"https://d.example/\"\nca_file = \"/nonexistent\"", "`ca_file`: cannot read"),
        ] {
            let error = HttpDialer::new(&table(text)).map(|_| ()).unwrap_err();
            assert!(error.starts_with(words), "{text}: {error}");
        }
    }
}
