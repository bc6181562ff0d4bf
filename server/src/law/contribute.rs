//! The law: which facts a call adds, and when. Everything that is counted of calls is decided in this file.
//!
//! Pure: a call as merged and the [`Judgement`] it was judged with give the same contributions for ever, so that what a
//! call added can be taken back exactly when it changes. It reads no clock: [`next_change`] names the instant at which
//! time alone will alter a call, and the writer judges it again then (`server/src/ingest`). What codes and words mean
//! is in `app::domain::outcome`; whose sums the facts join is in `keys`.
//!
//! # Source
//! kpis.md, "The facts". Abandonment: 16 CFR 310.4(b)(1)(iv) and (b)(4); 47 CFR 64.1200(a)(6) and (7).

use app::domain::call::SILENCE;
use app::domain::facts::Slot;
use app::domain::outcome::{AnsweredBy, Direction, Disposition, HungUpBy, Mode, Outcome, SipClass, Unanswered};
use app::domain::{Call, Campaign, Fact, Matter, Moment, Span, Tally};

/// An agent must be on the line this long after the person's greeting ended.
///
/// # Source
/// 16 CFR 310.4(b)(1)(iv); 47 CFR 64.1200(a)(7).
pub const AGENT_WITHIN: Span = Span::secs(2);
/// How long after the deadline an abandonment is judged where nothing newer is heard of the call.
pub const JUDGED_AFTER: Span = Span::secs(5);
/// Silence is looked at on this grid, so that each word of a call doesn't move its place in the queue of the due.
const SILENCE_GRAIN: Span = Span::minutes(10);

/// Counters that one moment of a call usually dates.
const ROOM: usize = 12;

/// What a call was last judged with, beside itself. Kept in the call's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judgement {
    /// The clock at that instant.
    pub at: Moment,
    /// The mode that its campaign's settings had in force at its answer.
    pub campaign_mode: Option<Mode>,
    /// The attempts that its campaign's settings allowed at its end.
    pub max_attempts: Option<u32>,
}

impl Judgement {
    /// What a call is judged with at `at`: the settings of its campaign in force at its answer and its end.
    #[must_use]
    pub fn of(call: &Call, campaign: Option<&Campaign>, at: Moment) -> Self {
        let Some(campaign) = campaign else { return Self { at, ..Self::default() } };
        Self {
            at,
            campaign_mode: call.answer().and_then(|answered| campaign.modes.in_force(answered)).copied(),
            max_attempts: call.ended_at.and_then(|ended| campaign.max_attempts.in_force(ended)).copied(),
        }
    }
}

/// Facts of one call by the moment that dates them. Moments may repeat.
pub type Contributions = Vec<(Moment, Tally)>;

/// How the answer came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Never,
    /// Reported, with its moment.
    Timed(Moment),
    /// Nobody reported it, but an agent came on the line: answered by then. When it was picked up is not known, so it adds
    /// no time of ringing.
    ByBridge(Moment),
    /// Only the outcome says so: dated by the end, adding no durations.
    ByOutcome(Moment),
}

impl Answer {
    fn of(call: &Call) -> Self {
        match (call.answered_at, call.bridged_at, call.answer()) {
            (Some(at), _, _) => Self::Timed(at),
            (None, Some(at), _) => Self::ByBridge(at),
            (None, None, Some(at)) => Self::ByOutcome(at),
            (None, None, None) => Self::Never,
        }
    }

    const fn moment(self) -> Option<Moment> {
        match self {
            Self::Timed(at) | Self::ByBridge(at) | Self::ByOutcome(at) => Some(at),
            Self::Never => None,
        }
    }
}

/// Collects counts by moment.
#[derive(Default)]
struct Sums(Contributions);

impl Sums {
    fn on(&mut self, moment: Moment) -> &mut Tally {
        let at = match self.0.iter().position(|(m, _)| *m == moment) {
            Some(at) => at,
            None => {
                self.0.push((moment, Tally::with_room(ROOM)));
                self.0.len() - 1
            }
        };
        &mut self.0[at].1
    }
}

/// The facts of a call as judged.
#[must_use]
pub fn contribute(call: &Call, judgement: &Judgement) -> Contributions {
    let Some(start) = call.start() else { return Contributions::new() };
    let mut sums = Sums(Vec::with_capacity(6));
    let answer = Answer::of(call);
    match call.direction.value() {
        Some(Direction::Outbound) => outbound(call, judgement, start, answer, &mut sums),
        Some(Direction::Inbound) => inbound(call, answer, &mut sums),
        None => {
            sums.on(start).add(Fact::Undirected, 1);
            return sums.0;
        }
    }
    queue(call, &mut sums);
    match call.ended_at {
        Some(ended) => end(call, judgement, answer, ended, sums.on(ended)),
        None if is_lost(call, judgement.at) => {
            if let Some(last) = call.last_moment() {
                sums.on(last).add(Fact::Lost, 1);
            }
        }
        None => {}
    }
    sums.0.retain(|(_, tally)| !tally.is_empty());
    sums.0
}

fn outbound(call: &Call, judgement: &Judgement, start: Moment, answer: Answer, sums: &mut Sums) {
    let started = sums.on(start);
    started.add(Fact::Attempts, 1);
    started.add(Fact::FirstAttempts, i64::from(call.attempt.value() == Some(1)));
    progress(call, sums);
    match (answer.moment(), call.ended_at) {
        (Some(at), _) => answered(call, judgement, answer, sums.on(at)),
        (None, Some(ended)) => unanswered(call, sums.on(ended)),
        (None, None) => {}
    }
}

/// Post-dial delay: only of calls whose start was reported, so that each progressed call has one. Where ringing can't be
/// seen, an answer without any does not mean that there was none.
fn progress(call: &Call, sums: &mut Sums) {
    let unheard = call.answered_at.filter(|_| !call.cannot_tell(Matter::Progress));
    if let (Some(started), Some(rang)) = (call.started_at, call.progress_at.or(unheard)) {
        let delay = rang.since(started);
        let tally = sums.on(rang);
        tally.add(Fact::Progressed, 1);
        tally.add(Fact::PddMs, delay.as_millis());
        tally.add(Slot::pdd(delay), 1);
    }
}

fn answered(call: &Call, judgement: &Judgement, answer: Answer, tally: &mut Tally) {
    tally.add(Fact::Resolved, 1);
    tally.add(Fact::Answered, 1);
    tally.add(Fact::Bridged, i64::from(call.bridged_at.is_some()));
    if let (Some(started), Answer::Timed(at)) = (call.started_at, answer) {
        tally.add(Fact::RingMs, at.since(started).as_millis());
    }
    match call.by.value() {
        Some(AnsweredBy::Machine) => tally.add(Fact::AnsweredMachine, 1),
        Some(AnsweredBy::Human | AnsweredBy::Unknown) | None => {
            tally.add(Fact::AnsweredLive, 1);
            if is_unjudgeable(call) {
                tally.add(Fact::UnjudgedLive, 1);
            } else {
                live(call, judgement, answer, tally);
            }
        }
    }
}

/// Whether nobody could have told if an agent came on the line: neither abandoned nor handled, then. A dialer that says
/// `abandoned` has told.
fn is_unjudgeable(call: &Call) -> bool {
    let told = call.bridged_at.is_some() || call.outcome.value() == Some(Outcome::Abandoned);
    call.cannot_tell(Matter::Agent) && !told
}

/// Was the person left without an agent?
fn live(call: &Call, judgement: &Judgement, answer: Answer, tally: &mut Tally) {
    let says_abandoned = call.outcome.value() == Some(Outcome::Abandoned);
    match mode_in_force(call, judgement) {
        // The two-second rule is for calls placed ahead of agents: here only a dialer that says so counts.
        Some(Mode::Preview | Mode::Agentless) => tally.add(Fact::Abandoned, i64::from(says_abandoned)),
        // A missing setting must not look like a clean record: unknown is judged as predictive.
        mode @ (Some(Mode::Predictive | Mode::Progressive) | None) => {
            if !is_decided(call, judgement.at) {
                return;
            }
            tally.add(Fact::UnknownMode, i64::from(mode.is_none()));
            tally.add(Fact::UngreetedBasis, i64::from(call.greeted_at.is_none()));
            tally.add(Fact::Abandoned, i64::from(is_abandoned(call, answer)));
        }
    }
}

/// Answered live and the deadline judged: not bridged by it, and not ended before it unless by the dialer.
fn is_abandoned(call: &Call, answer: Answer) -> bool {
    let Some(deadline) = deadline(call) else { return false };
    if call.bridged_at.is_some_and(|at| at <= deadline) {
        return false;
    }
    let by_dialer = call.hung_up_by.value() == Some(HungUpBy::Dialer);
    match answer {
        Answer::Never => false,
        Answer::Timed(_) | Answer::ByBridge(_) => by_dialer || call.ended_at.is_none_or(|ended| ended >= deadline),
        // Nobody told when it was answered, so no deadline can be held against its end: who reports it decides.
        Answer::ByOutcome(_) => by_dialer || call.outcome.value() == Some(Outcome::Abandoned),
    }
}

/// The last instant at which an agent is in time: two seconds after the greeting's end, else after the answer.
fn deadline(call: &Call) -> Option<Moment> {
    let answered = Answer::of(call).moment()?;
    // A greeting reported to end before the answer took no time.
    Some(call.greeted_at.map_or(answered, |greeted| greeted.max(answered)) + AGENT_WITHIN)
}

/// Judged as soon as something later than the deadline is heard of the call, else five seconds after it.
fn is_decided(call: &Call, at: Moment) -> bool {
    deadline(call)
        .is_some_and(|deadline| at >= deadline + JUDGED_AFTER || call.newest().is_some_and(|newest| newest > deadline))
}

/// The mode that decides: the call's own, else what its campaign's settings say.
#[must_use]
pub fn mode_in_force(call: &Call, judgement: &Judgement) -> Option<Mode> {
    call.mode.value().or(judgement.campaign_mode)
}

fn unanswered(call: &Call, tally: &mut Tally) {
    let became = outcome(call);
    tally.add(Fact::Resolved, 1);
    tally.add(
        match became {
            Unanswered::Busy => Fact::Busy,
            Unanswered::NoAnswer => Fact::NoAnswer,
            Unanswered::Failed => Fact::Failed,
            Unanswered::Cancelled => Fact::Cancelled,
            Unanswered::Congestion => Fact::Congestion,
        },
        1,
    );
    let signalling = call.signalling();
    if let Some(class) = signalling.class() {
        tally.add(
            match class {
                SipClass::Client4xx => Fact::Sip4xx,
                SipClass::Server5xx => Fact::Sip5xx,
                SipClass::Global6xx => Fact::Sip6xx,
                SipClass::Timeout => Fact::Timeouts,
            },
            1,
        );
    }
    tally.add(Fact::RouteFaults, i64::from(signalling.is_route_fault()));
    tally.add(Fact::UnjudgedFaults, i64::from(signalling.tells_no_fault(became)));
    tally.add(Fact::Blocked, i64::from(signalling.is_blocked()));
}

/// What became of a call that was never answered.
fn outcome(call: &Call) -> Unanswered {
    let signalling = call.signalling();
    let by_code = || {
        let outcome = signalling.outcome();
        // A caller whom nobody answered has failed at nothing, but where the network did.
        let at_nothing = outcome == Unanswered::Failed && call.is_inbound() && !signalling.is_route_fault();
        if at_nothing { Unanswered::NoAnswer } else { outcome }
    };
    call.outcome.value().and_then(Outcome::unanswered).unwrap_or_else(by_code)
}

fn inbound(call: &Call, answer: Answer, sums: &mut Sums) {
    let Some(resolved) = answer.moment().or(call.ended_at) else { return };
    let tally = sums.on(resolved);
    tally.add(Fact::Inbound, 1);
    if call.bridged_at.is_none() && call.queued_at.is_some() {
        let waits = call.ended_at.is_none();
        tally.add(Fact::UnjudgedInbound, i64::from(waits || left_unseen(call)));
        return;
    }
    if call.bridged_at.is_none() && answer == Answer::Never {
        return;
    }
    tally.add(Fact::InboundAnswered, 1);
    let Some(ringing) = ringing(call, answer) else {
        tally.add(Fact::InboundUntimed, 1);
        return;
    };
    tally.add(Fact::InboundRingMs, ringing.as_millis());
    if let (Some(queued), Some(bridged)) = (call.queued_at, call.bridged_at) {
        tally.add(Fact::InboundWaitMs, bridged.since(queued).as_millis());
    }
}

/// How long an inbound call rang that somebody answered: until its answer or its entering a queue, whichever came first; where
/// neither was told until an agent was on the line. `None` where it can't be said how long its caller waited: an answer that only the outcome tells
/// of adds no time, and one that adds none would make the mean too good.
fn ringing(call: &Call, answer: Answer) -> Option<Span> {
    if call.cannot_tell(Matter::Queue) {
        return None;
    }
    match (call.started_at, answer) {
        // The rest is waiting: where the line is answered only by the agent, that is no ringing too.
        (Some(started), Answer::Timed(at) | Answer::ByBridge(at)) => {
            Some(call.queued_at.map_or(at, |queued| queued.min(at)).since(started))
        }
        (Some(_), Answer::ByOutcome(_) | Answer::Never) => None,
        // It starts at its earliest known moment: what its source tells of is the queue.
        (None, Answer::Timed(_) | Answer::ByBridge(_) | Answer::ByOutcome(_) | Answer::Never) => {
            call.queued_at.map(|_| Span::millis(0))
        }
    }
}

fn queue(call: &Call, sums: &mut Sums) {
    let Some(queued) = call.queued_at else { return };
    let tally = sums.on(queued);
    tally.add(Fact::Queued, 1);
    if left_unseen(call) {
        tally.add(Fact::UnjudgedQueued, 1);
        return;
    }
    tally.add(Fact::QueueAbandoned, i64::from(call.bridged_at.is_none() && call.ended_at.is_some()));
    // When they left it can't be known of those whose source sees no queues.
    if let Some(left) = call.bridged_at.or(call.ended_at).filter(|_| !call.cannot_tell(Matter::Queue)) {
        tally.add(Fact::Waited, 1);
        tally.add(Fact::WaitMs, left.since(queued).as_millis());
    }
}

/// Whether a caller is out of the queue, and nobody could have told if an agent took him: neither hung up nor served, then.
/// Who says `abandoned` has told.
fn left_unseen(call: &Call) -> bool {
    let unseen = call.cannot_tell(Matter::Agent) || call.cannot_tell(Matter::Queue);
    let told = call.bridged_at.is_some() || call.outcome.value() == Some(Outcome::Abandoned);
    unseen && call.ended_at.is_some() && !told
}

fn end(call: &Call, judgement: &Judgement, answer: Answer, ended: Moment, tally: &mut Tally) {
    tally.add(Fact::Ended, 1);
    let became = answer.moment().map_or_else(|| never_answered(call), |_| carried(call, judgement));
    let completed = i64::from(became == Disposition::Completed);
    if let Some(answered) = answer.moment() {
        // Handled and completed are parts of the connected, so that each ended call has exactly one disposition.
        let connected_ms = ended.since(answered).as_millis();
        tally.add(Fact::Connected, 1);
        tally.add(Fact::ConnectedMs, connected_ms);
        tally.add(Fact::Handled, i64::from(call.bridged_at.is_some()));
        tally.add(Fact::Completed, completed);
        tally.add(Fact::CompletedMs, completed * connected_ms);
        tally.add(Fact::Transferred, i64::from(call.transferred_at.is_some()));
    }
    match became {
        // The sums of the connected tell of both.
        Disposition::Completed | Disposition::Answered => {}
        Disposition::Busy => tally.add(Fact::EndedBusy, 1),
        Disposition::NoAnswer => tally.add(Fact::EndedNoAnswer, 1),
        Disposition::Failed => tally.add(Fact::EndedFailed, 1),
        Disposition::Cancelled => tally.add(Fact::EndedCancelled, 1),
        Disposition::Congestion => tally.add(Fact::EndedCongestion, 1),
    }
    // Parts of handling a call: what nobody handled has neither, or the handling time of the others would hold it.
    if let Some(bridged) = call.bridged_at {
        let hold = call.hold_ms.value().map_or(0, whole_ms);
        tally.add(Fact::TalkMs, (ended.since(bridged).as_millis() - hold).max(0));
        tally.add(Fact::HoldMs, hold);
        tally.add(Fact::WrapMs, call.wrap_ms.value().map_or(0, whole_ms));
    }
    // Who was never reached is no contact, whoever he would have been.
    tally.add(Fact::RightParty, i64::from(answer.moment().is_some() && call.right_party.value() == Some(true)));
    if call.is_outbound() {
        let last_attempt =
            matches!((call.attempt.value(), judgement.max_attempts), (Some(n), Some(allowed)) if n >= allowed);
        let no_more = call.is_final.value() == Some(true) || last_attempt;
        tally.add(Fact::DestinationsCompleted, completed);
        tally.add(Fact::DestinationsFailed, i64::from(completed == 0 && no_more));
    }
}

/// What became of a call that is over: exactly one of the seven. `None` while it is not.
#[must_use]
pub fn disposition(call: &Call, judgement: &Judgement) -> Option<Disposition> {
    call.ended_at?;
    Some(if call.answer().is_some() { carried(call, judgement) } else { never_answered(call) })
}

/// Of an answered call: whether it was carried through.
fn carried(call: &Call, judgement: &Judgement) -> Disposition {
    let agentless = mode_in_force(call, judgement) == Some(Mode::Agentless);
    if call.bridged_at.is_some() || agentless { Disposition::Completed } else { Disposition::Answered }
}

fn never_answered(call: &Call) -> Disposition {
    match outcome(call) {
        Unanswered::Busy => Disposition::Busy,
        Unanswered::NoAnswer => Disposition::NoAnswer,
        Unanswered::Failed => Disposition::Failed,
        Unanswered::Cancelled => Disposition::Cancelled,
        Unanswered::Congestion => Disposition::Congestion,
    }
}

/// Calls of a disposition among summed facts; the seven add up to `ended`.
#[must_use]
pub fn of_disposition(count: impl Fn(Fact) -> i64, disposition: Disposition) -> i64 {
    match disposition {
        Disposition::Completed => count(Fact::Completed),
        Disposition::Answered => count(Fact::Connected) - count(Fact::Completed),
        Disposition::Busy => count(Fact::EndedBusy),
        Disposition::NoAnswer => count(Fact::EndedNoAnswer),
        Disposition::Failed => count(Fact::EndedFailed),
        Disposition::Cancelled => count(Fact::EndedCancelled),
        Disposition::Congestion => count(Fact::EndedCongestion),
    }
}

/// Nothing longer than a day comes in: it is rejected by name. What an earlier version took in must not drown a sum.
fn whole_ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX).min(app::domain::call::LONGEST_CALL.as_millis())
}

/// Closed after four hours of silence. A call that only an update tells of waits for a moment.
#[must_use]
pub fn is_lost(call: &Call, at: Moment) -> bool {
    call.ended_at.is_none() && silent_from(call).is_some_and(|silent| at >= silent)
}

/// Up: started, not ended, not lost.
#[must_use]
pub fn is_active(call: &Call, at: Moment) -> bool {
    call.start().is_some() && call.ended_at.is_none() && !is_lost(call, at)
}

fn silent_from(call: &Call) -> Option<Moment> {
    call.start()?;
    call.newest().map(|newest| newest + SILENCE)
}

/// The instant at which time alone will alter what a call, judged at `at`, contributes.
#[must_use]
pub fn next_change(call: &Call, judgement: &Judgement) -> Option<Moment> {
    let live = call.by.value() != Some(AnsweredBy::Machine);
    let timed_mode = match mode_in_force(call, judgement) {
        Some(Mode::Preview | Mode::Agentless) => false,
        Some(Mode::Predictive | Mode::Progressive) | None => true,
    };
    let verdict =
        (call.is_outbound() && live && timed_mode && !is_unjudgeable(call) && !is_decided(call, judgement.at))
            .then(|| deadline(call))
            .flatten()
            .map(|deadline| deadline + JUDGED_AFTER);
    let silence = is_active(call, judgement.at).then(|| silent_from(call)).flatten().map(|silent| {
        let floor = silent.floor(SILENCE_GRAIN);
        if floor == silent { floor } else { floor + SILENCE_GRAIN }
    });
    match (verdict, silence) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
#[path = "contribute_script.rs"]
mod script;
