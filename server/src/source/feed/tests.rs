//! What is offered, waited for, counted and kept.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::telemetry::{Metrics, Value};
use app::domain::event::{HealthSample, Text};
use app::domain::outcome::{ComponentKind, Health};
use app::domain::{ComponentId, Data, EventId, SourceId};
use std::collections::VecDeque;
use std::sync::Mutex;

/// Answers in this order, then as the last.
#[derive(Clone)]
struct Scripted(Arc<Mutex<VecDeque<Result<Taken, NotTaken>>>>);

impl Scripted {
    fn says(answers: impl IntoIterator<Item = Result<Taken, NotTaken>>) -> Self {
        Self(Arc::new(Mutex::new(answers.into_iter().collect())))
    }
}

impl Target for Scripted {
    async fn offer(&self, _: &[Event]) -> Result<Taken, NotTaken> {
        let mut answers = self.0.lock().unwrap();
        let next = answers.pop_front().unwrap();
        if answers.is_empty() {
            answers.push_back(next.clone());
        }
        next
    }
}

fn feed(target: Scripted) -> Feed<Scripted> {
    let clock = Clock::by_hand(Moment::from_secs(1_000));
    Feed::unlisted(
        Identity { kind: "asterisk", name: "asterisk/a".into() },
        target,
        clock,
        CancellationToken::new(),
        Rejections::Logged,
    )
}

fn event() -> Event {
    let body = HealthSample {
        component: ComponentId::trusted("c"),
        kind: ComponentKind::DialerWorker,
        status: Health::Healthy,
        latency_ms: None,
        detail: None::<Text>,
        link: None,
    };
    let (id, source) = (EventId::trusted("1"), SourceId::trusted("s"));
    Event { id, source, time: Moment::from_secs(1_000), data: Data::HealthSample(body) }
}

fn later() -> Result<Taken, NotTaken> {
    Err(NotTaken::Later { why: "full".to_owned(), after: Some(Duration::from_millis(1)) })
}

fn lost() -> Result<Taken, NotTaken> {
    Err(NotTaken::Lost { why: "gone".to_owned(), after: Some(Duration::from_millis(1)) })
}

fn taken(accepted: u64, duplicate: u64, rejected: &[&str]) -> Taken {
    let rejected = rejected.iter().enumerate().map(|(at, why)| (at, (*why).to_owned())).collect();
    Taken { accepted, duplicate, rejected }
}

#[tokio::test]
async fn a_batch_is_offered_until_it_is_taken_and_counted_once() {
    let feed = feed(Scripted::says([later(), lost(), later(), Ok(taken(2, 1, &["time: of tomorrow"]))]));
    feed.hand_on(&[event()], Patience::WhileRunning).await.unwrap();
    let row = feed.row();
    assert_eq!((row.accepted, row.duplicate, row.rejected, row.waits), (2, 1, 1, 3));
    assert_eq!(row.last_rejections[0].why, "time: of tomorrow");
    assert_eq!(row.last_rejections[0].at, Moment::from_secs(1_000));
}

#[tokio::test]
async fn who_has_a_deadline_gives_up_then_and_at_once_where_all_is_lost() {
    let patience = Patience::For(Duration::from_secs(300));
    // To come back only then is too late already.
    let slow = Err(NotTaken::Later { why: "full".to_owned(), after: Some(Duration::from_secs(301)) });
    let late = feed(Scripted::says([slow])).hand_on(&[event()], patience).await.unwrap_err();
    assert_eq!(late.to_string(), "nothing was taken for 300 s: full");
    let gone = feed(Scripted::says([lost()])).hand_on(&[event()], patience).await;
    assert_eq!(gone, Err(GivenUp::Lost("gone".to_owned())));
    let never = feed(Scripted::says([Err(NotTaken::Never("no key".to_owned()))]));
    assert_eq!(never.hand_on(&[event()], Patience::WhileRunning).await, Err(GivenUp::Never("no key".to_owned())));
}

#[tokio::test]
async fn a_source_that_is_to_end_waits_no_longer() {
    let feed = feed(Scripted::says([later()]));
    feed.stop().cancel();
    assert_eq!(feed.hand_on(&[event()], Patience::WhileRunning).await, Err(GivenUp::Stopping));
}

#[tokio::test]
async fn what_is_told_anew_anyway_is_offered_once() {
    let feed = feed(Scripted::says([later()]));
    feed.hand_on_once(&[event(), event()], Duration::from_secs(5)).await.unwrap();
    let row = feed.row();
    assert_eq!((row.dropped, row.accepted, row.waits), (2, 0, 0));
}

#[test]
fn the_last_payloads_and_rejections_are_kept_and_shown_without_numbers() {
    let feeds = Feeds::default();
    let journal = feeds.add(Identity { kind: "http", name: "http".into() }, None);
    for n in 0..30 {
        journal.payload(Moment::from_secs(n), &format!("{{\"n\":{n},\"to\":\"+12025550187\"}}"));
        journal.rejected(Moment::from_secs(n), "data.to: `+12025550187` is no number", Some("{"));
    }
    let payloads = feeds.payloads("http").unwrap();
    assert_eq!((payloads.len(), payloads[1].at), (20, Moment::from_secs(29)));
    let row = feeds.rows().remove(0);
    assert_eq!((row.rejected, row.last_rejections.len()), (30, 20));
    assert_eq!(row.last_heard, Some(Moment::from_secs(29)));
    let told = format!("{payloads:?} {row:?}");
    assert!(!told.contains("5550187") && told.contains("\\\"n\\\":29"), "{told}");
    assert_eq!(feeds.payloads("other"), None);
    journal.payload(Moment::from_secs(31), &"é".repeat(5_000));
    assert_eq!(feeds.payloads("http").unwrap()[0].payload.chars().count(), 2_000);
}

#[test]
fn a_state_has_a_moment_from_which_it_holds() {
    let journal = Feeds::default().add(Identity { kind: "worker", name: "w".into() }, None);
    assert_eq!((journal.row().state, journal.row().since), ("starting", None));
    journal.is(State::Away("no connection".to_owned()), Moment::from_secs(1));
    journal.is(State::Away("no answer".to_owned()), Moment::from_secs(2));
    let row = journal.row();
    assert_eq!((row.state, row.why.as_deref(), row.since), ("away", Some("no answer"), Some(Moment::from_secs(1))));
}

/// Two of one kind have each figure under one name, by source: twice the same name would be no OpenMetrics.
#[test]
fn figures_of_several_sources_stand_under_one_name() {
    let (feeds, metrics) = (Feeds::default(), Metrics::default());
    for (name, n) in [("asterisk/a", 3), ("asterisk/b", 5)] {
        let own: Readings = Box::new(move |fed: Counted| {
            let by = vec![(vec![("endpoint", "x".to_owned())], n)];
            vec![
                Reading { name: "ringside_test_messages", help: "Read", value: Value::Counter(n + fed.accepted) },
                Reading {
                    name: "ringside_test_polls",
                    help: "Asked",
                    value: Value::CounterBy("outcome", vec![("ok", n)]),
                },
                Reading { name: "ringside_test_channels", help: "Seen", value: Value::Counters(by) },
            ]
        });
        feeds.add(Identity { kind: "asterisk", name: name.into() }, Some(own)).taken(n, 0);
    }
    metrics.watch(move || feeds.readings());
    let text = metrics.render().unwrap();
    assert_eq!(text.matches("# HELP ringside_source_events_accepted ").count(), 1, "{text}");
    for line in [
        "ringside_source_events_accepted_total{source=\"asterisk/a\"} 3\n",
        "ringside_source_events_accepted_total{source=\"asterisk/b\"} 5\n",
        "ringside_test_messages_total{source=\"asterisk/b\"} 10\n",
        "ringside_test_polls_total{source=\"asterisk/a\",outcome=\"ok\"} 3\n",
        "ringside_test_channels_total{source=\"asterisk/b\",endpoint=\"x\"} 5\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
