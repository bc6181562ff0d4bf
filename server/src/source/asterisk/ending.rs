//! How a call ended, from what Asterisk says of it.
//!
//! Owns the reading of hang-up causes; not the outcome, which the domain derives from the codes. What Asterisk 22 was
//! seen to do: a final answer of the far end always shows as `HangupRequest` before `Hangup`, with the SIP code in
//! `TechCause` and a cause made up from it. Where we give up ourselves there is no `HangupRequest`, and `Hangup` bears
//! an invented `TechCause: 480` with `Cause: 19`, whether the far end rang, was mute or was not there at all.
//! Versions before 2025-10 have no `TechCause`; the cause is then all there is.

use super::names::ChannelName;
use app::domain::event::{Q850, SipCode};
use app::domain::outcome::{Outcome, Progress};

/// A cause and, where the version tells it, the code of the channel's own protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cause {
    pub q850: Option<u16>,
    pub tech: Option<u16>,
}

/// How a `Dial` of this channel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialStatus {
    Answer,
    Busy,
    Congestion,
    NoAnswer,
    ChanUnavail,
    /// Given up by the caller or the dialplan.
    Cancel,
    /// A word that is new, or says nothing of the end (CONTINUE, GOTO).
    Unknown,
}

impl DialStatus {
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "ANSWER" => Self::Answer,
            "BUSY" => Self::Busy,
            "CONGESTION" => Self::Congestion,
            "NOANSWER" => Self::NoAnswer,
            "CHANUNAVAIL" => Self::ChanUnavail,
            "CANCEL" | "ABORT" => Self::Cancel,
            _ => Self::Unknown,
        }
    }

    /// Whether only the far end can have brought this about.
    const fn is_a_refusal(self) -> bool {
        match self {
            Self::Busy | Self::Congestion => true,
            Self::Answer | Self::NoAnswer | Self::ChanUnavail | Self::Cancel | Self::Unknown => false,
        }
    }
}

/// What was heard of an unanswered call.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    pub protocol: Protocol,
    pub progress: Progress,
    /// From `HangupRequest`: the far end ended it.
    pub far_end: Option<Cause>,
    pub dial_status: Option<DialStatus>,
    pub hangup: Cause,
}

/// Whether a channel's own codes are SIP's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Sip,
    Other,
}

impl Protocol {
    #[must_use]
    pub fn of(name: &ChannelName<'_>) -> Self {
        if matches!(name.tech, "PJSIP" | "SIP") { Self::Sip } else { Self::Other }
    }

    /// The final response of a call that was answered.
    #[must_use]
    pub fn answered(self) -> Option<SipCode> {
        match self {
            Self::Sip => SipCode::new(200).ok(),
            Self::Other => None,
        }
    }
}

/// What is sure of an unanswered call's end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ending {
    pub sip_code: Option<SipCode>,
    pub q850: Option<Q850>,
    pub outcome: Option<Outcome>,
}

/// Causes that Asterisk sets when it gives a call up by itself: none, normal clearing, "no answer" by its own timer,
/// answered elsewhere.
const OUR_OWN: [u16; 4] = [0, 16, 19, 26];
const REQUEST_TERMINATED: u16 = 487;

impl Heard {
    #[must_use]
    pub fn ending(&self) -> Ending {
        let cause = self.hangup.q850.unwrap_or(0);
        let refused = self.far_end.is_some() || self.dial_status.is_some_and(DialStatus::is_a_refusal);
        if refused {
            return self.refused();
        }
        if self.dial_status == Some(DialStatus::ChanUnavail) {
            return Ending { q850: q850(cause), outcome: Some(Outcome::Failed), sip_code: None };
        }
        if !OUR_OWN.contains(&cause) && self.hangup.tech != Some(REQUEST_TERMINATED) {
            return self.refused();
        }
        // We gave it up. One that rings answers our CANCEL with 487 (RFC 3261, 9.2); of one that was never heard,
        // nothing is known but that.
        let terminated = self.progress == Progress::Reached || self.hangup.tech == Some(REQUEST_TERMINATED);
        match (self.protocol, terminated) {
            (Protocol::Sip, true) => Ending { sip_code: SipCode::new(REQUEST_TERMINATED).ok(), ..Ending::default() },
            (Protocol::Other, true) => Ending { outcome: Some(Outcome::NoAnswer), ..Ending::default() },
            (Protocol::Sip | Protocol::Other, false) => {
                Ending { outcome: Some(Outcome::Cancelled), ..Ending::default() }
            }
        }
    }

    fn refused(&self) -> Ending {
        let far_end = self.far_end.unwrap_or_default();
        let tech = far_end.tech.or(self.hangup.tech).filter(|_| self.protocol == Protocol::Sip);
        let cause = far_end.q850.or(self.hangup.q850).unwrap_or(0);
        // A cause that Asterisk made up from the code tells nothing more, and may mislead (any 5xx becomes 34,
        // congestion); one that differs came from the carrier, in a Reason header.
        let told_more = tech.is_none_or(|code| made_up_from(code) != cause);
        Ending {
            sip_code: tech.and_then(|c| SipCode::new(c).ok()),
            q850: q850(cause).filter(|_| told_more),
            outcome: None,
        }
    }
}

fn q850(cause: u16) -> Option<Q850> {
    Q850::new(cause).ok().filter(|_| cause != 0)
}

/// The cause that `chan_pjsip` makes up for a final response.
///
/// # Source
/// Asterisk's table "Hangup Cause Mappings".
const fn made_up_from(code: u16) -> u16 {
    match code {
        401 | 403 | 407 | 603 => 21,
        404 | 485 | 604 => 1,
        408 => 18,
        409 => 41,
        410 => 22,
        420 => 3,
        480 | 483 => 19,
        484 => 28,
        486 | 600 => 17,
        488 | 606 => 58,
        500 => 38,
        501 => 29,
        502 => 27,
        504 => 102,
        505 => 127,
        other => match other / 100 {
            4 | 6 => 127,
            5 => 34,
            _ => 0,
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const fn cause(q850: u16, tech: Option<u16>) -> Cause {
        Cause { q850: Some(q850), tech }
    }

    fn by_far_end(said: Cause) -> Ending {
        let heard = Heard {
            protocol: Protocol::Sip,
            progress: Progress::None,
            far_end: Some(said),
            dial_status: None,
            hangup: said,
        };
        heard.ending()
    }

    fn by_us(progress: Progress, hangup: Cause) -> Ending {
        Heard { protocol: Protocol::Sip, progress, far_end: None, dial_status: None, hangup }.ending()
    }

    fn codes(ending: &Ending) -> (Option<u16>, Option<u16>, Option<Outcome>) {
        (ending.sip_code.as_ref().map(|c| *c.get()), ending.q850.as_ref().map(|c| *c.get()), ending.outcome)
    }

    #[test]
    fn the_far_ends_code_is_kept_and_the_cause_made_up_from_it_is_not() {
        for (code, made_up) in [(486, 17), (503, 34), (404, 1), (580, 34), (480, 19), (408, 18), (603, 21)] {
            assert_eq!(codes(&by_far_end(cause(made_up, Some(code)))), (Some(code), None, None));
        }
    }

    #[test]
    fn a_cause_from_the_carriers_reason_header_is_kept() {
        assert_eq!(codes(&by_far_end(cause(1, Some(503)))), (Some(503), Some(1), None));
    }

    #[test]
    fn without_a_code_the_cause_is_all_there_is() {
        assert_eq!(codes(&by_far_end(cause(17, None))), (None, Some(17), None));
        assert_eq!(codes(&by_far_end(cause(0, None))), (None, None, None));
    }

    #[test]
    fn what_we_gave_up_is_487_if_it_rang_and_cancelled_if_nothing_was_heard() {
        let invented = cause(19, Some(480));
        assert_eq!(codes(&by_us(Progress::Reached, invented)), (Some(487), None, None));
        assert_eq!(codes(&by_us(Progress::None, invented)), (None, None, Some(Outcome::Cancelled)));
        assert_eq!(codes(&by_us(Progress::None, cause(127, Some(487)))), (Some(487), None, None));
        assert_eq!(codes(&by_us(Progress::Reached, cause(0, None))), (Some(487), None, None));
    }

    #[test]
    fn an_endpoint_that_could_not_be_reached_failed_without_a_code() {
        let heard = Heard {
            protocol: Protocol::Sip,
            progress: Progress::None,
            far_end: None,
            dial_status: Some(DialStatus::ChanUnavail),
            hangup: cause(20, None),
        };
        assert_eq!(codes(&heard.ending()), (None, Some(20), Some(Outcome::Failed)));
    }
}
