//! The channel event log as Asterisk writes it to a CSV, for `ringside import`.
//!
//! One row an event of a channel: each becomes an event of the call that a carrier's channel is, named as when the PBX is
//! followed. So the moment at which an agent came on the line is known. Which carrier's channels are up is remembered from
//! row to row: a log is read from its beginning. Columns are those of the sample configuration, with or without its literal,
//! or named.

use super::cdr::{Names, clip};
use super::ending::DialStatus;
use super::names::is_a_device;
use crate::import::columns::event;
use crate::import::defaults::Defaults;
use crate::import::times::Times;
use crate::import::{Fate, Origin, Translate, Wrong};
use crate::source::numbers;
use app::domain::event::{CallAnswered, CallBridged, CallEnded, CallRecord, Q850};
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::{AgentId, CallId, Data, Event, EventId, Moment};
use csv::StringRecord;
use serde::Deserialize;
use std::collections::HashMap;

/// Carrier's channels remembered at once; a log that never ends any must not fill memory.
const CHANNELS: usize = 100_000;

/// Columns of the sample configuration.
const SAMPLE: [&str; 20] = [
    "eventtype",
    "eventtime",
    "cidname",
    "cidnum",
    "cidani",
    "cidrdnis",
    "ciddnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "amaflags",
    "acctcode",
    "uniqueid",
    "linkedid",
    "peer",
    "userfield",
    "usereventname",
    "extra",
];
const EVENTS: [&str; 20] = [
    "CHAN_START",
    "CHAN_END",
    "ANSWER",
    "HANGUP",
    "APP_START",
    "APP_END",
    "PARK_START",
    "PARK_END",
    "USER_DEFINED",
    "BRIDGE_ENTER",
    "BRIDGE_EXIT",
    "BLINDTRANSFER",
    "ATTENDEDTRANSFER",
    "PICKUP",
    "FORWARD",
    "LINKEDID_END",
    "LOCAL_OPTIMIZE",
    "LOCAL_OPTIMIZE_BEGIN",
    "STREAM_BEGIN",
    "STREAM_END",
];

/// Whether a row looks like one of the log.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    (SAMPLE.len()..=SAMPLE.len() + 1).contains(&row.len()) && row.get(0).is_some_and(|event| EVENTS.contains(&event))
}

#[derive(Debug)]
struct Up {
    call_id: CallId,
    answered: bool,
    bridged: bool,
}

/// Makes events of calls of those of channels.
#[derive(Debug)]
pub struct Log {
    origin: Origin,
    names: Names,
    defaults: Defaults,
    /// Columns as named; those of the sample where none are.
    columns: Option<Vec<String>>,
    up: HashMap<String, Up>,
}

/// What the PBX says of a hang-up, in JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extra {
    hangupcause: Option<u16>,
    hangupsource: String,
    dialstatus: String,
}

struct Row<'r> {
    row: &'r StringRecord,
    columns: Option<&'r [String]>,
}

impl<'r> Row<'r> {
    fn get(&self, name: &str) -> &'r str {
        let at = match self.columns {
            Some(columns) => columns.iter().position(|column| column == name),
            // The sample has a literal after the event's name.
            None => {
                let literal = usize::from(self.row.len() > SAMPLE.len());
                SAMPLE.iter().position(|column| *column == name).map(|at| if at == 0 { 0 } else { at + literal })
            }
        };
        at.and_then(|at| self.row.get(at)).unwrap_or_default()
    }
}

impl Log {
    /// `columns` names them in order, where they are not those of the sample configuration.
    ///
    /// # Errors
    /// Names the column that is missing.
    pub fn new(origin: Origin, names: Names, defaults: Defaults, columns: Option<&str>) -> Result<Self, String> {
        let columns: Option<Vec<String>> =
            columns.map(|text| text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect());
        for needed in ["eventtype", "eventtime", "channame", "uniqueid"] {
            if columns.as_ref().is_some_and(|columns| !columns.iter().any(|column| column == needed)) {
                return Err(format!("--columns names no `{needed}`"));
            }
        }
        Ok(Self { origin, names, defaults, columns, up: HashMap::new() })
    }

    fn tell(&self, data: Data, call_id: &CallId, at: Moment) -> Event {
        let mut id = format!("cel/{}/{}/{call_id}", data.type_name(), at.micros());
        while id.len() > app::domain::ids::MAX_ID_BYTES {
            id.pop();
        }
        Event { id: EventId::trusted(id), source: self.origin.source.clone(), time: at, data }
    }

    fn began(&mut self, row: &Row<'_>, at: Moment) -> Result<Option<Event>, Wrong> {
        let channel = row.get("channame");
        let Some(route) = self.names.carrier(channel).cloned() else { return Ok(None) };
        let call_id = CallId::new(row.get("uniqueid")).map_err(|e| Wrong::new("uniqueid", e.to_string()))?;
        let exten = row.get("exten");
        // A channel that we dial has nowhere to go in the dialplan.
        let inbound = !exten.is_empty() && exten != "s" && self.names.inbound.contains(row.get("context"));
        let mut record = CallRecord::only(call_id.clone(), at);
        record.direction = Some(if inbound { Direction::Inbound } else { Direction::Outbound });
        record.campaign = self.names.campaign(row.get("acctcode"));
        record.mode = record.campaign.as_ref().and_then(|campaign| self.names.modes.get(campaign)).copied();
        let party = |text| numbers::read(text, route.prefix.as_deref(), self.names.country).party();
        // The far end's: of a channel that we dial its own number is the one dialled.
        let far = party(row.get("cidnum"));
        if inbound {
            (record.from, record.to) = (far, party(exten));
        } else {
            record.to = far;
        }
        record.route = Some(route.route);
        if self.up.len() >= CHANNELS {
            self.up.clear();
        }
        self.up.insert(channel.to_owned(), Up { call_id, answered: false, bridged: false });
        Ok(Some(event(&self.origin, "cel", &self.defaults, record, at)))
    }

    fn answered(&mut self, row: &Row<'_>, at: Moment) -> Option<Event> {
        let up = self.up.get_mut(row.get("channame"))?;
        up.answered = true;
        let call_id = up.call_id.clone();
        let data = CallAnswered { realm: Some(self.origin.realm.clone()), ..CallAnswered::only(call_id.clone()) };
        Some(self.tell(Data::CallAnswered(data), &call_id, at))
    }

    /// Whoever of the two came last into the bridge names the other.
    fn bridged(&mut self, row: &Row<'_>, at: Moment) -> Option<Event> {
        let (channel, peers) = (row.get("channame"), row.get("peer"));
        let mut all = peers.split(',').map(str::trim).chain([channel]);
        let agent: AgentId = all.clone().find_map(|name| self.names.agent(name))?;
        let carrier = all.find(|name| self.up.contains_key(*name))?;
        let up = self.up.get_mut(carrier)?;
        up.bridged = true;
        let call_id = up.call_id.clone();
        let data = CallBridged { realm: Some(self.origin.realm.clone()), ..CallBridged::only(call_id.clone(), agent) };
        Some(self.tell(Data::CallBridged(data), &call_id, at))
    }

    fn ended(&mut self, row: &Row<'_>, at: Moment) -> Option<Event> {
        let channel = row.get("channame");
        let up = self.up.remove(channel)?;
        let extra: Extra = serde_json::from_str(row.get("extra")).unwrap_or_default();
        let mut ended = CallEnded { realm: Some(self.origin.realm.clone()), ..CallEnded::only(up.call_id.clone()) };
        if up.answered {
            let person = !extra.hangupsource.is_empty() && extra.hangupsource == channel;
            let us = if up.bridged { HungUpBy::Agent } else { HungUpBy::Dialer };
            ended.hung_up_by = (!extra.hangupsource.is_empty()).then_some(if person { HungUpBy::Person } else { us });
        } else {
            ended.q850 = extra.hangupcause.filter(|cause| *cause != 0).and_then(|cause| Q850::new(cause).ok());
            ended.outcome = match DialStatus::read(&extra.dialstatus) {
                DialStatus::Busy => Some(Outcome::Busy),
                DialStatus::Congestion => Some(Outcome::Congestion),
                DialStatus::NoAnswer => Some(Outcome::NoAnswer),
                DialStatus::ChanUnavail => Some(Outcome::Failed),
                DialStatus::Cancel => Some(Outcome::Cancelled),
                DialStatus::Answer | DialStatus::Unknown => None,
            };
        }
        Some(self.tell(Data::CallEnded(ended), &up.call_id, at))
    }
}

impl Translate for Log {
    fn row(&mut self, record: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        let columns = self.columns.clone();
        let row = Row { row: record, columns: columns.as_deref() };
        let kind = row.get("eventtype");
        if !EVENTS.contains(&kind) && columns.is_none() && !(SAMPLE.len()..=SAMPLE.len() + 1).contains(&record.len()) {
            return Err(Wrong::new(
                "",
                format!("{} columns; the log has 20, or 21 with the sample's literal", record.len()),
            ));
        }
        let ours = is_a_device_of(row.get("channame"));
        if !ours || !matches!(kind, "CHAN_START" | "ANSWER" | "BRIDGE_ENTER" | "HANGUP") {
            return if EVENTS.contains(&kind) || row.get("channame").contains('/') {
                Ok(Fate::Other("an event that tells of no call of a carrier's"))
            } else {
                Err(Wrong::new("eventtype", format!("`{}` is unknown", clip(kind))))
            };
        }
        times.identified(row.get("uniqueid"));
        let at = times.after("eventtime", row.get("eventtime"), None)?;
        let at = at.ok_or_else(|| Wrong::new("eventtime", "missing"))?;
        let event = match kind {
            "CHAN_START" => self.began(&row, at)?,
            "ANSWER" => self.answered(&row, at),
            "BRIDGE_ENTER" => self.bridged(&row, at),
            _ => self.ended(&row, at),
        };
        Ok(event.map_or(Fate::Other("an event of a channel that is no carrier's"), Fate::from))
    }
}

fn is_a_device_of(channel: &str) -> bool {
    super::names::ChannelName::read(channel).is_some_and(|name| is_a_device(&name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::too_many_arguments)]
mod tests {
    use super::super::config::RouteConfig;
    use super::*;
    use crate::import::times::Fold;
    use app::domain::{Call, Country, RealmId, RouteId, SourceId};
    use std::collections::BTreeMap;

    fn log(columns: Option<&str>) -> Log {
        let origin = Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") };
        let mut names = Names { country: Country::new("US").ok(), ..Names::default() };
        let route = RouteConfig { route: RouteId::trusted("A"), capacity: None, prefix: None };
        names.routes.insert("carrier-a".into(), route);
        names.inbound.insert("from-outside".into());
        Log::new(origin, names, Defaults::default(), columns).unwrap()
    }

    /// A row of the sample's columns.
    fn row(
        kind: &str,
        time: &str,
        number: &str,
        exten: &str,
        channel: &str,
        id: &str,
        peer: &str,
        extra: &str,
    ) -> StringRecord {
        let context = if exten.is_empty() { "" } else { "from-outside" };
        StringRecord::from(vec![
            kind,
            time,
            "",
            number,
            "",
            "",
            "",
            exten,
            context,
            channel,
            "",
            "",
            "DOCUMENTATION",
            "SPRING24",
            id,
            "1.1",
            peer,
            "",
            "",
            extra,
        ])
    }

    fn calls(log: &mut Log, rows: &[StringRecord]) -> BTreeMap<String, Call> {
        let mut times = Times::new(None, Fold::Earlier);
        let mut calls: BTreeMap<String, Call> = BTreeMap::new();
        for row in rows {
            if let Some((name, told)) = log.row(row, &mut times).unwrap().events().first().and_then(Call::told_by) {
                calls.entry(name.call_id.to_string()).or_default().merge(&told);
            }
        }
        calls
    }

    const TRUNK: &str = "PJSIP/carrier-a-0000001f";
    const AGENT: &str = "PJSIP/agent-1042-00000020";

    #[test]
    fn a_call_is_told_moment_by_moment_with_the_agents_own() {
        let rows = [
            row("CHAN_START", "1795219200.100000", "12025550142", "", TRUNK, "1795219200.62", "", ""),
            row("ANSWER", "1795219214.000000", "12025550142", "sales", TRUNK, "1795219200.62", "", ""),
            row("CHAN_START", "1795219214.500000", "", "", AGENT, "1795219214.63", "", ""),
            row("BRIDGE_ENTER", "1795219216.000000", "", "", TRUNK, "1795219200.62", "", r#"{"bridge_id":"b"}"#),
            row("BRIDGE_ENTER", "1795219216.250000", "", "", AGENT, "1795219214.63", TRUNK, r#"{"bridge_id":"b"}"#),
            row("HANGUP", "1795219297.000000", "", "", AGENT, "1795219214.63", "", "{}"),
            row(
                "HANGUP",
                "1795219297.100000",
                "",
                "",
                TRUNK,
                "1795219200.62",
                "",
                r#"{"hangupcause":16,"hangupsource":"PJSIP/carrier-a-0000001f","dialstatus":""}"#,
            ),
            row("LINKEDID_END", "1795219297.100000", "", "", TRUNK, "1795219200.62", "", ""),
        ];
        let calls = calls(&mut log(None), &rows);
        let call = &calls["1795219200.62"];
        let at = |micros: i64| Some(Moment::from_micros(1_795_219_200_000_000 + micros));
        assert_eq!((call.started_at, call.answered_at), (at(100_000), at(14_000_000)));
        assert_eq!((call.bridged_at, call.ended_at), (at(16_250_000), at(97_100_000)));
        assert_eq!((call.agent.get().unwrap().as_str(), call.route.get().unwrap().as_str()), ("agent-1042", "A"));
        assert_eq!(
            (call.hung_up_by.value(), call.to.get().unwrap().reveal()),
            (Some(HungUpBy::Person), "+12025550142")
        );
        assert_eq!(calls.len(), 1, "the agent's channel is no call of its own");
    }

    #[test]
    fn an_unanswered_call_ends_as_dialled_and_the_samples_literal_moves_all_columns() {
        let extra = r#"{"hangupcause":17,"hangupsource":"","dialstatus":"BUSY"}"#;
        let rows = [
            row("CHAN_START", "1795219200.000000", "12025550150", "", TRUNK, "1.80", "", ""),
            row("HANGUP", "1795219202.000000", "12025550150", "", TRUNK, "1.80", "", extra),
        ];
        let shifted = rows.clone().map(|row| {
            let mut fields: Vec<&str> = row.iter().collect();
            fields.insert(1, "My Literal");
            StringRecord::from(fields)
        });
        for rows in [rows, shifted] {
            let calls = calls(&mut log(None), &rows);
            let call = &calls["1.80"];
            assert_eq!((call.outcome.value(), call.q850.get().map(|c| *c.get())), (Some(Outcome::Busy), Some(17)));
            assert_eq!(call.ended_at, Some(Moment::from_secs(1_795_219_202)));
        }
    }

    #[test]
    fn named_columns_may_stand_in_any_order_and_inbound_is_told_by_context_and_extension() {
        let mut log = log(Some("EventTime,EventType,ChanName,UniqueID,Context,Exten,CIDNum"));
        let row = StringRecord::from(vec![
            "1795219200",
            "CHAN_START",
            TRUNK,
            "7.1",
            "from-outside",
            "12025550100",
            "+442079460018",
        ]);
        let call = &calls(&mut log, &[row])["7.1"];
        assert_eq!(call.direction.value(), Some(Direction::Inbound));
        assert_eq!(
            (call.from.get().unwrap().reveal(), call.to.get().unwrap().reveal()),
            ("+442079460018", "+12025550100")
        );
        let origin = log.origin.clone();
        let missing = Log::new(origin, Names::default(), Defaults::default(), Some("EventType,EventTime,ChanName"));
        assert_eq!(missing.unwrap_err(), "--columns names no `uniqueid`");
    }
}
