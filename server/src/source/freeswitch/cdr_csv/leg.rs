//! One row: a leg of a call.

use super::template::Template;
use crate::source::file::Wrong;
use crate::source::file::times::Times;
use app::domain::event::{Q850, SipCode, Text};
use app::domain::outcome::Outcome;
use app::domain::{Moment, Span};
use csv::StringRecord;
use smol_str::SmolStr;

#[derive(Debug, Clone)]
pub struct Leg {
    pub uuid: SmolStr,
    /// The leg that it was bridged with, and the one that the whole call is named by, where the template tells them.
    pub b_leg: SmolStr,
    pub call: SmolStr,
    pub context: SmolStr,
    pub caller: SmolStr,
    pub destination: SmolStr,
    pub gateway: SmolStr,
    /// The switch dialled it: it says so, or went by a gateway. (A call that comes in by one has `sip_gateway` alone.)
    pub went_out: bool,
    /// It was put through to telephones of the house, and says so.
    pub rang_inside: bool,
    pub campaign: SmolStr,
    pub queue: SmolStr,
    pub agent: SmolStr,
    pub start: Moment,
    pub end: Option<Moment>,
    pub progress: Option<Moment>,
    pub answered: Option<Moment>,
    pub bridged: Option<Moment>,
    pub queued: Option<Moment>,
    pub hung_up_by_far_end: bool,
    /// It was given up because another one was answered.
    pub gave_way: bool,
    /// The variables whose moments lie outside of it, and were left out: its clock was another than that which it is read by.
    pub contradicting: Vec<String>,
    pub ending: Ending,
}

/// Most seconds between two legs' rows of one instant: each is rounded by itself.
const ROUNDING: Span = Span::secs(2);
/// Fewest digits that tell one destination from another, whatever is dialled before them.
const TELLING_DIGITS: usize = 7;

/// How a leg that was never answered ended.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    pub sip_code: Option<SipCode>,
    pub sip_reason: Option<Text>,
    pub q850: Option<Q850>,
    pub outcome: Option<Outcome>,
}

impl Leg {
    /// What tells where it was dialled to, by its last digits; `None` for telephones of the house and codes.
    pub fn dialled(&self) -> Option<SmolStr> {
        let digits: String = self.destination.chars().filter(char::is_ascii_digit).collect();
        let tail = digits.len().checked_sub(TELLING_DIGITS)?;
        Some(format!("to:{}", &digits[tail..]).into())
    }

    /// Whether it was dialled while the other was dialling the same number, and had the same end of it: answered with it, or
    /// given up by then. So go the legs that no row names: those never answered, and carriers that lost a race.
    pub fn went_out_for(&self, other: &Self) -> bool {
        let near = |a: Moment, b: Moment| a <= b + ROUNDING && b <= a + ROUNDING;
        let settled = other.answered.or(other.end);
        let dialled = other.start <= self.start && settled.is_none_or(|settled| self.start <= settled + ROUNDING);
        let together = match (self.answered, other.answered) {
            (Some(answer), others) => others.is_some_and(|others| near(answer, others)),
            (None, _) => self.end.zip(settled).is_none_or(|(end, settled)| end <= settled + ROUNDING),
        };
        dialled && together && self.dialled().is_some_and(|to| other.dialled() == Some(to))
    }

    /// The other legs that its row names.
    pub fn names(&self) -> impl Iterator<Item = &SmolStr> {
        [&self.uuid, &self.b_leg, &self.call].into_iter().filter(|name| !name.is_empty())
    }

    /// Whether two rows may tell of one call.
    pub fn may_belong_to(&self, other: &Self) -> bool {
        let named = self.names().any(|name| other.names().any(|theirs| theirs == name));
        named || self.went_out_for(other) || other.went_out_for(self)
    }
}

impl Leg {
    /// # Errors
    /// Names the variable that is wrong.
    pub fn read(template: &Template, row: &StringRecord, times: &mut Times) -> Result<Self, Wrong> {
        let get = |variable| template.get(row, variable);
        let first = |variables: &'static [&'static str]| {
            SmolStr::new(variables.iter().map(|name| get(name)).find(|text| !text.is_empty()).unwrap_or_default())
        };
        let took = secs("duration", get("duration"))?;
        let (start, end) = (template.stamp(row, "start"), template.stamp(row, "end"));
        let (start, end) = times.span(("start_stamp", start), ("end_stamp", end), took)?;
        let start = start.ok_or_else(|| Wrong::new("start_stamp", "missing"))?;
        let answer = template.stamp(row, "answer");
        let readings = times.readings("answer_stamp", answer)?;
        let talked = secs("billsec", get("billsec"))?;
        let near = end.zip(talked).map(|(end, talked)| end - talked).or(Some(start));
        let answered = times.settle(answer, readings, near);
        let mut after = |field, of| times.after(field, template.stamp(row, of), Some(start));
        let rang = after("progress_stamp", "progress")?;
        let early = after("progress_media_stamp", "progress_media")?;
        let (bridge, taken) =
            (after("bridge_stamp", "bridge")?, after("cc_queue_answered_epoch", "cc_queue_answered")?);
        let queued = after("cc_queue_joined_epoch", "cc_queue_joined")?;
        let end = end.or(took.map(|took| start + took));
        let is_within = |at: &Moment| *at + ROUNDING >= start && end.is_none_or(|end| *at <= end + ROUNDING);
        let told = [
            ("answer", answered),
            ("progress", rang),
            ("progress_media", early),
            ("bridge", bridge),
            ("cc_queue_answered", taken.filter(|_| bridge.is_none())),
            ("cc_queue_joined", queued),
        ];
        let outside = told.iter().filter(|(_, at)| at.is_some_and(|at| !is_within(&at)));
        let contradicting = outside.filter_map(|(of, _)| Some(template.stamped(row, of)?.0)).collect();
        let [rang, early, bridged, queued] = [rang, early, bridge.or(taken), queued].map(|at| at.filter(is_within));
        // That it was answered is told whatever the clock was; since when, by how long it was talked.
        let answered = answered.map(|at| if is_within(&at) { at } else { near.unwrap_or(start) });
        let uuid = first(&["uuid"]);
        if uuid.is_empty() {
            return Err(Wrong::new("uuid", "missing"));
        }
        Ok(Self {
            uuid,
            b_leg: first(&["bleg_uuid", "bridge_uuid"]),
            call: first(&["call_uuid"]),
            context: first(&["context"]),
            caller: first(&["caller_id_number"]),
            destination: first(&["destination_number"]),
            gateway: first(&["sip_gateway_name", "sip_gateway"]),
            went_out: get("direction") == "outbound" || !get("sip_gateway_name").is_empty(),
            rang_inside: rings_inside(get("last_app"), get("last_arg")),
            campaign: first(&["campaign_id", "accountcode"]),
            queue: first(&["cc_queue"]),
            agent: first(&["cc_agent"]),
            start,
            end,
            progress: [rang, early].into_iter().flatten().min(),
            answered,
            bridged,
            queued,
            gave_way: get("hangup_cause") == "LOSE_RACE",
            contradicting,
            hung_up_by_far_end: get("sip_hangup_disposition") == "recv_bye",
            ending: if answered.is_some() { Ending::default() } else { ending(&get)? },
        })
    }
}

/// Whether a leg was bridged with telephones of the house alone: `user/1042@pbx`, whatever is set for them before it.
fn rings_inside(app: &str, to: &str) -> bool {
    let mut destinations =
        to.split([',', '|', ':']).map(|one| one.rsplit(['}', ']', '>']).next().unwrap_or(one).trim());
    app == "bridge" && destinations.any(|one| one.starts_with("user/")) && !to.contains("/gateway/")
}

fn secs(variable: &str, text: &str) -> Result<Option<Span>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(|secs| Some(Span::secs(secs))).map_err(|_| Wrong::new(variable, "not a whole number of seconds"))
}

fn ending<'r>(get: &impl Fn(&'static str) -> &'r str) -> Result<Ending, Wrong> {
    let code = |variable| {
        get(variable).parse().ok().and_then(|code| SipCode::new(code).ok()).filter(|code| *code.get() >= 300)
    };
    let sip_code = code("sip_invite_failure_status").or_else(|| code("sip_term_status"));
    let cause = get("hangup_cause");
    if cause.is_empty() && sip_code.is_none() {
        return Err(Wrong::new("hangup_cause", "missing, and no SIP code is told"));
    }
    let phrase = get("sip_invite_failure_phrase");
    let (q850, outcome) = meaning(cause);
    Ok(Ending {
        sip_reason: (!phrase.is_empty()).then(|| Text::clipped(phrase)),
        q850: q850.and_then(|number| Q850::new(number).ok()),
        // The far end's own answer says more than the cause that is made up from it.
        outcome: outcome.filter(|_| sip_code.is_none()),
        sip_code,
    })
}

/// What a cause means for a call that was never answered: its Q.850 number, where it has one, and the outcome.
///
/// # Source
/// FreeSWITCH's table of causes; those above 127 are its own and have no number.
fn meaning(cause: &str) -> (Option<u16>, Option<Outcome>) {
    match cause {
        "USER_BUSY" => (Some(17), Some(Outcome::Busy)),
        "BUSY_EVERYWHERE" => (None, Some(Outcome::Busy)),
        "NO_USER_RESPONSE" => (Some(18), Some(Outcome::NoAnswer)),
        "NO_ANSWER" => (Some(19), Some(Outcome::NoAnswer)),
        "SUBSCRIBER_ABSENT" => (Some(20), Some(Outcome::NoAnswer)),
        "PROGRESS_TIMEOUT" | "NO_PICKUP" | "ALLOTTED_TIMEOUT" => (None, Some(Outcome::NoAnswer)),
        "ORIGINATOR_CANCEL" | "LOSE_RACE" | "MANAGER_REQUEST" | "PICKED_OFF" => (None, Some(Outcome::Cancelled)),
        "NORMAL_CIRCUIT_CONGESTION" => (Some(34), Some(Outcome::Congestion)),
        "SWITCH_CONGESTION" => (Some(42), Some(Outcome::Congestion)),
        "UNALLOCATED_NUMBER" => (Some(1), Some(Outcome::Failed)),
        "NO_ROUTE_DESTINATION" => (Some(3), Some(Outcome::Failed)),
        "CALL_REJECTED" => (Some(21), Some(Outcome::Failed)),
        "NUMBER_CHANGED" => (Some(22), Some(Outcome::Failed)),
        "INVALID_NUMBER_FORMAT" => (Some(28), Some(Outcome::Failed)),
        "NETWORK_OUT_OF_ORDER" => (Some(38), Some(Outcome::Failed)),
        "NORMAL_TEMPORARY_FAILURE" => (Some(41), Some(Outcome::Failed)),
        "RECOVERY_ON_TIMER_EXPIRE" => (Some(102), None),
        "" => (None, None),
        _ => (None, Some(Outcome::Failed)),
    }
}
