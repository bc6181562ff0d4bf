//! Runs the floor by the clock: the only place of the simulator that reads one.
//!
//! It opens the floor a little in the past and catches up, so that the last hour is there within seconds; then it goes
//! on in short steps. Once it has caught up, the demo's longer past is filed beside it ([`super::past`]), giving way to the
//! live floor. Events go by a [`Feed`]: into the server's own ingest, or to another server's API ([`super::client`]).

use super::past::filing::Filing;
use super::past::{Extent, marks};
use super::plan::{FloorPlan, Hours};
use super::scenario::{Scenario, ScenarioBoard, Switch};
use super::squash::squash;
use super::switches::DialSwitches;
use super::world::World;
use crate::audit::entry::Draft;
use crate::source::feed::{Feed, GivenUp, Identity, Patience, State, Target, WayIn};
use crate::store::StoreError;
use crate::store::read::{CallQuery, Reader};
use app::domain::control::Action;
use app::domain::{CampaignId, Event, Moment, Span};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Between two looks at the clock.
const STEP: Duration = Duration::from_millis(250);
/// A floor that is behind catches up so much at a time, and tells each call at once.
const STRIDE: Span = Span::minutes(2);
/// From so near on it does so in one stride, whose events go together: what they tell is then of the past or of now, and
/// never of a floor that seems to have stopped minutes ago. A stride more than what the live state takes for the past.
const LAST_STRIDE: Span = Span::minutes(8);
/// Farther behind than this is catching up.
const BEHIND: Span = Span::secs(20);
/// A floor that was stopped for longer (a laptop asleep) does not make up for the time: it opens anew.
const TOO_FAR: Span = Span::hours(3);
/// Events in a batch: a fraction of what the server queues, so that others get through between two of them, and more than
/// the last stride has.
const BATCH: usize = 12_000;
/// How long a shut floor waits for its last batch.
const PATIENCE: Duration = Duration::from_secs(2);

/// What it is called among the sources.
pub const DEMO: Identity = Identity { kind: "simulator", name: Cow::Borrowed("simulator") };

/// The demo floor, into this server's own ingest, until the server stops. Give `Past::None` in `opening` where the
/// store already holds a past.
pub async fn demo(way_in: WayIn, opening: Opening, hands: Hands) {
    let feed = way_in.open(DEMO, None);
    let start = opening.start(now());
    let (live, pace) = watch::channel(Pace::CatchesUp);
    let floor = Floor { feed: &feed };
    let past = async {
        let Some(extent) = opening.extent(start) else { return Ok(()) };
        let filing = Filing { floor: &floor, telling: &hands.telling, pace };
        filing.file(opening.seed, opening.plan(), extent).await
    };
    match tokio::try_join!(floor.live(opening, start, &hands, &live), past) {
        Ok(((), ())) => {
            feed.is(State::Ended(None));
            tracing::info!(events = feed.row().accepted, "the simulated floor is shut");
        }
        Err(why) => {
            feed.is(State::Ended(Some(why.to_string())));
            tracing::warn!(%why, "the simulated floor ended");
        }
    }
}

/// What people turn while the floor runs, and what they are told of it.
#[derive(Debug, Clone, Default)]
pub struct Hands {
    pub scenarios: ScenarioBoard,
    pub dialers: DialSwitches,
    pub telling: Telling,
}

/// How much of the floor's past has been told. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Telling(Arc<TellingDays>);

#[derive(Debug, Default)]
struct TellingDays {
    days: AtomicU64,
    told: AtomicU64,
}

impl Telling {
    /// Days told, of how many; none of none where there is no past to tell.
    #[must_use]
    pub fn days(&self) -> (u64, u64) {
        (self.0.told.load(Ordering::Relaxed), self.0.days.load(Ordering::Relaxed))
    }

    pub(super) fn begins(&self, days: i64) {
        self.0.days.store(days.unsigned_abs(), Ordering::Relaxed);
    }

    /// The whole days behind which the past is told: the newest come first.
    pub(super) fn has_told(&self, days: u64) {
        self.0.told.store(days.min(self.days().1), Ordering::Relaxed);
    }
}

/// How the floor opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opening {
    pub seed: u64,
    /// How many times the demo floor's seven calls a second.
    pub factor: f64,
    pub hours: Hours,
    /// How long before now it opens, caught up with at once; less than three hours.
    pub lead: Span,
    pub past: Past,
}

/// Calls looked at for when a store's floor stopped: the latest filed, of which one is about the last.
const NEWEST: usize = 1_000;

impl Opening {
    /// On a store that knows its floor already it goes on where that stopped, and makes no second past.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn going_on(self, store: &impl Reader, now: Moment) -> Result<Self, StoreError> {
        let newest = CallQuery { limit: NEWEST, ..CallQuery::default() };
        let known = store.calls(&newest).await?;
        let Some(last) = known.iter().filter_map(|filed| filed.call.start()).max() else { return Ok(self) };
        Ok(Self { lead: now.since(last).min(self.lead), past: Past::None, ..self })
    }

    /// What was done about the incidents of the past that a floor opening now has, for the audit log.
    #[must_use]
    pub fn marks(&self, now: Moment) -> Vec<Draft> {
        self.extent(self.start(now)).map_or_else(Vec::new, |extent| marks(&self.plan(), extent))
    }

    /// The past of a floor that opens at `opens`.
    fn extent(&self, opens: Moment) -> Option<Extent> {
        match self.past {
            Past::Made { days, calls_days, zone } => {
                Some(Extent { until: opens - Span::days(calls_days), opens, days: days - calls_days, zone })
            }
            Past::None => None,
        }
    }

    fn plan(&self) -> FloorPlan {
        let plan = FloorPlan::scaled(self.factor);
        match self.hours {
            Hours::Always => plan,
            Hours::ByTheClock => plan.by_the_clock(PAST_DAYS),
        }
    }

    /// When the floor opens: with a step of the sums that are kept, so that its past ends there.
    fn start(&self, now: Moment) -> Moment {
        (now - self.lead).floor(Span::minutes(5))
    }
}

/// Whether the floor has a longer past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// So many days before the opening, as the site's zone has them; of the last of them the calls, of the others the sums.
    Made {
        days: i64,
        calls_days: i64,
        zone: Tz,
    },
    None,
}

/// Days of the demo floor's past.
const PAST_DAYS: i64 = 30;

/// How the demo floor opens: the last 70 minutes and so many days call by call, and what else there is of 30 days as sums.
#[must_use]
pub const fn demo_opening(zone: Tz, calls_days: i64) -> Opening {
    Opening {
        seed: 2026,
        factor: 1.0,
        hours: Hours::ByTheClock,
        lead: Span::minutes(70),
        past: Past::Made { days: PAST_DAYS, calls_days, zone },
    }
}

/// Runs a floor without a longer past until its feed stops, or until nothing is taken any more.
///
/// # Errors
/// The reason why nothing is taken any more.
pub async fn run<T: Target>(feed: &Feed<T>, opening: Opening, hands: &Hands) -> Result<(), GivenUp> {
    let (live, _) = watch::channel(Pace::CatchesUp);
    Floor { feed }.live(opening, opening.start(now()), hands, &live).await
}

/// How the live floor is to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    CatchesUp,
    KeepsUp,
}

pub(super) struct Floor<'a, T> {
    pub feed: &'a Feed<T>,
}

impl<T: Target> Floor<'_, T> {
    async fn live(
        &self,
        opening: Opening,
        start: Moment,
        hands: &Hands,
        pace: &watch::Sender<Pace>,
    ) -> Result<(), GivenUp> {
        let mut world = World::new(opening.seed, opening.plan(), start);
        let mut on = BTreeSet::new();
        let mut paused = BTreeSet::new();
        let mut steps = tokio::time::interval(STEP);
        steps.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.feed.stop().is_cancelled() {
            let clock = now();
            if clock - world.now() > TOO_FAR {
                world = World::new(opening.seed, opening.plan(), clock);
                on.clear();
                paused.clear();
            }
            let behind = clock - world.now() > BEHIND;
            if !behind {
                // What goes wrong goes wrong now, not in the time that is caught up with.
                turn_switches(&mut world, &mut on, &hands.scenarios.on());
                turn_dialers(&mut world, &mut paused, hands.dialers.paused());
            }
            let stride = if clock - world.now() > LAST_STRIDE { world.now() + STRIDE } else { clock };
            let to = stride.min(clock);
            let events = world.advance(to);
            let events = if behind { squash(events) } else { events };
            pace.send_replace(if behind { Pace::CatchesUp } else { Pace::KeepsUp });
            for batch in events.chunks(BATCH) {
                self.send(batch).await?;
            }
            if !behind {
                tokio::select! {
                    _ = steps.tick() => {}
                    () = self.feed.stop().cancelled() => {}
                }
            }
        }
        Ok(())
    }

    /// Hands a batch on; a shut floor waits a little for its last.
    pub(super) async fn send(&self, events: &[Event]) -> Result<(), GivenUp> {
        let stop = self.feed.stop();
        if let Some(Ok(payload)) = events.first().map(serde_json::to_string) {
            self.feed.heard_payload(&payload);
        }
        let handed = tokio::select! {
            handed = self.feed.hand_on(events, Patience::WhileRunning) => handed,
            () = async { stop.cancelled().await; tokio::time::sleep(PATIENCE).await } => return Ok(()),
        };
        match handed {
            Ok(_) => Ok(()),
            Err(_) if stop.is_cancelled() => Ok(()),
            Err(why) => Err(why),
        }
    }
}

fn turn_switches(world: &mut World, on: &mut BTreeSet<Scenario>, wanted: &BTreeSet<Scenario>) {
    let at = world.now();
    for &scenario in wanted.difference(on) {
        world.set(scenario, Switch::On, at);
    }
    for &scenario in on.difference(wanted) {
        world.set(scenario, Switch::Off, at);
    }
    on.clone_from(wanted);
}

fn turn_dialers(world: &mut World, paused: &mut BTreeSet<CampaignId>, wanted: BTreeSet<CampaignId>) {
    let at = world.now();
    for campaign in wanted.difference(paused) {
        world.turn(campaign, Action::Pause, at);
    }
    for campaign in paused.difference(&wanted) {
        world.turn(campaign, Action::Resume, at);
    }
    *paused = wanted;
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::source::feed::{NotTaken, Rejections, Taken};
    use app::domain::outcome::{CampaignStatus, Direction};
    use app::domain::{Call, Data};
    use std::sync::Mutex;
    use tokio_util::sync::CancellationToken;

    fn feed<T>(target: T, shut: &CancellationToken) -> Feed<T> {
        Feed::unlisted(DEMO, target, Clock::system(), shut.clone(), Rejections::Logged)
    }

    /// Refuses every third batch, and shuts the floor once it has enough.
    struct Grudging {
        taken: Mutex<Vec<Event>>,
        asked: AtomicU64,
        shut: CancellationToken,
        enough: usize,
    }

    impl Target for Grudging {
        async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
            if self.asked.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
                return Err(NotTaken::Later { why: "full".to_owned(), after: Some(Duration::from_millis(1)) });
            }
            let mut taken = self.taken.lock().unwrap();
            taken.extend_from_slice(events);
            if taken.len() > self.enough {
                self.shut.cancel();
            }
            Ok(Taken { accepted: events.len() as u64, ..Taken::default() })
        }
    }

    const OPENING: Opening = demo_opening(Tz::UTC, 0);

    #[test]
    fn of_the_last_days_of_the_past_calls_are_made_and_of_the_others_sums() {
        let opens = Moment::from_secs(1_700_000_000);
        for calls_days in [0, 1, 3] {
            let extent = demo_opening(Tz::UTC, calls_days).extent(opens).unwrap();
            assert_eq!((extent.opens - extent.until, extent.opens), (Span::days(calls_days), opens));
            assert_eq!(extent.days, PAST_DAYS - calls_days, "no day is told twice");
        }
    }

    #[tokio::test]
    async fn what_is_refused_comes_again_and_nothing_is_told_twice() {
        let shut = CancellationToken::new();
        let sink = Grudging { taken: Mutex::default(), asked: AtomicU64::new(0), shut: shut.clone(), enough: 20_000 };
        let feed = feed(sink, &shut);
        let before = now();
        run(&feed, OPENING, &Hands::default()).await.unwrap();
        let taken = feed.target().taken.lock().unwrap();
        assert!(feed.row().waits > 0);
        assert_eq!(feed.row().accepted, taken.len() as u64);
        let ids: std::collections::HashSet<&str> = taken.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids.len(), taken.len(), "nothing is told twice");
        assert!(taken.iter().all(|e| e.time > before - OPENING.lead - Span::minutes(6)));
    }

    /// Pauses a campaign once it dials, and shuts the floor two seconds after the floor says that it is paused.
    struct Pausing {
        hands: Hands,
        campaign: CampaignId,
        paused: Mutex<Option<Moment>>,
        dialled_since: AtomicU64,
        shut: CancellationToken,
    }

    impl Target for Pausing {
        async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
            let mut paused = self.paused.lock().unwrap();
            for event in events {
                if let Data::CampaignUpdated(body) = &event.data
                    && body.campaign == self.campaign
                {
                    *paused = (body.status == Some(CampaignStatus::Paused)).then_some(event.time);
                }
                if let Data::CallStarted(body) = &event.data
                    && body.campaign.as_ref() == Some(&self.campaign)
                {
                    if paused.is_none() {
                        self.hands.dialers.turn(&self.campaign, Action::Pause);
                    } else if body.direction == Direction::Outbound {
                        self.dialled_since.fetch_add(1, Ordering::Relaxed);
                    }
                }
                if paused.is_some_and(|at| event.time > at + Span::secs(2)) {
                    self.shut.cancel();
                }
            }
            Ok(Taken { accepted: events.len() as u64, ..Taken::default() })
        }
    }

    #[tokio::test]
    async fn a_hand_on_the_switch_stops_a_campaigns_dialing() {
        let (hands, shut) = (Hands::default(), CancellationToken::new());
        let campaign = FloorPlan::demo().campaigns[0].id.clone();
        let sink = Pausing {
            hands: hands.clone(),
            campaign,
            paused: Mutex::default(),
            dialled_since: AtomicU64::new(0),
            shut: shut.clone(),
        };
        let opening = Opening { lead: Span::secs(10), hours: Hours::Always, ..OPENING };
        let feed = feed(sink, &shut);
        run(&feed, opening, &hands).await.unwrap();
        assert!(feed.target().paused.lock().unwrap().is_some());
        assert_eq!(feed.target().dialled_since.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_sink_that_never_takes_anything_ends_it() {
        struct Shut;
        impl Target for Shut {
            async fn offer(&self, _: &[Event]) -> Result<Taken, NotTaken> {
                Err(NotTaken::Never("no such key".to_owned()))
            }
        }
        let hands = Hands::default();
        let ended = run(&feed(Shut, &CancellationToken::new()), OPENING, &hands).await;
        assert_eq!(ended, Err(GivenUp::Never("no such key".to_owned())));
    }

    #[test]
    fn a_folded_stretch_tells_the_same_calls() {
        let start = Moment::from_secs(1_795_000_000);
        let mut world = World::new(4, FloorPlan::demo(), start);
        let merged = |events: &[Event]| {
            let mut calls: std::collections::HashMap<_, Call> = std::collections::HashMap::new();
            for (name, told) in events.iter().filter_map(Call::told_by) {
                calls.entry(name).or_default().merge(&told);
            }
            calls
        };
        let events: Vec<Event> = (1..=4).flat_map(|n| world.advance(start + Span::minutes(2 * n))).collect();
        let folded: Vec<Event> = {
            let mut world = World::new(4, FloorPlan::demo(), start);
            (1..=4).flat_map(|n| squash(world.advance(start + Span::minutes(2 * n)))).collect()
        };
        assert!(folded.len() * 2 < events.len(), "{} of {}", folded.len(), events.len());
        let (once, at_once) = (merged(&events), merged(&folded));
        assert_eq!(once.len(), at_once.len());
        for (name, call) in &once {
            let other = &at_once[name];
            assert_eq!(call.moments().collect::<Vec<_>>(), other.moments().collect::<Vec<_>>(), "{name:?}");
            assert_eq!(call.outcome.get(), other.outcome.get());
            assert_eq!(call.sip_code.get(), other.sip_code.get());
            assert_eq!(call.agent.get(), other.agent.get());
            assert_eq!(call.wrap_ms.get(), other.wrap_ms.get());
            assert_eq!(call.right_party.get(), other.right_party.get());
        }
    }
}
