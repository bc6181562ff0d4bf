//! What is remembered of a call while it is up: just enough to tell each moment once, and how it ended.

use super::ending::{Cause, DialStatus, Heard, Protocol};
use app::domain::event::CallEnded;
use app::domain::ids::{CallId, CampaignId, RealmId};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Progress};
use app::domain::time::Moment;

#[derive(Debug)]
pub struct CallState {
    pub call_id: CallId,
    pub direction: Direction,
    protocol: Protocol,
    pub progress: Option<Moment>,
    pub answered: Option<Moment>,
    pub queued: Option<Moment>,
    pub bridged: Option<Moment>,
    pub by: Option<AnsweredBy>,
    /// The campaign as last told.
    pub campaign: Option<CampaignId>,
    pub far_end: Option<Cause>,
    pub dial_status: Option<DialStatus>,
    /// Who hung up, as the queue says.
    pub hung_up_by: Option<HungUpBy>,
    /// Its latest moment told; its end does not come before.
    pub latest: Moment,
}

impl CallState {
    #[must_use]
    pub const fn new(
        call_id: CallId,
        direction: Direction,
        protocol: Protocol,
        campaign: Option<CampaignId>,
        at: Moment,
    ) -> Self {
        Self {
            call_id,
            direction,
            protocol,
            campaign,
            latest: at,
            progress: None,
            answered: None,
            queued: None,
            bridged: None,
            by: None,
            far_end: None,
            dial_status: None,
            hung_up_by: None,
        }
    }

    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// The end, as `Hangup` tells it.
    #[must_use]
    pub fn ended(&self, hangup: Cause, realm: &RealmId) -> CallEnded {
        let mut ended = self.ended_unseen(realm);
        if self.is_answered() {
            ended.sip_code = self.protocol.answered();
            ended.hung_up_by = Some(self.who_hung_up());
        } else if self.direction == Direction::Outbound {
            let progress = if self.progress.is_some() { Progress::Reached } else { Progress::None };
            let ending = Heard {
                protocol: self.protocol,
                progress,
                far_end: self.far_end,
                dial_status: self.dial_status,
                hangup,
            }
            .ending();
            (ended.sip_code, ended.q850, ended.outcome) = (ending.sip_code, ending.q850, ending.outcome);
        } else {
            ended.hung_up_by = self.far_end.map(|_| HungUpBy::Person);
        }
        ended
    }

    /// The end of a call that nobody saw end: that it is over is all that is known.
    #[must_use]
    pub fn ended_unseen(&self, realm: &RealmId) -> CallEnded {
        CallEnded { realm: Some(realm.clone()), ..CallEnded::only(self.call_id.clone()) }
    }

    /// Of an answered call: the far end if it asked for the end, else what the queue said, else our side; which is
    /// the agent where there was one, and where there was none the dialer (that matters: a person whom the dialer
    /// drops has been abandoned).
    fn who_hung_up(&self) -> HungUpBy {
        match (self.far_end, self.hung_up_by) {
            (Some(_), None) => HungUpBy::Person,
            (_, Some(by)) => by,
            (None, None) if self.bridged.is_some() => HungUpBy::Agent,
            (None, None) => HungUpBy::Dialer,
        }
    }
}
