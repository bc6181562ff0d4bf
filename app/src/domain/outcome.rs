//! The words of a call's life, and what became of a call that was never answered.
//!
//! Owns every closed list of words of contract.md. The judgement of abandonment is law and lives in the server's
//! `law/contribute.rs`; here is only what codes and words mean.
//!
//! # Source
//! RFC 3261 (SIP response classes), ITU-T Q.850 (causes), kpis.md (which of them is the network's fault).

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    )*};
}

words! {
    Direction { Outbound = "outbound", Inbound = "inbound" }
    /// How a campaign dials; decides which abandonment rule applies.
    Mode { Predictive = "predictive", Progressive = "progressive", Preview = "preview", Agentless = "agentless" }
    /// Who answered.
    AnsweredBy { Human = "human", Machine = "machine", Unknown = "unknown" }
    TransferKind { Blind = "blind", Warm = "warm" }
    HungUpBy { Person = "person", Agent = "agent", Dialer = "dialer", Network = "network" }
    /// The outcome as a source reports it.
    Outcome {
        Answered = "answered", Completed = "completed", Busy = "busy", NoAnswer = "no_answer", Failed = "failed",
        Cancelled = "cancelled", Congestion = "congestion", Abandoned = "abandoned",
    }
    /// What became of a call that was never answered.
    Unanswered { Busy = "busy", NoAnswer = "no_answer", Failed = "failed", Cancelled = "cancelled", Congestion = "congestion" }
    /// The monitor's seven: each ended call is in exactly one.
    Disposition {
        Completed = "completed", Answered = "answered", Busy = "busy", NoAnswer = "no_answer", Failed = "failed",
        Cancelled = "cancelled", Congestion = "congestion",
    }
    AgentStatus { Ready = "ready", OnCall = "on_call", WrapUp = "wrap_up", Break = "break", Offline = "offline" }
    TrunkHealth { Healthy = "healthy", Degraded = "degraded", Unhealthy = "unhealthy" }
    Health { Healthy = "healthy", Degraded = "degraded", Offline = "offline" }
    ComponentKind {
        MediaServer = "media_server", Database = "database", Cache = "cache", TelephonyApi = "telephony_api", Crm = "crm",
        RecordingStorage = "recording_storage", DialerWorker = "dialer_worker", Other = "other",
    }
    CampaignStatus { Active = "active", Paused = "paused", Ended = "ended" }
    DidStatus { Active = "active", Retired = "retired" }
    RouteStatus { Active = "active", Disabled = "disabled" }
    CostKind { Telephony = "telephony", Infrastructure = "infrastructure" }
}

/// The class of a final response that counts as an error of its own column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SipClass {
    Client4xx,
    Server5xx,
    Global6xx,
    Timeout,
}

/// Final responses that tell of the person called or of the number, not of the network (kpis.md, `route_faults`).
const NOT_THE_NETWORKS: [u16; 14] = [401, 404, 407, 410, 480, 484, 485, 486, 487, 600, 603, 604, 607, 608];

/// Q.850 causes that tell of the person called or of the number, not of the network: unallocated number, normal clearing, busy,
/// no user responding, no answer, absent, number changed, incomplete number, normal unspecified.
///
/// # Source
/// ITU-T Q.850, table 1; RFC 3398 §7.2.4.1, which makes of them responses of the called side alone (404, 486, 408, 480, 410, 484).
const NOT_THE_NETWORKS_Q850: [u16; 9] = [1, 16, 17, 18, 19, 20, 22, 28, 31];

/// Q.850 cause 102: recovery on timer expiry.
const Q850_TIMER: u16 = 102;

/// What a never-answered call's final signalling says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signalling<'a> {
    pub sip_code: Option<u16>,
    pub sip_reason: Option<&'a str>,
    pub q850: Option<u16>,
    pub progress: Progress,
}

/// Whether the far end was heard to ring before the call was over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    None,
    Reached,
}

impl Signalling<'_> {
    /// At most one class; none where neither code is known.
    #[must_use]
    pub fn class(&self) -> Option<SipClass> {
        match self.sip_code {
            Some(408) => Some(SipClass::Timeout),
            Some(400..=499) => Some(SipClass::Client4xx),
            Some(500..=599) => Some(SipClass::Server5xx),
            Some(600..=699) => Some(SipClass::Global6xx),
            Some(_) => None,
            None => (self.q850 == Some(Q850_TIMER)).then_some(SipClass::Timeout),
        }
    }

    /// Whether the error is the network's doing rather than the callee's or the list's.
    #[must_use]
    pub fn is_route_fault(&self) -> bool {
        let excused = match self.sip_code {
            Some(408) => self.progress == Progress::Reached,
            Some(code) => NOT_THE_NETWORKS.contains(&code),
            None => false,
        };
        self.class().is_some() && !excused
    }

    /// Whether a call that became this failed by nobody knows whose fault: in no class, and no cause tells of the person or the
    /// number. The network's, for all that is known.
    #[must_use]
    pub fn tells_no_fault(&self, became: Unanswered) -> bool {
        let fails = match became {
            Unanswered::Failed | Unanswered::Congestion => true,
            Unanswered::Busy | Unanswered::NoAnswer | Unanswered::Cancelled => false,
        };
        fails && self.class().is_none() && !self.q850.is_some_and(|cause| NOT_THE_NETWORKS_Q850.contains(&cause))
    }

    /// Whether the calling number is refused as unwanted: 607, 608, or a 603 that says it was the network.
    ///
    /// # Source
    /// RFC 8197 (607), RFC 8688 (608), ATIS-1000099 (603 "Network Blocked").
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        match self.sip_code {
            Some(607 | 608) => true,
            Some(603) => self.sip_reason.is_some_and(|r| {
                let r = r.to_ascii_lowercase();
                r.contains("network blocked") || r.contains("network-blocked")
            }),
            Some(_) | None => false,
        }
    }

    /// The outcome where none was reported.
    #[must_use]
    pub fn outcome(&self) -> Unanswered {
        let by_sip = match self.sip_code {
            Some(486 | 600) => Some(Unanswered::Busy),
            Some(480) => Some(Unanswered::NoAnswer),
            Some(408 | 487) if self.progress == Progress::Reached => Some(Unanswered::NoAnswer),
            Some(408) => Some(Unanswered::Failed),
            Some(487) => Some(Unanswered::Cancelled),
            Some(503) => Some(Unanswered::Congestion),
            Some(_) | None => None,
        };
        let by_q850 = match self.q850 {
            Some(17) => Some(Unanswered::Busy),
            Some(18..=20) => Some(Unanswered::NoAnswer),
            Some(34 | 42 | 44 | 47) => Some(Unanswered::Congestion),
            Some(_) | None => None,
        };
        by_sip.or(by_q850).unwrap_or(Unanswered::Failed)
    }
}

impl Disposition {
    /// As people read it. Who was answered and not carried through had no agent: with one, or in an agentless campaign, the
    /// call is completed.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Answered => "answered, no agent",
            Self::Busy => "busy",
            Self::NoAnswer => "no answer",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Congestion => "congestion",
        }
    }
}

impl Outcome {
    /// The outcome as one of a never-answered call; `None` for those that say it was answered.
    #[must_use]
    pub const fn unanswered(self) -> Option<Unanswered> {
        match self {
            Self::Busy => Some(Unanswered::Busy),
            Self::NoAnswer => Some(Unanswered::NoAnswer),
            Self::Failed => Some(Unanswered::Failed),
            Self::Cancelled => Some(Unanswered::Cancelled),
            Self::Congestion => Some(Unanswered::Congestion),
            Self::Answered | Self::Completed | Self::Abandoned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sip(code: u16, progress: Progress) -> Signalling<'static> {
        Signalling { sip_code: Some(code), progress, ..Signalling::default() }
    }

    #[test]
    fn a_408_is_a_time_out_and_the_networks_only_before_it_rang() {
        assert_eq!(sip(408, Progress::None).class(), Some(SipClass::Timeout));
        assert!(sip(408, Progress::None).is_route_fault());
        assert!(!sip(408, Progress::Reached).is_route_fault());
        assert_eq!(sip(408, Progress::None).outcome(), Unanswered::Failed);
        assert_eq!(sip(408, Progress::Reached).outcome(), Unanswered::NoAnswer);
    }

    #[test]
    fn no_code_is_in_no_class() {
        let nothing = Signalling::default();
        assert_eq!(nothing.class(), None);
        assert!(!nothing.is_route_fault());
        assert_eq!(nothing.outcome(), Unanswered::Failed);
        let timer = Signalling { q850: Some(102), ..nothing };
        assert_eq!(timer.class(), Some(SipClass::Timeout));
        assert!(timer.is_route_fault());
    }

    #[test]
    fn only_a_network_blocked_603_is_blocked() {
        let declined = Signalling { sip_reason: Some("Decline"), ..sip(603, Progress::None) };
        let blocked = Signalling { sip_reason: Some("Network Blocked"), ..sip(603, Progress::None) };
        assert!(!declined.is_blocked() && blocked.is_blocked() && sip(607, Progress::None).is_blocked());
    }
}
