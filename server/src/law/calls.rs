//! The calls of the last minutes, as a campaign's page lists them.
//!
//! Pure. The writer makes a [`CallNow`] of each call that a commit changed and that is up, was up, or started lately;
//! the live state keeps the newest of each campaign. Numbers are in clear here and masked in the frame.

use super::contribute::{Judgement, disposition, is_active};
use super::keys::campaign_of;
use app::domain::outcome::Disposition;
use app::domain::{AgentId, Call, CallName, CampaignId, ListId, Moment, Number, QueueId, Span};
use app::view::monitor_campaign::CallState;
use smol_str::SmolStr;

/// Calls that started longer ago are told only while they are up: the five minutes that are shown, and a running bucket.
pub const CALLS_REACH: Span = Span::minutes(6);

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Up(CallState),
    Over {
        ended: Moment,
        became: Disposition,
    },
    /// Nothing more was heard of it.
    Lost,
}

/// One call as of a commit; it replaces what was told of it before.
#[derive(Debug, Clone, PartialEq)]
pub struct CallNow {
    pub name: CallName,
    /// Empty where it names none.
    pub campaign: CampaignId,
    pub start: Moment,
    /// The far end.
    pub number: Option<Number>,
    pub agent: Option<AgentId>,
    pub list: Option<ListId>,
    pub queue: Option<QueueId>,
    /// The sender's own word for what came of it.
    pub disposition: Option<SmolStr>,
    pub answered: Option<Moment>,
    pub stands: Stands,
}

/// Whether a call was up when it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Before {
    Up,
    #[default]
    NotUp,
}

impl CallNow {
    /// `None` for calls that nobody looks at: over for long, and not up before either.
    #[must_use]
    pub fn of(name: &CallName, call: &Call, judgement: &Judgement, before: Before, now: Moment) -> Option<Self> {
        let start = call.start()?;
        let stands = match (call.ended_at, disposition(call, judgement)) {
            (Some(ended), Some(became)) => Stands::Over { ended, became },
            (_, _) if is_active(call, judgement.at) => Stands::Up(state(call)),
            (_, _) => Stands::Lost,
        };
        let is_up = matches!(stands, Stands::Up(_));
        if !is_up && before == Before::NotUp && start < now - CALLS_REACH {
            return None;
        }
        Some(Self {
            name: name.clone(),
            campaign: campaign_of(call),
            start,
            number: call.far_end().cloned(),
            agent: call.agent.get().cloned(),
            list: call.list.get().cloned(),
            queue: call.queue.get().cloned(),
            disposition: call.disposition.get().map(|text| SmolStr::new(text.get())),
            answered: call.answer(),
            stands,
        })
    }
}

/// How far a call that is up has come.
fn state(call: &Call) -> CallState {
    if call.bridged_at.is_some() {
        CallState::Connected
    } else if call.queued_at.is_some() {
        CallState::Queued
    } else if call.answer().is_some() {
        CallState::Answered
    } else if call.progress_at.is_some() {
        CallState::Ringing
    } else {
        CallState::Dialing
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::{CallId, RealmId};

    #[test]
    fn a_call_is_told_from_its_dialing_to_its_end_and_then_for_six_minutes() {
        let name = CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("c") };
        let (start, judged) =
            (Moment::from_secs(10_000), Judgement { at: Moment::from_secs(10_000), ..Judgement::default() });
        let mut call = Call { started_at: Some(start), ..Call::default() };
        let told = |call: &Call, before, now| CallNow::of(&name, call, &judged, before, now).map(|c| c.stands);
        assert_eq!(told(&call, Before::NotUp, start), Some(Stands::Up(CallState::Dialing)));
        call.progress_at = Some(start + Span::secs(2));
        assert_eq!(told(&call, Before::Up, start), Some(Stands::Up(CallState::Ringing)));
        call.answered_at = Some(start + Span::secs(8));
        assert_eq!(told(&call, Before::Up, start + Span::hours(1)), Some(Stands::Up(CallState::Answered)));
        call.bridged_at = Some(start + Span::secs(9));
        assert_eq!(told(&call, Before::Up, start), Some(Stands::Up(CallState::Connected)));
        call.ended_at = Some(start + Span::secs(60));
        call.disposition = app::domain::LastWrite::at(app::domain::event::Text::clipped("SALE"), start);
        let now = CallNow::of(&name, &call, &judged, Before::Up, start).and_then(|call| call.disposition);
        assert_eq!(now.as_deref(), Some("SALE"), "in the sender's own word");
        let over = Some(Stands::Over { ended: start + Span::secs(60), became: Disposition::Completed });
        assert_eq!(told(&call, Before::Up, start + Span::hours(1)), over, "a long call's end is told");
        assert_eq!(told(&call, Before::NotUp, start + CALLS_REACH), over);
        assert_eq!(told(&call, Before::NotUp, start + CALLS_REACH + Span::secs(1)), None);
    }
}
