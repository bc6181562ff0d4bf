//! Call detail records as Asterisk writes them to `Master.csv`, for `ringside import`.
//!
//! A record is of a channel and of the party it was connected to. It is a call of ours where one of the two is a carrier's
//! endpoint; records between telephones of the house are none. What a record does not tell: ringing, the codes of the end,
//! and when the agent came on the line (taken as the answer: an abandoned call can't be told from it). Times are whole
//! seconds of the server's clock. The columns that a PBX may leave out are told by their number (16 to 21) and shape.

use super::config::{AsteriskConfig, RouteConfig};
use super::endpoints::route_of;
use super::names::{ChannelName, dialled, is_a_device};
use crate::import::columns::event;
use crate::import::defaults::Defaults;
use crate::import::times::Times;
use crate::import::{Fate, Origin, Translate, Wrong};
use crate::source::numbers;
use app::domain::event::CallRecord;
use app::domain::outcome::{Direction, Mode, Outcome};
use app::domain::{AgentId, CallId, CampaignId, Country, Moment, Party, QueueId, Span};
use csv::StringRecord;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

const FEWEST: usize = 16;
const MOST: usize = 21;

/// What the PBX's names mean.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub country: Option<Country>,
    /// Endpoints that are carriers.
    pub routes: BTreeMap<SmolStr, RouteConfig>,
    pub modes: BTreeMap<CampaignId, Mode>,
    /// Contexts of the dialplan at which calls from outside arrive.
    pub inbound: BTreeSet<SmolStr>,
}

impl Names {
    /// As a followed PBX is configured; carriers named beside that are added.
    #[must_use]
    pub fn of(config: Option<&AsteriskConfig>, country: Option<Country>) -> Self {
        let Some(config) = config else { return Self { country, ..Self::default() } };
        Self {
            country: config.country.or(country),
            routes: config.routes.clone(),
            modes: config.modes.clone(),
            inbound: BTreeSet::new(),
        }
    }

    /// The route of a channel, where that is a carrier's.
    pub(super) fn carrier(&self, channel: &str) -> Option<&RouteConfig> {
        let name = ChannelName::read(channel)?;
        route_of(&self.routes, name.tech, name.resource).map(|(_, route)| route)
    }

    /// The agent at a channel: the endpoint of a telephone of the house.
    pub(super) fn agent(&self, channel: &str) -> Option<AgentId> {
        let name = ChannelName::read(channel)?;
        let of_the_house = is_a_device(&name) && self.carrier(channel).is_none();
        of_the_house.then(|| AgentId::new(name.resource).ok()).flatten()
    }

    pub(super) fn campaign(&self, account: &str) -> Option<CampaignId> {
        CampaignId::new(account).ok()
    }

    fn party(&self, text: &str, route: &RouteConfig) -> Option<Party> {
        numbers::read(text, route.prefix.as_deref(), self.country).party()
    }
}

/// Whether a row looks like one of `Master.csv`: so many columns, and a disposition where it belongs.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    (FEWEST..=MOST).contains(&row.len()) && row.get(14).is_some_and(|text| disposition(text).is_some())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    Answered,
    Not(Outcome),
}

fn disposition(text: &str) -> Option<Disposition> {
    Some(match text {
        "ANSWERED" => Disposition::Answered,
        "NO ANSWER" => Disposition::Not(Outcome::NoAnswer),
        "BUSY" => Disposition::Not(Outcome::Busy),
        "FAILED" => Disposition::Not(Outcome::Failed),
        "CONGESTION" => Disposition::Not(Outcome::Congestion),
        "CANCEL" => Disposition::Not(Outcome::Cancelled),
        _ => return None,
    })
}

/// Makes calls of records.
#[derive(Debug)]
pub struct Records {
    pub origin: Origin,
    pub names: Names,
    pub defaults: Defaults,
}

/// The columns of a record.
struct Columns<'r>(&'r StringRecord);

impl<'r> Columns<'r> {
    fn at(&self, column: usize) -> &'r str {
        self.0.get(column).unwrap_or_default()
    }

    fn secs(&self, field: &str, column: usize) -> Result<Span, Wrong> {
        let secs = self.at(column).parse().map_err(|_| Wrong::new(field, "not a whole number of seconds"))?;
        Ok(Span::secs(secs))
    }

    /// The channel's own id: `1795219200.62`, with the system's name before it where it has one.
    fn unique_id(&self) -> Option<&'r str> {
        let id = self.at(16);
        let (whole, part) = id.rsplit_once('.')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (self.0.len() > FEWEST && digits(part) && whole.bytes().last().is_some_and(|b| b.is_ascii_digit()))
            .then_some(id)
    }
}

impl Translate for Records {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if !(FEWEST..=MOST).contains(&row.len()) {
            return Err(Wrong::new("", format!("{} columns; a record has {FEWEST} to {MOST}", row.len())));
        }
        let columns = Columns(row);
        let (channel, party) = (columns.at(5), columns.at(6));
        let own = self.names.carrier(channel);
        let Some(route) = own.or_else(|| self.names.carrier(party)) else { return Ok(self.of_no_route(&columns)) };
        times.identified(columns.unique_id().unwrap_or_default());
        let ending = disposition(columns.at(14))
            .ok_or_else(|| Wrong::new("disposition", format!("`{}` is unknown", clip(columns.at(14)))))?;
        let took = columns.secs("duration", 12)?;
        let (start, end) = times.span(("start", columns.at(9)), ("end", columns.at(11)), Some(took))?;
        let start = start.ok_or_else(|| Wrong::new("start", "missing"))?;
        let call_id = self.call_id(&columns, own.is_some(), start)?;
        let mut record = CallRecord::only(call_id, start);
        record.ended_at = end;
        record.route = Some(route.route.clone());
        record.campaign = self.names.campaign(columns.at(0));
        record.mode = record.campaign.as_ref().and_then(|campaign| self.names.modes.get(campaign)).copied();
        let inbound = own.is_some() && self.names.inbound.contains(columns.at(3));
        record.direction = Some(if inbound { Direction::Inbound } else { Direction::Outbound });
        self.numbers(&columns, route, inbound, &mut record);
        if columns.at(7) == "Queue" {
            record.queue = columns.at(8).split(',').next().and_then(|queue| QueueId::new(queue).ok());
        }
        record.agent = self.names.agent(if own.is_some() { party } else { channel });
        match ending {
            Disposition::Answered => {
                let talked = columns.secs("billsec", 13)?;
                let readings = times.readings("answer", columns.at(10))?;
                record.answered_at = times.settle(columns.at(10), readings, end.map(|end| end - talked));
                record.outcome = record.answered_at.is_none().then_some(Outcome::Answered);
                record.bridged_at = record.answered_at.filter(|_| record.agent.is_some());
            }
            Disposition::Not(outcome) => record.outcome = Some(outcome),
        }
        let time = end.unwrap_or(start);
        Ok(event(&self.origin, "cdr", &self.defaults, record, time).into())
    }

    fn caveat(&self) -> Option<&'static str> {
        Some(
            "Call detail records do not tell when an agent came on the line: it is taken as the moment of the answer, so no \
             call with an agent counts as abandoned. For the abandon rate import the channel event log.",
        )
    }
}

impl Records {
    /// A record without a carrier's endpoint is of a call all the same where one of its numbers is a subscriber's.
    fn of_no_route(&self, columns: &Columns<'_>) -> Fate {
        let outside = |text| numbers::read(text, None, self.names.country).number().is_some();
        if !outside(columns.at(1)) && !outside(columns.at(2)) {
            return Fate::Other("between telephones of the house");
        }
        let endpoints = [columns.at(5), columns.at(6)].into_iter().filter_map(ChannelName::read);
        Fate::NoRoute(endpoints.map(|name| format!("{}/{}", name.tech, name.resource).into()).collect())
    }

    /// A carrier's own channel names its call, as when the PBX is followed; of a leg dialled for another channel the record
    /// has only that one's id, and the leg's name goes with it.
    fn call_id(&self, columns: &Columns<'_>, own: bool, start: Moment) -> Result<CallId, Wrong> {
        let (channel, party) = (columns.at(5), columns.at(6));
        let name = match (columns.unique_id(), own) {
            (Some(id), true) => id.to_owned(),
            (Some(id), false) => format!("{id}/{party}"),
            (None, true) => format!("{channel}@{}", start.secs()),
            (None, false) => format!("{party}@{}", start.secs()),
        };
        CallId::new(&name).map_err(|e| Wrong::new("uniqueid", e.to_string()))
    }

    fn numbers(&self, columns: &Columns<'_>, route: &RouteConfig, inbound: bool, record: &mut CallRecord) {
        let (src, dst) = (columns.at(1), columns.at(2));
        record.from = self.names.party(src, route);
        record.to = if inbound {
            self.names.party(dst, route)
        } else {
            // What was dialled, without options and without those dialled beside it.
            let first = columns.at(8).split([',', '&']).next().unwrap_or_default();
            let told = if columns.at(7) == "Dial" { self.names.party(dialled(first), route) } else { None };
            told.or_else(|| self.names.party(dst, route))
        };
    }
}

/// Foreign text in our messages is kept short.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::import::times::Fold;
    use app::domain::{Data, RealmId, RouteId, SourceId};

    fn records() -> Records {
        let origin = Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") };
        let mut names = Names { country: Country::new("US").ok(), ..Names::default() };
        let route = RouteConfig { route: RouteId::trusted("A"), capacity: None, prefix: None };
        names.routes.insert("carrier-a".into(), route);
        names.inbound.insert("from-outside".into());
        Records { origin, names, defaults: Defaults::default() }
    }

    fn read(text: &str) -> Vec<Result<Option<CallRecord>, String>> {
        let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        let mut records = records();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader
            .records()
            .map(|row| {
                let fate = records.row(&row.unwrap(), &mut times).map_err(|e| e.to_string())?;
                Ok(fate.events().pop().map(|event| match event.data {
                    Data::CallRecord(record) => record,
                    other => panic!("{other:?}"),
                }))
            })
            .collect()
    }

    fn one(text: &str) -> CallRecord {
        read(text).remove(0).unwrap().unwrap()
    }

    #[test]
    fn the_recorded_sample_is_three_calls() {
        let calls: Vec<CallRecord> =
            read(include_str!("fixtures/Master.csv")).into_iter().map(|call| call.unwrap().unwrap()).collect();
        let at = |text: &str| Some(Moment::parse(text).unwrap());
        assert_eq!(calls.len(), 3);
        let first = &calls[0];
        assert_eq!((first.call_id.as_str(), first.started_at), ("1795219200.62", at("2026-11-21T00:00:00Z").unwrap()));
        assert_eq!((first.answered_at, first.ended_at), (at("2026-11-21T00:00:14Z"), at("2026-11-21T00:01:37Z")));
        assert_eq!((first.bridged_at, first.agent.as_ref().unwrap().as_str()), (first.answered_at, "agent-1042"));
        assert_eq!(
            (first.queue.as_ref().unwrap().as_str(), first.campaign.as_ref().unwrap().as_str()),
            ("sales", "SPRING24")
        );
        assert_eq!((first.from.as_ref().unwrap().reveal(), &first.to), ("+12025550100", &None));
        let busy = &calls[1];
        assert_eq!((busy.outcome, busy.answered_at, busy.agent.as_ref()), (Some(Outcome::Busy), None, None));
        assert_eq!(busy.to.as_ref().unwrap().reveal(), "+12025550150");
        assert_eq!(calls[2].outcome, Some(Outcome::Failed));
    }

    #[test]
    fn a_call_dialled_for_an_agent_is_named_by_both_and_shorter_records_are_read_too() {
        let call = one(
            r#""","1042","2025550187","phones","""Ann"" <1042>","PJSIP/ann-00000001","PJSIP/carrier-a-00000002","Dial","PJSIP/12025550187@carrier-a,30,r","2026-11-21 10:00:00","2026-11-21 10:00:09","2026-11-21 10:01:00",60,51,"ANSWERED","DOCUMENTATION""#,
        );
        assert_eq!(call.call_id.as_str(), "PJSIP/carrier-a-00000002@1795255200");
        assert_eq!((call.agent.unwrap().as_str(), call.to.unwrap().reveal()), ("ann", "+12025550187"));
        assert_eq!((call.from, call.direction, call.campaign), (None, Some(Direction::Outbound), None));
    }

    #[test]
    fn a_call_from_outside_is_inbound_by_its_context_and_one_of_the_house_is_none() {
        let inbound = one(
            r#""","+442079460018","+12025550100","from-outside","x","PJSIP/carrier-a-00000009","PJSIP/bob-0000000a","Queue","sales,t","2026-11-21 10:00:00","2026-11-21 10:00:00","2026-11-21 10:01:00",60,60,"ANSWERED","DOCUMENTATION","pbx-1.7","u","","pbx-1.7",3"#,
        );
        assert_eq!((inbound.direction, inbound.call_id.as_str()), (Some(Direction::Inbound), "pbx-1.7"));
        assert_eq!((inbound.from.unwrap().reveal(), inbound.to.unwrap().reveal()), ("+442079460018", "+12025550100"));
        let house = r#""","1042","1043","phones","x","PJSIP/ann-00000001","PJSIP/bob-00000002","Dial","PJSIP/bob","2026-11-21 10:00:00",,"2026-11-21 10:00:04",4,0,"NO ANSWER","DOCUMENTATION","1.7","""#;
        assert_eq!(read(house), [Ok(None)]);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_column() {
        let row = |start: &str, duration: &str, disposition: &str| {
            format!(
                r#""","1","2","c","x","PJSIP/carrier-a-1","","Dial","","{start}",,"2026-11-21 10:00:04",{duration},0,"{disposition}","DOCUMENTATION","1.7","""#
            )
        };
        for (row, expected) in [
            (row("", "4", "BUSY"), "start: missing"),
            (row("21.11.2026", "4", "BUSY"), "start: not a time (like 2026-11-21 14:32:08)"),
            (row("2026-11-21 10:00:00", "x", "BUSY"), "duration: not a whole number of seconds"),
            (row("2026-11-21 10:00:00", "4", "GONE"), "disposition: `GONE` is unknown"),
            ("a,b".to_owned(), ": 2 columns; a record has 16 to 21"),
        ] {
            assert_eq!(read(&row), [Err(expected.to_owned())]);
        }
    }
}
