//! Call detail records as FreeSWITCH writes them by a template (`mod_cdr_csv`), one a leg.
//!
//! The template names channel variables: that of the default configuration (`example`) is known, any other is given as it
//! stands in the configuration. What the default leaves out (gateway, ringing, SIP codes, the moment of the bridge) is read
//! where a template has it. A leg's uuid names the call.

use crate::import::columns::event;
use crate::import::defaults::Defaults;
use crate::import::times::Times;
use crate::import::{Fate, Origin, Translate, Wrong};
use crate::source::numbers;
use app::domain::event::{CallRecord, Q850, SipCode, Text};
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::{AgentId, CallId, CampaignId, Country, Moment, QueueId, RouteId, Span};
use csv::StringRecord;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// The variables of the default configuration's template, in order.
const EXAMPLE: [&str; 15] = [
    "caller_id_name",
    "caller_id_number",
    "destination_number",
    "context",
    "start_stamp",
    "answer_stamp",
    "end_stamp",
    "duration",
    "billsec",
    "hangup_cause",
    "uuid",
    "bleg_uuid",
    "accountcode",
    "read_codec",
    "write_codec",
];

/// Whether a row looks like one of the default template: a uuid and a cause where they belong.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    let uuid = |text: &str| text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let cause = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
    };
    is_header(row) || row.len() == EXAMPLE.len() && row.get(10).is_some_and(uuid) && row.get(9).is_some_and(cause)
}

/// Whether a row names variables as a header does: a table's columns, or a file that was exported from one.
#[must_use]
pub fn is_header(row: &StringRecord) -> bool {
    let has = |name: &str| row.iter().any(|column| column.trim() == name);
    has("uuid") && ["start_stamp", "start_epoch", "start_uepoch"].into_iter().any(has)
}

/// Makes calls of legs.
#[derive(Debug)]
pub struct Legs {
    origin: Origin,
    country: Option<Country>,
    defaults: Defaults,
    variables: Vec<String>,
    /// Contexts of the dialplan at which calls from outside arrive.
    inbound: BTreeSet<SmolStr>,
}

impl Legs {
    /// `template` as it stands in the configuration, `"${uuid}","${start_stamp}",…`, where it is not the default one.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn new(
        origin: Origin,
        country: Option<Country>,
        defaults: Defaults,
        template: Option<&str>,
        inbound: BTreeSet<SmolStr>,
    ) -> Result<Self, String> {
        let variables: Vec<String> = match template {
            None => EXAMPLE.map(str::to_owned).to_vec(),
            Some(template) => template
                .split(',')
                .map(|part| part.trim().trim_matches('"').trim_start_matches("${").trim_end_matches('}').to_owned())
                .collect(),
        };
        let has = |names: &[&str]| names.iter().any(|name| variables.iter().any(|variable| variable == name));
        if !has(&["uuid"]) {
            return Err("the template has no ${uuid}, which names the call".to_owned());
        }
        if !has(&["start_stamp", "start_epoch", "start_uepoch"]) {
            return Err("the template has no ${start_uepoch}, ${start_epoch} or ${start_stamp}".to_owned());
        }
        Ok(Self { origin, country, defaults, variables, inbound })
    }

    fn get<'r>(&self, row: &'r StringRecord, variable: &str) -> &'r str {
        let at = self.variables.iter().position(|name| name == variable);
        let text = at.and_then(|at| row.get(at)).unwrap_or_default().trim();
        if text == "_undef_" { "" } else { text }
    }

    /// Of a moment the most exact variable there is; "0" is never.
    fn stamp<'r>(&self, row: &'r StringRecord, of: &str) -> &'r str {
        let told = ["uepoch", "epoch", "stamp"].map(|kind| self.get(row, &format!("{of}_{kind}")));
        told.into_iter().find(|text| !text.is_empty() && *text != "0").unwrap_or_default()
    }

    fn secs(&self, row: &StringRecord, variable: &'static str) -> Result<Option<Span>, Wrong> {
        let text = self.get(row, variable);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(|secs| Some(Span::secs(secs)))
            .map_err(|_| Wrong::new(variable, "not a whole number of seconds"))
    }

    fn moments(&self, row: &StringRecord, times: &mut Times) -> Result<CallRecord, Wrong> {
        let took = self.secs(row, "duration")?;
        let (start, end) = (self.stamp(row, "start"), self.stamp(row, "end"));
        let (start, end) = times.span(("start_stamp", start), ("end_stamp", end), took)?;
        let start = start.ok_or_else(|| Wrong::new("start_stamp", "missing"))?;
        let call_id = CallId::new(self.get(row, "uuid")).map_err(|e| Wrong::new("uuid", e.to_string()))?;
        let mut record = CallRecord::only(call_id, start);
        record.ended_at = end;
        let answer = self.stamp(row, "answer");
        let readings = times.readings("answer_stamp", answer)?;
        let talked = self.secs(row, "billsec")?;
        let near = end.zip(talked).map(|(end, talked)| end - talked).or(Some(start));
        record.answered_at = times.settle(answer, readings, near);
        let rang = times.after("progress_stamp", self.stamp(row, "progress"), Some(start))?;
        let early = times.after("progress_media_stamp", self.stamp(row, "progress_media"), Some(start))?;
        record.progress_at = earliest(rang, early);
        let bridged = times.after("bridge_stamp", self.stamp(row, "bridge"), Some(start))?;
        let joined = record.answered_at.filter(|_| !self.get(row, "bleg_uuid").is_empty());
        record.bridged_at = bridged.or(joined);
        Ok(record)
    }

    fn ending(&self, row: &StringRecord, record: &mut CallRecord) -> Result<(), Wrong> {
        if record.answered_at.is_some() {
            record.hung_up_by = (self.get(row, "sip_hangup_disposition") == "recv_bye").then_some(HungUpBy::Person);
            return Ok(());
        }
        let code = |variable| {
            let text = self.get(row, variable);
            text.parse().ok().and_then(|code| SipCode::new(code).ok()).filter(|code| *code.get() >= 300)
        };
        record.sip_code = code("sip_invite_failure_status").or_else(|| code("sip_term_status"));
        let phrase = self.get(row, "sip_invite_failure_phrase");
        record.sip_reason = (!phrase.is_empty()).then(|| Text::clipped(phrase));
        let cause = self.get(row, "hangup_cause");
        if cause.is_empty() && record.sip_code.is_none() {
            return Err(Wrong::new("hangup_cause", "missing, and no SIP code is told"));
        }
        let (q850, outcome) = meaning(cause);
        record.q850 = q850.and_then(|number| Q850::new(number).ok());
        // The far end's own answer says more than the cause that is made up from it.
        record.outcome = outcome.filter(|_| record.sip_code.is_none());
        Ok(())
    }
}

fn earliest(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
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

impl Translate for Legs {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if row.len() != self.variables.len() {
            let why = format!("{} columns; the template has {}", row.len(), self.variables.len());
            return Err(Wrong::new("", why));
        }
        let mut record = self.moments(row, times)?;
        self.ending(row, &mut record)?;
        let inbound = self.inbound.contains(self.get(row, "context"));
        let told = Direction::from_word(self.get(row, "direction"));
        record.direction = told.or(Some(if inbound { Direction::Inbound } else { Direction::Outbound }));
        record.from = numbers::read(self.get(row, "caller_id_number"), None, self.country).party();
        record.to = numbers::read(self.get(row, "destination_number"), None, self.country).party();
        let first = |variables: &[&str]| {
            variables.iter().map(|variable| self.get(row, variable)).find(|text| !text.is_empty()).unwrap_or_default()
        };
        record.campaign = CampaignId::new(first(&["campaign_id", "accountcode"])).ok();
        record.route = RouteId::new(first(&["sip_gateway_name", "sip_gateway"])).ok();
        record.queue = QueueId::new(first(&["cc_queue"])).ok();
        record.agent = AgentId::new(first(&["cc_agent"])).ok();
        let time = record.ended_at.unwrap_or(record.started_at);
        Ok(event(&self.origin, "leg", &self.defaults, record, time).into())
    }

    fn caveat(&self) -> Option<&'static str> {
        let told = self.variables.iter().any(|variable| variable.starts_with("bridge_"));
        (!told).then_some(
            "The template does not tell when a leg was bridged: it is taken as the moment of the answer where there is a \
             second leg, so no such call counts as abandoned. Add ${bridge_uepoch} to the template for the abandon rate.",
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::import::times::Fold;
    use app::domain::{Data, RealmId, SourceId};

    fn read(template: Option<&str>, rows: &str) -> Vec<Result<CallRecord, String>> {
        let origin = Origin { source: SourceId::trusted("fs"), realm: RealmId::trusted("fs") };
        let inbound = BTreeSet::from(["public".into()]);
        let mut legs = Legs::new(origin, Country::new("US").ok(), Defaults::default(), template, inbound).unwrap();
        let mut times = Times::new(Some(chrono_tz::Europe::Berlin), Fold::Earlier);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows.as_bytes());
        reader
            .records()
            .map(|row| match legs.row(&row.unwrap(), &mut times).map_err(|e| e.to_string())?.events().remove(0).data {
                Data::CallRecord(record) => Ok(record),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    const DEFAULT: &str = r#""Acme","12025550100","12025550142","default","2026-11-21 01:00:00","2026-11-21 01:00:09","2026-11-21 01:01:00","60","51","NORMAL_CLEARING","5a3a1d91-0000-4db4-af5c-000000000001","5a3a1d91-0000-4db4-af5c-000000000002","SPRING24","PCMU","PCMU"
"","+442079460018","12025550100","public","2026-11-21 01:00:00","","2026-11-21 01:00:20","20","0","ORIGINATOR_CANCEL","5a3a1d91-0000-4db4-af5c-000000000003","","","",""
"#;

    #[test]
    fn the_default_template_is_recognised_and_read() {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(DEFAULT.as_bytes());
        assert!(reader.records().all(|row| is_one(&row.unwrap())));
        let calls: Vec<CallRecord> = read(None, DEFAULT).into_iter().map(Result::unwrap).collect();
        let at = |text: &str| Some(Moment::parse(text).unwrap());
        let first = &calls[0];
        assert_eq!(
            (Some(first.started_at), first.answered_at),
            (at("2026-11-21T00:00:00Z"), at("2026-11-21T00:00:09Z"))
        );
        assert_eq!((first.bridged_at, first.ended_at), (first.answered_at, at("2026-11-21T00:01:00Z")));
        assert_eq!(
            (first.campaign.as_ref().unwrap().as_str(), first.direction),
            ("SPRING24", Some(Direction::Outbound))
        );
        assert_eq!(first.to.as_ref().unwrap().reveal(), "+12025550142");
        assert_eq!((calls[1].direction, calls[1].outcome), (Some(Direction::Inbound), Some(Outcome::Cancelled)));
    }

    #[test]
    fn a_template_of_ones_own_tells_more() {
        let template = r#""${uuid}","${start_uepoch}","${progress_uepoch}","${progress_media_uepoch}","${answer_uepoch}","${bridge_uepoch}","${end_uepoch}","${sip_gateway_name}","${hangup_cause}","${sip_invite_failure_status}","${sip_invite_failure_phrase}","${campaign_id}","${destination_number}""#;
        let rows = r#""u-1","1795219200000000","1795219201200000","0","0","0","1795219201900000","carrier-a","USER_BUSY","486","Busy Here","SPRING24","12025550150"
"u-2","1795219200101000","0","1795219203101000","1795219209000000","1795219210500000","1795219260000000","carrier-a","NORMAL_CLEARING","","","SPRING24","12025550142"
"#;
        let calls: Vec<CallRecord> = read(Some(template), rows).into_iter().map(Result::unwrap).collect();
        let micros = |n: i64| Some(Moment::from_micros(1_795_219_200_000_000 + n));
        assert_eq!((calls[0].progress_at, calls[0].ended_at), (micros(1_200_000), micros(1_900_000)));
        assert_eq!((calls[0].sip_code.as_ref().map(|c| *c.get()), calls[0].outcome), (Some(486), None));
        assert_eq!((calls[1].progress_at, calls[1].bridged_at), (micros(3_101_000), micros(10_500_000)));
        assert_eq!((calls[1].route.as_ref().unwrap().as_str(), calls[1].sip_code.as_ref()), ("carrier-a", None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |row: &str| read(None, row).remove(0).unwrap_err();
        assert_eq!(wrong("a,b"), ": 2 columns; the template has 15");
        assert_eq!(
            wrong(&DEFAULT.replace("2026-11-21 01:00:00", "soon")),
            "start_stamp: not a time (like 2026-11-21 14:32:08)"
        );
        assert_eq!(wrong(&DEFAULT.replace("\"60\"", "\"long\"")), "duration: not a whole number of seconds");
        let origin = Origin { source: SourceId::trusted("fs"), realm: RealmId::trusted("fs") };
        let none = Legs::new(origin, None, Defaults::default(), Some("${uuid}"), BTreeSet::new()).unwrap_err();
        assert!(none.contains("start_uepoch"));
    }
}
