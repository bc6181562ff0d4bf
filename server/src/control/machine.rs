//! What follows from what, for one campaign: asked, answered, heard, and time passing. Pure: time is an argument, and
//! what is to be done outside comes back as [`Effect`]s.
//!
//! Two rules carry it. Nothing is confirmed but by the dialer's word: its answer where that says so, or the campaign's
//! status that it told after it was asked. And there is one request at a time on its way to the dialer for a campaign, so
//! that the dialer hears pause and resume in the order in which people meant them; a later request overtakes one that
//! has not left yet, which then never does.

use super::request::{Request, Way};
use crate::audit::entry::Step;
use app::domain::control::{Action, Control, Phase};
use app::domain::outcome::CampaignStatus;
use app::domain::{Moment, Span};
use smol_str::SmolStr;

/// For so long the opposite request is offered as taking it back.
pub const UNDO: Span = Span::secs(10);
/// A dialer's clock may be this much behind ours for its word to count as an answer to what it was asked.
const CLOCKS_APART: Span = Span::secs(5);
/// What came to nothing, or is as it always was, is told for so long.
const TOLD_FOR: Span = Span::minutes(2);
/// An adapter gives up by itself; this much later it is taken to have.
const BACKSTOP_MS: i64 = 2_000;

/// How long the dialer's word is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to the request itself.
    pub answer: Span,
    /// After an answer that is not yet the word: for the campaign's status.
    pub word: Span,
}

impl Patience {
    /// An order waits for its turn, is answered, and may be read back: each within the time of an answer.
    fn on_its_way(self) -> Span {
        Span::millis(self.answer.as_millis().saturating_mul(3).saturating_add(BACKSTOP_MS))
    }
}

/// What came of asking the dialer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialerAnswer {
    /// It is so, says the dialer.
    Confirmed,
    /// The dialer took the request; its word that it is so is still to come. With what is known beyond that.
    Taken { note: Option<SmolStr> },
    /// The dialer said no.
    Refused(SmolStr),
    /// The dialer was not reached: nothing was asked of it.
    NotReached(SmolStr),
    /// It may have heard, and done as asked, or not.
    NoAnswer(SmolStr),
}

/// What the dialer last said of the campaign, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub status: CampaignStatus,
    pub at: Moment,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the dialer.
    Send { request: SmolStr, action: Action },
    /// Write it down: the request as it is then, and what the dialer last said.
    Note { request: Box<Request>, step: Step, after: Option<CampaignStatus> },
}

/// What asking led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskOutcome {
    /// A request of its own, on its way to the dialer or next in line.
    Requested,
    /// The same is under way or done.
    Same,
    /// The dialer says that it is so already.
    Already,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    patience: Patience,
    word: Option<Word>,
    newest: Option<Request>,
    /// What is on its way to the dialer: the newest, or one that it overtook. With when it is taken for lost.
    wire: Option<(Request, Moment)>,
    draining: Option<u64>,
}

impl Machine {
    #[must_use]
    pub const fn new(patience: Patience) -> Self {
        Self { patience, word: None, newest: None, wire: None, draining: None }
    }

    /// Goes on after a restart: `confirmed` is the last word that an answer gave, `newest` the newest request with the
    /// phase in which it was last told.
    #[must_use]
    pub fn restored(patience: Patience, confirmed: Option<Word>, newest: Option<Request>, now: Moment) -> Self {
        let mut machine = Self { word: confirmed, newest, ..Self::new(patience) };
        if let Some(request) = machine.newest.as_mut().filter(|request| request.phase.is_open()) {
            request.way = Way::Sent;
            request.turn(Phase::Unknown, now);
            request.why = Some(SmolStr::new_static("the server was stopped before the dialer's word came"));
            request.deadline = Some(now + patience.answer + patience.word);
        }
        machine
    }

    #[must_use]
    pub const fn newest(&self) -> Option<&Request> {
        self.newest.as_ref()
    }

    #[must_use]
    pub const fn word(&self) -> Option<Word> {
        self.word
    }

    /// Calls that started up to this moment are draining.
    #[must_use]
    pub fn drains_before(&self) -> Option<Moment> {
        self.newest.as_ref().filter(|r| r.action == Action::Pause && r.phase == Phase::Confirmed)?.confirmed_at
    }

    /// Whether time or the dialer may still change what is told.
    #[must_use]
    pub fn is_busy(&self, now: Moment) -> bool {
        self.wire.is_some() || self.newest.as_ref().is_some_and(|request| self.tells(request, now))
    }

    /// What the card tells; nothing where there is nothing (any more) to tell.
    #[must_use]
    pub fn control(&self, now: Moment) -> Option<Control> {
        self.newest.as_ref().filter(|request| self.tells(request, now)).map(|request| self.shown(request, now))
    }

    /// The newest request, however long ago.
    #[must_use]
    pub fn last(&self, now: Moment) -> Option<Control> {
        self.newest.as_ref().map(|request| self.shown(request, now))
    }

    fn shown(&self, request: &Request, now: Moment) -> Control {
        let takes_back = request.asked_at + UNDO;
        let can = request.phase == Phase::Requested || request.phase.is_confirmed();
        Control {
            request: request.id.clone(),
            action: request.action,
            phase: request.phase,
            by: request.by.clone(),
            asked_at: request.asked_at,
            confirmed_at: request.confirmed_at,
            draining: self.draining.filter(|_| self.drains_before().is_some()),
            undo_until: (can && now < takes_back).then_some(takes_back),
            why: request.why.clone(),
        }
    }

    fn tells(&self, request: &Request, now: Moment) -> bool {
        match (request.phase, request.action) {
            (Phase::Requested | Phase::Confirmed | Phase::Unknown, _) | (Phase::Done, Action::Pause) => true,
            (Phase::Done, Action::Resume) | (Phase::Refused | Phase::TimedOut, _) => now < request.since + TOLD_FOR,
        }
    }

    /// Somebody asks. The request's id stands for it only where it is taken as one of its own.
    pub fn ask(&mut self, mut request: Request) -> (AskOutcome, Vec<Effect>) {
        let now = request.asked_at;
        request.before = self.word.map(|word| word.status);
        request.before_at = self.word.map(|word| word.at);
        if let Some(newest) = &self.newest
            && newest.action == request.action
            && (newest.phase == Phase::Requested || newest.phase.is_confirmed())
        {
            request.id = newest.id.clone();
            return (AskOutcome::Same, vec![self.note(&request, Step::Repeated)]);
        }
        if self.word.is_some_and(|word| word.status == request.action.wanted()) && !self.is_loose(request.action) {
            return (AskOutcome::Already, vec![self.note(&request, Step::Already)]);
        }
        let mut effects = Vec::new();
        if let Some(open) = self.newest.as_ref().filter(|newest| newest.phase.is_open()) {
            effects.push(self.note(open, Step::Overtaken));
        }
        effects.push(self.note(&request, Step::Asked));
        self.newest = Some(request);
        if self.wire.is_none() {
            effects.extend(self.send(now));
        }
        (AskOutcome::Requested, effects)
    }

    /// Whether the dialer may yet do the opposite of `action`, because it was asked to and nobody knows what it did.
    fn is_loose(&self, action: Action) -> bool {
        let on_its_way = self.wire.as_ref().is_some_and(|(request, _)| request.action != action);
        on_its_way
            || self.newest.as_ref().is_some_and(|newest| {
                newest.action != action
                    && match newest.phase {
                        Phase::Requested | Phase::TimedOut | Phase::Unknown => true,
                        Phase::Confirmed | Phase::Done | Phase::Refused => false,
                    }
            })
    }

    fn send(&mut self, now: Moment) -> Option<Effect> {
        let request = self.newest.as_mut()?;
        request.way = Way::Sent;
        request.left_at = Some(now);
        request.before_at = self.word.map(|word| word.at);
        self.wire = Some((request.clone(), now + self.patience.on_its_way()));
        Some(Effect::Send { request: request.id.clone(), action: request.action })
    }

    /// What came of a request that went out.
    pub fn answer(&mut self, now: Moment, id: &str, answer: &DialerAnswer) -> Vec<Effect> {
        let Some((wired, _)) = self.wire.take_if(|(request, _)| request.id == id) else {
            // It was given up meanwhile; only its good news still counts.
            let was_lost = self.newest.as_ref().is_some_and(|n| n.id == id && n.phase == Phase::TimedOut);
            return if was_lost && *answer == DialerAnswer::Confirmed { self.confirm_now(now) } else { Vec::new() };
        };
        // The newest may ride on one that went out before: asked for pause, resume and pause again meanwhile.
        let concerns = self.newest.as_ref().is_some_and(|n| n.action == wired.action && n.phase == Phase::Requested);
        let mut effects = if concerns { self.take(now, &wired, answer) } else { self.take_late(now, wired, answer) };
        if self.newest.as_ref().is_some_and(|n| n.phase == Phase::Requested && n.way == Way::Waits) {
            effects.extend(self.send(now));
        }
        effects
    }

    /// An answer to the newest.
    fn take(&mut self, now: Moment, wired: &Request, answer: &DialerAnswer) -> Vec<Effect> {
        match answer {
            DialerAnswer::Confirmed => self.confirm_now(now),
            DialerAnswer::Taken { note } => {
                // The word may have come before the answer, to a request that the newest rides on.
                if let Some(word) = self.word
                    && word.status == wired.action.wanted()
                    && wired.is_answered_by(word)
                {
                    return self.confirm(now, word.at);
                }
                if let Some(newest) = &mut self.newest {
                    newest.way = Way::Taken;
                    newest.note.clone_from(note);
                    newest.deadline = Some(now + self.patience.word);
                }
                Vec::new()
            }
            DialerAnswer::Refused(why) | DialerAnswer::NotReached(why) => {
                self.end(now, Phase::Refused, Step::Refused, why.clone())
            }
            DialerAnswer::NoAnswer(why) => self.end(now, Phase::TimedOut, Step::TimedOut, why.clone()),
        }
    }

    /// An answer to one that was overtaken, or that the campaign's status had answered before.
    fn take_late(&mut self, now: Moment, mut wired: Request, answer: &DialerAnswer) -> Vec<Effect> {
        if self.newest.as_ref().is_some_and(|newest| newest.id == wired.id) {
            return Vec::new();
        }
        let (phase, step, why) = match answer {
            DialerAnswer::Confirmed => {
                self.word = Some(Word { status: wired.action.wanted(), at: now });
                wired.confirmed_at = Some(now);
                (Phase::Confirmed, Step::Confirmed, None)
            }
            DialerAnswer::Taken { .. } => return Vec::new(),
            DialerAnswer::Refused(why) | DialerAnswer::NotReached(why) => {
                (Phase::Refused, Step::Refused, Some(why.clone()))
            }
            DialerAnswer::NoAnswer(why) => (Phase::TimedOut, Step::TimedOut, Some(why.clone())),
        };
        wired.turn(phase, now);
        wired.why = why;
        vec![self.note(&wired, step)]
    }

    /// The dialer says that what the newest asks for is so.
    fn confirm_now(&mut self, now: Moment) -> Vec<Effect> {
        if let Some(newest) = &self.newest {
            self.word = Some(Word { status: newest.action.wanted(), at: now });
        }
        self.confirm(now, now)
    }

    fn confirm(&mut self, now: Moment, at: Moment) -> Vec<Effect> {
        let Some(newest) = &mut self.newest else { return Vec::new() };
        newest.confirmed_at = Some(at.max(newest.asked_at));
        self.draining = None;
        newest.turn(Phase::Confirmed, now);
        newest.why = None;
        newest.deadline = None;
        let confirmed = newest.clone();
        let mut effects = vec![self.note(&confirmed, Step::Confirmed)];
        if confirmed.action == Action::Resume {
            effects.extend(self.done(now));
        }
        effects
    }

    fn done(&mut self, now: Moment) -> Option<Effect> {
        let newest = self.newest.as_mut()?;
        newest.turn(Phase::Done, now);
        let done = newest.clone();
        // A resume has nothing to wait for: that it was confirmed says it all.
        (done.action == Action::Pause).then(|| self.note(&done, Step::Done))
    }

    fn end(&mut self, now: Moment, phase: Phase, step: Step, why: SmolStr) -> Vec<Effect> {
        let Some(newest) = &mut self.newest else { return Vec::new() };
        newest.turn(phase, now);
        newest.why = Some(why);
        newest.deadline = None;
        let ended = newest.clone();
        vec![self.note(&ended, step)]
    }

    /// What the dialer says of the campaign by itself. Heard again, or late, it changes nothing.
    pub fn hear(&mut self, now: Moment, word: Word) -> Vec<Effect> {
        if self.word.is_some_and(|known| known.at >= word.at) {
            return Vec::new();
        }
        self.word = Some(word);
        let Some(newest) = &self.newest else { return Vec::new() };
        let is_wanted = word.status == newest.action.wanted();
        let was_asked = newest.way != Way::Waits && newest.is_answered_by(word);
        let opposite_under_way = self.wire.as_ref().is_some_and(|(request, _)| request.action != newest.action);
        match newest.phase {
            Phase::Requested | Phase::Unknown | Phase::TimedOut if is_wanted => {
                if was_asked && !opposite_under_way {
                    self.confirm(now, word.at)
                } else {
                    Vec::new()
                }
            }
            Phase::Requested | Phase::Unknown if word.status == CampaignStatus::Ended => {
                let why = SmolStr::new_static("the dialer says that the campaign has ended");
                self.end(now, Phase::Refused, Step::Refused, why)
            }
            Phase::Confirmed | Phase::Done if !is_wanted => {
                let overruled = newest.clone();
                self.newest = None;
                vec![self.note(&overruled, Step::Overruled)]
            }
            Phase::Requested | Phase::Unknown | Phase::TimedOut | Phase::Confirmed | Phase::Done | Phase::Refused => {
                Vec::new()
            }
        }
    }

    /// Time passes. `draining` are the calls that are up and started before [`Machine::drains_before`], where they were
    /// counted since.
    pub fn tick(&mut self, now: Moment, draining: Option<u64>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(lost) = self.wire.as_ref().filter(|(_, until)| *until <= now).map(|(request, _)| request.id.clone())
        {
            effects.extend(self.answer(now, &lost, &DialerAnswer::NoAnswer(SmolStr::new_static("no answer came"))));
        }
        if let Some(newest) = self.newest.as_ref().filter(|n| n.deadline.is_some_and(|deadline| deadline <= now)) {
            let why = match (newest.phase, &newest.note) {
                (Phase::Unknown, _) => SmolStr::new_static(
                    "the server was stopped before the dialer's word came, and it did not come since",
                ),
                (_, Some(note)) => note.clone(),
                (_, None) => smol_str::format_smolstr!(
                    "the dialer took the request, and did not say within {} s that the campaign is {}",
                    self.patience.word.as_secs(),
                    newest.action.wanted().word()
                ),
            };
            effects.extend(self.end(now, Phase::TimedOut, Step::TimedOut, why));
        }
        self.draining = draining.or(self.draining);
        if self.drains_before().is_some() && draining == Some(0) {
            effects.extend(self.done(now));
        }
        effects
    }

    fn note(&self, request: &Request, step: Step) -> Effect {
        Effect::Note { request: Box::new(request.clone()), step, after: self.word.map(|word| word.status) }
    }
}

impl Request {
    /// Whether the dialer said this after it was asked, as far as clocks can tell. What it said while the request waited for
    /// another to come back is no answer to it.
    fn is_answered_by(&self, word: Word) -> bool {
        word.at >= self.left_at.unwrap_or(self.asked_at) - CLOCKS_APART
            && self.before_at.is_none_or(|before| before < word.at)
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
