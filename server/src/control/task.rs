//! The one task of control: people's requests in, orders out to dialers, the dialers' words in, time.
//!
//! A request is in the audit log before anything leaves for the dialer, and before it is acknowledged. Everything that
//! happens afterwards is true already: where it can't be written at once, it waits, and is written later.

use super::adapter::{Adapter, Dialers, Order};
use super::machine::{AskOutcome, DialerAnswer, Effect, Machine, Word};
use super::memory::{Keyed, KnownKeys, recall};
use super::request::Request;
use super::{Ask, AskError, ControlCounters, ControlOrder, ControlReceipt, Outcome, Parts};
use crate::audit::entry::{Draft, Step};
use crate::board::campaign_state::{CampaignState, Heard};
use crate::clock::Clock;
use crate::kit::rate::{ASKING, TokenBuckets};
use crate::live::LiveHandle;
use crate::store::StoreError;
use crate::store::audit_log::AuditLog;
use app::domain::control::{Action, Controls, Phase};
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often the dialers' words and the calls that drain are looked at: the live state's tick.
const LOOK: Duration = Duration::from_millis(250);
/// Orders on their way to dialers at once, over all campaigns: a dialer's web server is a small one.
const ORDERS: usize = 8;
/// Steps that wait for the audit log at most; beyond it the oldest are lost, and said so in the log.
const UNWRITTEN: usize = 10_000;

/// What came of an order.
struct Answered {
    campaign: CampaignId,
    request: SmolStr,
    answer: DialerAnswer,
}

pub(super) struct Task {
    dialers: Dialers,
    audit: Arc<dyn AuditLog>,
    live: LiveHandle,
    clock: Clock,
    told: watch::Sender<Arc<Controls>>,
    last: watch::Sender<Arc<Controls>>,
    counters: Arc<ControlCounters>,
    machines: BTreeMap<CampaignId, Machine>,
    keys: KnownKeys,
    limits: TokenBuckets,
    unwritten: VecDeque<Draft>,
    answers: (mpsc::UnboundedSender<Answered>, mpsc::UnboundedReceiver<Answered>),
    orders: Arc<Semaphore>,
    /// Names this run's requests.
    run: i64,
    requests: u64,
}

impl Task {
    pub async fn new(
        parts: Parts,
        last: watch::Sender<Arc<Controls>>,
        counters: Arc<ControlCounters>,
    ) -> Result<Self, StoreError> {
        let Parts { dialers, audit, live, clock, told } = parts;
        let now = clock.now();
        let (machines, keys) = recall(&*audit, &dialers, now).await?;
        let head = audit.head().await?;
        tracing::info!(entries = head.entries, head = head.hash, "the audit log goes on");
        let mut task = Self {
            dialers,
            audit,
            live,
            clock,
            told,
            last,
            counters,
            machines,
            keys,
            limits: TokenBuckets::new(ASKING),
            unwritten: VecDeque::new(),
            // At most one for each order under way, and those are bounded by the campaigns.
            answers: mpsc::unbounded_channel(),
            orders: Arc::new(Semaphore::new(ORDERS)),
            run: now.millis(),
            requests: 0,
        };
        let unknown: Vec<Draft> = task
            .machines
            .iter()
            .filter_map(|(campaign, machine)| {
                let request = machine.newest().filter(|request| request.phase == Phase::Unknown)?;
                Some(draft(now, campaign, request, Step::Unknown, machine.word().map(|word| word.status)))
            })
            .collect();
        for draft in &unknown {
            let campaign = task.live.veil().id(draft.campaign.as_str());
            tracing::warn!(request = %draft.request, %campaign, action = draft.action.map(Action::word),
                "was under way when the server stopped: what became of it is not known");
        }
        task.unwritten.extend(unknown);
        task.write().await;
        task.tell();
        Ok(task)
    }

    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>, stop: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                ask = asks.recv() => match ask {
                    Some(Ask { wanted, reply }) => {
                        let told = self.ask(wanted).await;
                        // Who asked may have gone; it is asked all the same.
                        let _ = reply.send(told);
                    }
                    None => break,
                },
                Some(answered) = self.answers.1.recv() => self.answered(answered).await,
                _ = look.tick() => self.look().await,
            }
            self.tell();
        }
        self.write().await;
    }

    async fn ask(&mut self, wanted: ControlOrder) -> Result<ControlReceipt, AskError> {
        let now = self.clock.now();
        if let Some(key) = &wanted.idempotency_key
            && let Some(keyed) = self.keys.find(&wanted.who, key)
        {
            if keyed.campaign != wanted.campaign || keyed.action != wanted.action {
                return Err(AskError::KeyReused);
            }
            let request = Some(keyed.request.clone());
            return Ok(self.telling(now, &wanted.campaign, request, Outcome::Replayed));
        }
        self.limits.take(&wanted.who, now).map_err(|wait| {
            self.counters.limited.add(1);
            AskError::TooMany(wait)
        })?;
        let state = self.state_of(&wanted.campaign).await?;
        if state.status.is_some_and(|(status, _)| status == CampaignStatus::Ended) {
            return Err(AskError::Ended);
        }
        let adapter = self.dialers.of(&wanted.campaign).cloned().ok_or(AskError::NoDialer)?;
        // Nothing has happened until it is written down: on a copy.
        let known = self.machines.get(&wanted.campaign);
        let mut machine = known.cloned().unwrap_or_else(|| Machine::new(adapter.patience()));
        let mut effects = state.status.map(|(status, at)| machine.hear(now, Word { status, at })).unwrap_or_default();
        let id = format_smolstr!("{:x}-{}", self.run, self.requests + 1);
        let request = Request::new(id, wanted.action, wanted.who.clone(), wanted.from.clone(), now);
        let (asked, asking) = machine.ask(request);
        effects.extend(asking);
        let drafts = drafts(now, &wanted.campaign, &effects, wanted.idempotency_key.as_ref());
        self.append(drafts).await.map_err(AskError::NoAudit)?;
        self.machines.insert(wanted.campaign.clone(), machine);
        self.requests += 1;
        match asked {
            AskOutcome::Requested => self.counters.requests.add(1),
            AskOutcome::Same | AskOutcome::Already => self.counters.repeated.add(1),
        };
        self.count(&effects);
        self.send(&wanted.campaign, &adapter, &effects, now);
        let request = effects.iter().rev().find_map(|effect| match effect {
            Effect::Note { request, .. } => Some(request.id.clone()),
            Effect::Send { .. } => None,
        });
        if let (Some(key), Some(request)) = (&wanted.idempotency_key, &request) {
            let keyed = Keyed { campaign: wanted.campaign.clone(), action: wanted.action, request: request.clone() };
            self.keys.put(&wanted.who, key, keyed);
        }
        Ok(self.telling(now, &wanted.campaign, request, asked.into()))
    }

    /// How a campaign stands; one that nothing was ever heard of is none.
    async fn state_of(&self, campaign: &CampaignId) -> Result<CampaignState, AskError> {
        let asked = vec![(campaign.clone(), None)];
        let mut states = self.live.campaign_states(asked).await.map_err(|_| AskError::Stopping)?;
        let state = states.pop().unwrap_or_default();
        let known =
            state.heard == Heard::Something || self.dialers.names(campaign) || self.machines.contains_key(campaign);
        if known { Ok(state) } else { Err(AskError::NoCampaign(campaign.clone())) }
    }

    fn telling(&self, now: Moment, campaign: &CampaignId, request: Option<SmolStr>, result: Outcome) -> ControlReceipt {
        let machine = self.machines.get(campaign);
        ControlReceipt {
            as_of: now,
            request,
            result,
            control: machine.and_then(|machine| machine.last(now)),
            status: machine.and_then(|machine| machine.word()).map(|word| word.status),
        }
    }

    async fn answered(&mut self, answered: Answered) {
        let Answered { campaign, request, answer } = answered;
        let now = self.clock.now();
        let shown = self.live.veil().id(campaign.as_str());
        tracing::info!(%request, campaign = %shown, ?answer, "the dialer answered");
        let Some(machine) = self.machines.get_mut(&campaign) else { return };
        let effects = machine.answer(now, &request, &answer);
        self.follow(now, &campaign, effects).await;
    }

    /// Listens for the dialers' words, counts what drains, and lets time pass, where that matters.
    async fn look(&mut self) {
        self.write().await;
        let now = self.clock.now();
        let busy = self.machines.iter().filter(|(_, machine)| machine.is_busy(now));
        let asked: Vec<_> = busy.map(|(campaign, machine)| (campaign.clone(), machine.drains_before())).collect();
        if asked.is_empty() {
            return;
        }
        let Ok(states) = self.live.campaign_states(asked.clone()).await else { return };
        for ((campaign, drains_before), state) in asked.into_iter().zip(states) {
            let Some(machine) = self.machines.get_mut(&campaign) else { continue };
            let mut effects = Vec::new();
            if let Some((status, at)) = state.status {
                effects.extend(machine.hear(now, Word { status, at }));
            }
            let counted = machine.drains_before().is_some() && machine.drains_before() == drains_before;
            effects.extend(machine.tick(now, state.draining.filter(|_| counted)));
            self.follow(now, &campaign, effects).await;
        }
    }

    /// Does what follows from what has happened.
    async fn follow(&mut self, now: Moment, campaign: &CampaignId, effects: Vec<Effect>) {
        if effects.is_empty() {
            return;
        }
        self.count(&effects);
        self.unwritten.extend(drafts(now, campaign, &effects, None));
        self.write().await;
        if let Some(adapter) = self.dialers.of(campaign).cloned() {
            self.send(campaign, &adapter, &effects, now);
        }
    }

    fn send(&self, campaign: &CampaignId, adapter: &Arc<Adapter>, effects: &[Effect], now: Moment) {
        for effect in effects {
            let Effect::Send { request, action } = effect else { continue };
            self.counters.orders.add(1);
            let order = Order { request: request.clone(), campaign: campaign.clone(), action: *action, at: now };
            let (adapter, answers, orders) = (adapter.clone(), self.answers.0.clone(), self.orders.clone());
            tokio::spawn(async move {
                let turn = Duration::from_millis(adapter.patience().answer.as_millis().unsigned_abs());
                let answer = match tokio::time::timeout(turn, orders.acquire()).await {
                    Ok(_place) => adapter.ask(&order).await,
                    Err(_) => DialerAnswer::NotReached(SmolStr::new_static(
                        "too many other requests are on their way to dialers",
                    )),
                };
                // Nobody listens any more only when the server stops.
                let _ = answers.send(Answered { campaign: order.campaign, request: order.request, answer });
            });
        }
    }

    fn count(&self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Note { step, .. } = effect else { continue };
            let counter = match step {
                Step::Confirmed => &self.counters.confirmed,
                Step::Refused => &self.counters.refused,
                Step::TimedOut => &self.counters.timed_out,
                Step::Asked
                | Step::Repeated
                | Step::Already
                | Step::Overtaken
                | Step::Done
                | Step::Unknown
                | Step::Overruled
                | Step::Changed => continue,
            };
            counter.add(1);
        }
    }

    /// Writes what must be there before anything is done; what waited goes first.
    async fn append(&mut self, drafts: Vec<Draft>) -> Result<(), StoreError> {
        let mut all: Vec<Draft> = self.unwritten.iter().cloned().collect();
        all.extend(drafts);
        self.audit.append(&all).await?;
        self.unwritten.clear();
        Ok(())
    }

    /// Writes what waits; what can't be written waits on.
    async fn write(&mut self) {
        while self.unwritten.len() > UNWRITTEN {
            if let Some(lost) = self.unwritten.pop_front() {
                tracing::error!(request = %lost.request, step = lost.step.word(), "a step is lost to the audit log");
            }
        }
        if !self.unwritten.is_empty()
            && let Err(error) = self.append(Vec::new()).await
        {
            tracing::error!(%error, waiting = self.unwritten.len(), "the audit log can't be written");
        }
        self.counters.unwritten.set(self.unwritten.len() as u64);
    }

    fn tell(&self) {
        let now = self.clock.now();
        let all = |tell: fn(&Machine, Moment) -> Option<app::domain::Control>| -> Controls {
            let told = |(campaign, machine): (&CampaignId, &Machine)| Some((campaign.clone(), tell(machine, now)?));
            self.machines.iter().filter_map(told).collect()
        };
        for (to, controls) in [(&self.told, all(Machine::control)), (&self.last, all(Machine::last))] {
            to.send_if_modified(|before| {
                let changed = **before != controls;
                if changed {
                    *before = Arc::new(controls);
                }
                changed
            });
        }
    }
}

/// The notes among effects, as entries to be.
fn drafts(now: Moment, campaign: &CampaignId, effects: &[Effect], key: Option<&SmolStr>) -> Vec<Draft> {
    let note = |effect: &Effect| match effect {
        Effect::Note { request, step, after } => {
            let mut draft = draft(now, campaign, request, *step, *after);
            let came_with_it = matches!(step, Step::Asked | Step::Repeated | Step::Already);
            draft.idempotency_key = key.filter(|_| came_with_it).cloned();
            Some(draft)
        }
        Effect::Send { .. } => None,
    };
    effects.iter().filter_map(note).collect()
}

fn draft(now: Moment, campaign: &CampaignId, request: &Request, step: Step, after: Option<CampaignStatus>) -> Draft {
    Draft {
        at: if step == Step::Confirmed { request.confirmed_at.unwrap_or(now) } else { now },
        step,
        request: request.id.clone(),
        campaign: campaign.clone(),
        action: Some(request.action),
        who: request.by.clone(),
        from: request.from.clone(),
        asked_at: request.asked_at,
        before: request.before,
        after,
        why: request.why.clone(),
        idempotency_key: None,
        what: None,
    }
}
