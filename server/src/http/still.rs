//! `/troubleshooting`, which only the server renders, and the form in which a month's cost is told.
//!
//! Owns their addresses and what they may be asked for. What they show is `app`'s; a cost goes the way of every event, under
//! the same rules.

use super::error::ApiError;
use super::events::answer::in_words;
use super::events::{note_costs, sender};
use super::first_run::clock;
use super::pages::{Pages, packed};
use super::query::audience_of;
use super::serve::Ends;
use super::{Api, access};
use crate::access::Access;
use crate::access::keys::{Keys, Scope};
use crate::access::policy::{Evidence, Shown as ShownKey, Who};
use crate::access::principal::Asker;
use crate::access::proxies::Client;
use crate::access::refused::Showed;
use crate::figures::history::trend_days;
use crate::ingest::Untaken;
use crate::kit::mask::safe;
use crate::live::frames::AnyFrame;
use crate::live::topic::View;
use crate::source::feed::{Feeds, SourceRow, State as SourceState};
use crate::store::read::Reader;
use app::domain::event::{Amount, CostUpdated, Currency, Month};
use app::domain::outcome::CostKind;
use app::domain::{Data, Event, EventId, Moment, SourceId};
use app::ui::pages::TROUBLESHOOTING;
use app::ui::pages::trend::{COSTS, CostForm, Key};
use app::ui::pages::troubleshooting::{ListedSource, NotTaken, Payloads, RefusedSender, Rejected, Said, Sources};
use app::ui::still::Shown;
use app::view::monitor::MonitorFrame;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Extension, Form, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use chrono_tz::Tz;
use leptos::context::provide_context;
use serde::Deserialize;

/// A cost's form: four short fields and a key.
const MAX_FORM_BYTES: usize = 8 * 1024;

#[derive(Debug, Clone)]
struct Still<R> {
    api: Api<R>,
    pages: Pages,
}

pub fn still_router<R: Reader>(api: Api<R>, pages: Pages) -> Router {
    let back = || async { Redirect::to("/trend#costs") };
    let routes = Router::new()
        .route(COSTS, get(back).post(costs::<R>))
        .route(TROUBLESHOOTING.path, get(troubleshooting::<R>))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .with_state(Still { api, pages });
    packed(routes)
}

/// With the monitor's frame of the last tick: which campaigns have which problem.
async fn troubleshooting<R: Reader>(State(still): State<Still<R>>, request: Request<Body>) -> Response {
    let audience = audience_of(request.extensions());
    let frame = match still.api.live.view(View::Monitor, audience).await {
        Ok(Ok(AnyFrame::Monitor(frame))) => Ok(frame),
        Ok(_) | Err(_) => Err("no figures yet".to_owned()),
    };
    let shown: Shown<MonitorFrame> = Shown { frame, now: still.now() };
    let zone = still.api.history.zone;
    let not_taken = |one: crate::ingest::Rejected| NotTaken {
        when: clock(one.at, zone),
        times: one.times,
        of: match one.what {
            Untaken::Event => ("event", "events"),
            Untaken::Body => ("body", "bodies"),
            Untaken::Request => ("request", "requests"),
            Untaken::Misspelt | Untaken::Unknown => ("time", "times"),
        },
        why: one.why,
    };
    let rejections = still.api.ingest.rejections();
    let list = |all: Vec<crate::ingest::Rejected>| all.into_iter().map(not_taken).collect();
    let senders = refused_senders(&still.api.access, access::is_known_here(&still.api.access, &request), zone);
    let rejected = Rejected { last: list(rejections.last()), ignored: list(rejections.ignored()), senders };
    let sources = listed_sources(&still.api.feeds, may_read_payloads(&still.api.access, &request), zone);
    let provide = move || {
        provide_context(shown.clone());
        provide_context(rejected.clone());
        provide_context(sources.clone());
    };
    still.pages.clone().render(request, StatusCode::OK, provide).await
}

/// Whether who reads the page may read what sources said, as `/api/v1/sources/payloads` lets them.
fn may_read_payloads(access: &Access, request: &Request<Body>) -> bool {
    let ends = request.extensions().get::<Ends>().copied();
    let shown = access::evidence(access, request.headers(), ends, None);
    access.policy().decide(Who::Controller, shown).is_ok()
}

/// What is listened to, as the page lists it.
fn listed_sources(feeds: &Feeds, may_read_payloads: bool, zone: Tz) -> Sources {
    let said = |at: Moment, text: String| Said { when: clock(at, zone), text };
    let listed = |row: SourceRow| {
        let state = match (row.state, row.why) {
            (state, _) if state == SourceState::Starting.word() => "not heard yet".to_owned(),
            (state, None) => state.to_owned(),
            (state, Some(why)) => format!("{state}: {why}"),
        };
        let no = row.last_rejections.into_iter().next().into_iter().chain(row.last_refusal).max_by_key(|no| no.at);
        let payloads = if may_read_payloads {
            let last = feeds.payloads(&row.name).unwrap_or_default();
            Payloads::Shown(last.into_iter().map(|one| said(one.at, one.payload)).collect())
        } else {
            Payloads::NotYours
        };
        ListedSource {
            kind: row.kind.to_owned(),
            state,
            since: row.since.map(|at| clock(at, zone)),
            heard: row.last_heard.map(|at| clock(at, zone)),
            taken: row.accepted + row.duplicate,
            rejected: row.rejected,
            refused: row.refused,
            last_no: no.map(|no| said(no.at, no.why)),
            payloads,
            name: row.name,
        }
    };
    Sources(feeds.rows().into_iter().map(listed).collect())
}

/// Who was turned away for want of a key. A stranger learns how often that was, as `/metrics` has it, and neither from where
/// nor anything of a key.
fn refused_senders(access: &Access, is_known_here: bool, zone: Tz) -> Vec<RefusedSender> {
    let mut rows: Vec<RefusedSender> = Vec::new();
    for one in access.refused_senders.last() {
        let showed = match (&one.showed, is_known_here) {
            (Showed::Nothing, _) => "without a key".to_owned(),
            (Showed::Unknown(begins), true) if !begins.is_empty() => {
                format!("with a key that is not known here; it begins with {begins}…")
            }
            (Showed::Unknown(_), _) => "with a key that is not known here".to_owned(),
            (Showed::Lacking(key), true) => format!("with the key “{key}”, which lacks the scope ingest"),
            (Showed::Lacking(_), false) => "with a key that lacks the scope ingest".to_owned(),
        };
        let from = is_known_here.then_some(one.network);
        match rows.iter_mut().find(|row| row.showed == showed && row.from == from) {
            Some(row) => row.times += one.times,
            None => rows.push(RefusedSender { when: clock(one.at, zone), times: one.times, from, showed }),
        }
    }
    rows
}

/// The form in which a cost is told, before anything was.
pub fn cost_form(keys: &Keys) -> CostForm {
    let key = match (keys.any(Scope::Costs), keys.any(Scope::Ingest)) {
        (true, _) => Key::OfCosts,
        (false, true) => Key::Asked,
        (false, false) => Key::NotAsked,
    };
    CostForm { key, ..CostForm::default() }
}

impl<R: Reader> Still<R> {
    fn now(&self) -> Moment {
        self.api.history.clock.now()
    }

    /// Sends the cost the way of every event.
    async fn tell(&self, entry: &CostEntry, asker: Asker) -> Result<(), String> {
        let (now, told) = (self.now(), entry.read()?);
        let words = in_words(&told);
        let event = Event {
            id: EventId::trusted(format!("{}-{}-{}", entry.month, entry.kind, now.micros())),
            source: SourceId::trusted(COSTS),
            time: now,
            data: Data::CostUpdated(told),
        };
        let receipt =
            self.api.feed.submit_items(vec![event.into()]).await.map_err(|why| ApiError::from(why).detail())?;
        if let Some((_, why)) = receipt.rejected.first() {
            return Err(why.to_string());
        }
        note_costs(&self.api, asker, &[words]).await;
        Ok(())
    }
}

/// The form's fields, as they were typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CostEntry {
    month: String,
    kind: String,
    amount: String,
    currency: String,
    key: String,
    /// Where the reader was.
    days: String,
    role: String,
}

impl CostEntry {
    /// What was typed, as an event has it.
    ///
    /// # Errors
    /// Names the field that can't be read, and says why.
    fn read(&self) -> Result<CostUpdated, String> {
        let wrong = |field: &'static str| move |why: &'static str| format!("{field}: {why}");
        Ok(CostUpdated {
            month: Month::new(self.month.trim().to_owned()).map_err(wrong("month"))?,
            amount: Amount::new(self.amount.trim().to_owned()).map_err(wrong("amount"))?,
            currency: Currency::new(self.currency.trim().to_ascii_uppercase()).map_err(wrong("currency"))?,
            kind: CostKind::from_word(&self.kind).ok_or_else(|| wrong("kind")("telephony or infrastructure"))?,
        })
    }
}

async fn costs<R: Reader>(
    State(still): State<Still<R>>,
    Extension(client): Extension<Client>,
    uri: Uri,
    extensions: Extensions,
    headers: HeaderMap,
    form: Result<Form<CostEntry>, FormRejection>,
) -> Response {
    let (entry, told) = match form {
        Err(rejection) => (CostEntry::default(), Err((rejection.status(), safe(&rejection.body_text())))),
        Ok(Form(entry)) => {
            let told = match allowed(&still.api, &headers, &extensions, &entry, client) {
                Ok(asker) => {
                    let told = still.tell(&entry, asker).await.map_err(|why| (StatusCode::UNPROCESSABLE_ENTITY, why));
                    still.api.history.costs_were_told().await;
                    told
                }
                Err(error) => Err((error.status(), error.detail())),
            };
            (entry, told)
        }
    };
    // Where the reader was, to lead back there.
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let days = trend_days(&entry.days).map(|days| days.to_string()).unwrap_or_default();
    let place = [("days", days.as_str()), ("role", entry.role.as_str())];
    let place: String =
        place.iter().filter(|(_, value)| plain(value)).map(|(name, value)| format!("{name}={value}&")).collect();
    match told {
        Ok(()) => {
            // It was read as a month and a kind: nothing in them needs quoting.
            Redirect::to(&format!("/trend?{place}told={}.{}#costs", entry.month.trim(), entry.kind)).into_response()
        }
        Err((status, why)) => {
            let fields = [entry.month, entry.kind, entry.amount, entry.currency];
            let form = CostForm { refused: Some(why), fields, ..cost_form(&still.api.keys) };
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = format!("{}?{place}", uri.path()).parse().unwrap_or(uri);
            still.pages.clone().render(request, status, move || provide_context(form.clone())).await
        }
    }
}

/// Whether this form may tell a cost: the rules of every event, and only from a page of this very server. A form of another
/// site reaches a server on this machine without the browser asking first, as it would for JSON.
fn allowed<R: Reader>(
    api: &Api<R>,
    headers: &HeaderMap,
    extensions: &Extensions,
    entry: &CostEntry,
    client: Client,
) -> Result<Asker, ApiError> {
    if !from_our_page(headers) {
        return Err(ApiError::Forbidden("costs are taken only from this server’s own page".to_owned()));
    }
    if entry.key.is_empty() {
        return sender(extensions).map(|principal| principal.asker(client));
    }
    // The door saw no form: this key stands for one in the header.
    let bearer = ShownKey::of(Some(entry.key.trim()), &api.access.keys);
    let shown = Evidence { bearer, ..access::evidence(&api.access, headers, None, None) };
    Ok(access::decide(&api.access, Who::Bookkeeper, shown, client)?.asker(client))
}

/// Browsers always say which page a form was sent from.
fn from_our_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    match text(ORIGIN) {
        None => true,
        Some(origin) => origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(HOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_may_send_the_form() {
        let ours = |pairs: &[(axum::http::HeaderName, &'static str)]| {
            from_our_page(&pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect())
        };
        assert!(ours(&[(HOST, "127.0.0.1:8080"), (ORIGIN, "http://127.0.0.1:8080")]));
        assert!(ours(&[(HOST, "floor.example"), (ORIGIN, "https://floor.example")]));
        assert!(ours(&[(HOST, "127.0.0.1:8080")]), "no browser");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:8081", "http://127.0.0.1:8080.evil.example"] {
            assert!(!ours(&[(HOST, "127.0.0.1:8080"), (ORIGIN, origin)]), "{origin}");
        }
    }
}
