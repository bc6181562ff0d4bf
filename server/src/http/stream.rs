//! `GET /api/v1/stream`: server-sent events.
//!
//! A viewer's body is the shared bytes of its topic, packed where it takes that, after a snapshot or the deltas it missed.
//! Who falls behind gets a fresh snapshot; who leaves is counted out by a guard. Streams end with `bye` when the server
//! stops, so that they never hold up a shutdown.
//!
//! # Source
//! WHATWG HTML, "Server-sent events".

use super::coding::{accepted, accepts};
use super::error::ApiError;
use crate::access::clients::{Clients, Held};
use crate::access::limits::Limit;
use crate::access::proxies::Client;
use crate::figures::history::{DEFAULT_TREND_DAYS, trend_days};
use crate::live::hub::{HubCounters, MAX_TOPICS, NoFrame, NotLetIn, Subscription};
use crate::live::topic::{Cadence, Topic, View};
use crate::live::wire::{Coding, Wire};
use crate::live::{LiveHandle, Stopped};
use app::domain::{Audience, CampaignId, CampaignScope};
use app::view::PanelId;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, LazyLock};
use tokio::sync::broadcast::error::RecvError;

/// Clients wait this long before they come back.
static RETRY: LazyLock<Wire> = LazyLock::new(|| b"retry: 1000\n\n".to_vec().into());
static BYE: LazyLock<Wire> = LazyLock::new(|| b"event: bye\ndata: {}\n\n".to_vec().into());

#[derive(Debug, Default)]
pub struct StreamQuery {
    pub view: Option<String>,
    pub every: Option<String>,
    pub panel: Option<String>,
    /// Where some are asked for: those of them that who asks may see.
    pub campaigns: Option<CampaignScope>,
    pub days: Option<String>,
    /// For clients that make a new `EventSource`, which can't set the header.
    pub last_event_id: Option<String>,
    /// What who asks may see.
    pub asker: Audience,
}

/// Why a stream was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    #[error("view: `{0}` is none; there are: live, monitor, daily, trend")]
    View(String),
    #[error("{0}: the {1} view can't be narrowed by it")]
    NotOfView(&'static str, &'static str),
    #[error("days: `{0}` is none; there are: 7, 30, 90")]
    Days(String),
    #[error("every: `{0}` is none; there are: 250ms, 1s, 5s, 10s, 20s, 30s, 60s")]
    Every(String),
    #[error("panel: `{0}` is none; there are: channels, routes, abandon, connect, dids, agents, pdd, infra")]
    Panel(String),
    #[error("campaign: {0}")]
    Campaign(String),
    #[error("campaign: this view is of one campaign, or of all")]
    OneOrAll,
    #[error("{MAX_TOPICS} different streams are being watched already; try again later, or watch one that others do")]
    TooManyTopics,
    #[error("there is no campaign `{0}`")]
    NoCampaign(String),
    #[error("this view is not made yet; try again later")]
    NotYet,
    #[error("the server is stopping")]
    Stopping,
}

impl From<Stopped> for StreamError {
    fn from(_: Stopped) -> Self {
        Self::Stopping
    }
}

impl StreamError {
    /// Why there is no frame of a view.
    #[must_use]
    pub fn no_frame(why: NoFrame, view: &View, audience: &Audience) -> Self {
        match (why, view) {
            (NoFrame::NotOfThese, _) => Self::OneOrAll,
            (NoFrame::NotThere, View::Campaign(id)) => Self::NoCampaign(id.to_string()),
            (NoFrame::NotThere, View::Live { .. }) => match &audience.scope {
                CampaignScope::All => Self::NotYet,
                CampaignScope::Of(campaigns) => {
                    Self::NoCampaign(campaigns.first().map(ToString::to_string).unwrap_or_default())
                }
            },
            (NoFrame::NotThere, View::Monitor | View::Daily | View::Trend { .. }) => Self::NotYet,
        }
    }
}

impl StreamQuery {
    /// # Errors
    /// Names the member that is none of the contract's.
    pub fn topic(&self) -> Result<Topic, StreamError> {
        let every = match self.every.as_deref() {
            None => Cadence::default(),
            Some(word) => Cadence::from_word(word).ok_or_else(|| StreamError::Every(word.to_owned()))?,
        };
        let panel = match self.panel.as_deref() {
            None => None,
            Some(word) => Some(PanelId::from_word(word).ok_or_else(|| StreamError::Panel(word.to_owned()))?),
        };
        let days = match self.days.as_deref() {
            None => None,
            Some(text) => Some(trend_days(text).ok_or_else(|| StreamError::Days(text.to_owned()))?),
        };
        let view = match self.view.as_deref() {
            None | Some("live") => {
                self.has_no("live", &["days"])?;
                View::Live { panel }
            }
            Some("monitor") => {
                self.has_no("monitor", &["panel", "days"])?;
                match &self.campaigns {
                    None => View::Monitor,
                    Some(campaigns) => View::Campaign(only(campaigns).ok_or(StreamError::OneOrAll)?.clone()),
                }
            }
            Some("daily") => {
                self.has_no("daily", &["panel", "campaign", "days"])?;
                View::Daily
            }
            Some("trend") => {
                self.has_no("trend", &["panel", "campaign"])?;
                View::Trend { days: days.unwrap_or(DEFAULT_TREND_DAYS) }
            }
            Some(other) => return Err(StreamError::View(other.to_owned())),
        };
        let audience = match &self.campaigns {
            None => self.asker.clone(),
            Some(campaigns) => self.asker.narrowed(campaigns),
        };
        Ok(Topic { view, every, audience })
    }

    /// What narrows one view may have no meaning in another; then it is refused rather than left out.
    fn has_no(&self, view: &'static str, stray: &[&'static str]) -> Result<(), StreamError> {
        let given =
            [("panel", self.panel.is_some()), ("campaign", self.campaigns.is_some()), ("days", self.days.is_some())];
        match given.iter().find(|(name, is_given)| *is_given && stray.contains(name)) {
            Some((name, _)) => Err(StreamError::NotOfView(name, view)),
            None => Ok(()),
        }
    }
}

/// The one campaign of a scope.
fn only(scope: &CampaignScope) -> Option<&CampaignId> {
    match scope {
        CampaignScope::All => None,
        CampaignScope::Of(campaigns) => campaigns.first().filter(|_| campaigns.len() == 1),
    }
}

/// Answers with the stream.
///
/// # Errors
/// If the query names what there is not, or there are too many viewers.
pub async fn stream(
    live: LiveHandle,
    query: StreamQuery,
    headers: &HeaderMap,
    clients: &Arc<Clients>,
    client: Client,
) -> Result<Response, ApiError> {
    let topic = query.topic()?;
    let header = headers.get("last-event-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let held = clients.watch(client, topic.to_string())?;
    let viewer = Viewer::enter(live.counters(), held, clients.limits().viewers)
        .ok_or_else(|| clients.reached(Limit::Viewers, client))?;
    let last = header.or(query.last_event_id);
    let subscription = live.subscribe(topic.clone(), last).await.map_err(StreamError::from)?;
    let subscription = subscription.map_err(|why| match why {
        NotLetIn::TooManyTopics => StreamError::TooManyTopics,
        NotLetIn::NoFrame(why) => StreamError::no_frame(why, &topic.view, &topic.audience),
        NotLetIn::Ended => StreamError::Stopping,
    })?;
    let coding = if accepts(accepted(headers), "gzip") { Coding::Gzip } else { Coding::Plain };
    let body = Body::from_stream(events(live, topic, subscription, coding, viewer));
    let mut response = body.into_response();
    if coding == Coding::Gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let set = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (header::VARY, "accept-encoding"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn events(
    live: LiveHandle,
    topic: Topic,
    subscription: Subscription,
    coding: Coding,
    viewer: Viewer,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    async_stream::stream! {
        let viewer = viewer;
        let Subscription { first, mut rest } = subscription;
        if !coding.head().is_empty() {
            yield Ok(Bytes::from_static(coding.head()));
        }
        yield Ok(RETRY.coded(coding));
        for event in first {
            yield Ok(event.coded(coding));
        }
        loop {
            match rest.next().await {
                Ok(event) => yield Ok(event.coded(coding)),
                Err(RecvError::Closed) => break,
                Err(RecvError::Lagged(_)) => {
                    viewer.counters.skipped.add(1);
                    match live.subscribe(topic.clone(), None).await {
                        Ok(Ok(Subscription { first, rest: fresh })) => {
                            rest = fresh;
                            for event in first {
                                yield Ok(event.coded(coding));
                            }
                        }
                        Ok(Err(_)) | Err(Stopped) => break,
                    }
                }
            }
        }
        yield Ok(BYE.coded(coding));
    }
}

/// Counts a viewer in, and out however it leaves.
#[derive(Debug)]
struct Viewer {
    counters: Arc<HubCounters>,
    _of_client: Held,
}

impl Viewer {
    fn enter(counters: &Arc<HubCounters>, of_client: Held, most: u32) -> Option<Self> {
        let viewer = Self { counters: counters.clone(), _of_client: of_client };
        if counters.viewers.enter() < u64::from(most) {
            return Some(viewer);
        }
        counters.refused.add(1);
        None
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.counters.viewers.leave();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_viewers_and_for_another_when_one_leaves() {
        let (counters, clients) = (Arc::<HubCounters>::default(), Arc::new(Clients::new(Default::default())));
        let enter = || Viewer::enter(&counters, clients.watch(Client::NONE, "live".to_owned()).unwrap(), 1);
        let first = enter();
        assert!(first.is_some() && enter().is_none());
        drop(first);
        assert!(enter().is_some());
        assert_eq!((counters.viewers.get(), counters.refused.get()), (0, 1));
    }

    fn asked(pairs: &[(&str, &str)]) -> Result<Topic, StreamError> {
        let text = |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let query = StreamQuery {
            view: text("view"),
            every: text("every"),
            panel: text("panel"),
            campaigns: text("campaign").map(|ids| ids.split(',').map(CampaignId::trusted).collect()),
            days: text("days"),
            last_event_id: None,
            asker: Audience::default(),
        };
        query.topic()
    }

    #[test]
    fn each_view_takes_what_narrows_it_and_refuses_the_rest_by_name() {
        let all = Topic { view: View::LIVE, every: Cadence::S10, audience: Audience::default() };
        assert_eq!(asked(&[]).unwrap(), all);
        assert_eq!(asked(&[("view", "trend"), ("days", "7")]).unwrap().view, View::Trend { days: 7 });
        assert_eq!(asked(&[("view", "monitor")]).unwrap().view, View::Monitor);
        let one = View::Campaign(CampaignId::trusted("c"));
        assert_eq!(asked(&[("view", "monitor"), ("campaign", "c")]).unwrap().view, one);
        let two = asked(&[("campaign", "a,b")]).unwrap();
        assert_ne!(two.audience, all.audience, "what is cut is another audience's");
        assert_eq!(asked(&[("view", "monitor"), ("campaign", "a,b")]).unwrap_err(), StreamError::OneOrAll);
        assert_eq!(asked(&[("view", "daily"), ("every", "60s")]).unwrap().every, Cadence::S60);
        assert_eq!(asked(&[("days", "7")]).unwrap_err(), StreamError::NotOfView("days", "live"));
        assert_eq!(
            asked(&[("view", "daily"), ("panel", "pdd")]).unwrap_err(),
            StreamError::NotOfView("panel", "daily")
        );
        assert_eq!(asked(&[("view", "x")]).unwrap_err(), StreamError::View("x".into()));
        assert_eq!(asked(&[("view", "trend"), ("days", "x")]).unwrap_err(), StreamError::Days("x".into()));
    }
}
