//! What one commit tells a live view beside its sums, as bytes: for servers that follow what another one commits.
//!
//! Sums are the journal's entry already (`tally`); sums of periods each server reads for itself. A byte of version, then
//! [`EncodedCommit`] by postcard: whoever changes its shape raises the version, and a follower of another version reads the
//! last hour from the tables instead (`ingest::ledger`).

use super::StoreError;
use super::settings_text::AsText;
use super::tally::read_entry;
use crate::law::calls::{CallNow, Stands};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, Sample};
use app::domain::outcome::{AgentStatus, Disposition};
use app::domain::{AgentId, CallId, CallName, CampaignId, ListId, Moment, Number, QueueId, RealmId, RouteId, SourceId};
use app::view::monitor_campaign::CallState;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The first byte. Those up to 3 were written field by field.
const VERSION: u8 = 4;

/// Microseconds since 1970.
type Micros = i64;
/// A name, and its settings as [`AsText`].
type EncodedSettings = (SmolStr, String);

#[derive(Serialize, Deserialize)]
struct EncodedCommit {
    newest_event: Option<Micros>,
    events: u64,
    gauges: Vec<EncodedGauge>,
    agents: Vec<EncodedAgent>,
    channels: Vec<EncodedSample>,
    trunks: Vec<EncodedSample>,
    health: Vec<EncodedSample>,
    metrics: Vec<EncodedSample>,
    campaigns: Vec<EncodedSettings>,
    routes: Vec<EncodedSettings>,
    dids: Vec<EncodedSettings>,
    calls: Vec<EncodedCall>,
    persons: Vec<SmolStr>,
}

#[derive(Serialize, Deserialize)]
struct EncodedGauge {
    gauge: Gauge,
    campaign: SmolStr,
    route: SmolStr,
    queue: SmolStr,
    /// Seconds since 1970.
    second: i64,
    n: i64,
}

#[derive(Serialize, Deserialize)]
struct EncodedAgent {
    agent: SmolStr,
    campaign: SmolStr,
    state: AgentStatus,
    since: Micros,
    reason: Option<SmolStr>,
}

/// Its body as JSON: members that are absent there can be left out, which postcard has no way to say.
#[derive(Serialize, Deserialize)]
struct EncodedSample {
    at: Micros,
    source: SmolStr,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct EncodedCall {
    realm: SmolStr,
    call_id: SmolStr,
    campaign: SmolStr,
    start: Micros,
    number: Option<SmolStr>,
    agent: Option<SmolStr>,
    list: Option<SmolStr>,
    queue: Option<SmolStr>,
    disposition: Option<SmolStr>,
    answered: Option<Micros>,
    stands: EncodedStands,
}

#[derive(Serialize, Deserialize)]
enum EncodedStands {
    Up(CallState),
    Over { ended: Micros, became: Disposition },
    Lost,
}

/// All of a change but its facts and periods.
///
/// # Errors
/// If a sample or a setting makes no JSON.
pub(crate) fn encode(change: &Change) -> Result<Vec<u8>, StoreError> {
    let Change {
        newest_event,
        events,
        facts: _,
        gauges,
        agents,
        channels,
        trunks,
        health,
        metrics,
        campaigns,
        routes,
        dids,
        persons,
        periods: _,
        runs: _,
        without_start: _,
        calls,
        begins_anew: _,
        storing: _,
        gone: _,
    } = change;
    let commit = EncodedCommit {
        newest_event: newest_event.map(Moment::micros),
        events: *events,
        gauges: gauges.iter().map(|(key, n)| EncodedGauge::of(key, *n)).collect(),
        agents: agents.iter().map(EncodedAgent::of).collect(),
        channels: encode_samples(channels)?,
        trunks: encode_samples(trunks)?,
        health: encode_samples(health)?,
        metrics: encode_samples(metrics)?,
        campaigns: encode_settings(campaigns, CampaignId::as_str)?,
        routes: encode_settings(routes, RouteId::as_str)?,
        dids: encode_settings(dids, Number::reveal)?,
        calls: calls.iter().map(EncodedCall::of).collect(),
        persons: persons.iter().map(|person| person.reveal().into()).collect(),
    };
    postcard::to_extend(&commit, vec![VERSION]).map_err(|e| StoreError::Unreadable(e.to_string()))
}

/// Adds what one commit told to a change: its journal entry of sums, and the rest of it.
///
/// # Errors
/// If the bytes are cut short, or of another version.
pub(crate) fn decode(sums: &[u8], rest: &[u8], change: &mut Change) -> Result<(), StoreError> {
    if !sums.is_empty() {
        read_entry(sums, |_| true, |bucket, of, tally| change.facts.push(FactChange { bucket, of, tally }))?;
    }
    match rest.split_first() {
        None => Ok(()),
        Some((&VERSION, commit)) => match postcard::take_from_bytes::<EncodedCommit>(commit) {
            Ok((commit, [])) => commit.add_to(change),
            Ok(_) | Err(_) => Err(unreadable()),
        },
        Some(_) => Err(unreadable()),
    }
}

fn unreadable() -> StoreError {
    StoreError::Unreadable("what a commit told: cut short, or of another version".to_owned())
}

impl EncodedCommit {
    fn add_to(self, change: &mut Change) -> Result<(), StoreError> {
        change.newest_event = change.newest_event.max(self.newest_event.map(Moment::from_micros));
        change.events = change.events.saturating_add(self.events);
        for gauge in self.gauges {
            change.gauges.push(gauge.decode().ok_or_else(unreadable)?);
        }
        change.agents.extend(self.agents.into_iter().map(EncodedAgent::decode));
        decode_samples(self.channels, &mut change.channels)?;
        decode_samples(self.trunks, &mut change.trunks)?;
        decode_samples(self.health, &mut change.health)?;
        decode_samples(self.metrics, &mut change.metrics)?;
        decode_settings(self.campaigns, CampaignId::trusted, &mut change.campaigns)?;
        decode_settings(self.routes, RouteId::trusted, &mut change.routes)?;
        decode_settings(self.dids, Number::trusted, &mut change.dids)?;
        change.calls.extend(self.calls.into_iter().map(EncodedCall::decode));
        change.persons.extend(self.persons.into_iter().map(Number::trusted));
        Ok(())
    }
}

impl EncodedGauge {
    fn of(GaugeKey { gauge, campaign, route, queue, second }: &GaugeKey, n: i64) -> Self {
        let (campaign, route, queue) = (campaign.as_str().into(), route.as_str().into(), queue.as_str().into());
        Self { gauge: *gauge, campaign, route, queue, second: second.secs(), n }
    }

    /// `None` where its second is beyond all moments.
    fn decode(self) -> Option<(GaugeKey, i64)> {
        let key = GaugeKey {
            gauge: self.gauge,
            campaign: CampaignId::trusted(self.campaign),
            route: RouteId::trusted(self.route),
            queue: QueueId::trusted(self.queue),
            second: Moment::try_from_secs(self.second)?,
        };
        Some((key, self.n))
    }
}

impl EncodedAgent {
    fn of(AgentNow { agent, campaign, state, since, reason }: &AgentNow) -> Self {
        let (agent, campaign) = (agent.as_str().into(), campaign.as_str().into());
        Self { agent, campaign, state: *state, since: since.micros(), reason: reason.clone() }
    }

    fn decode(self) -> AgentNow {
        AgentNow {
            agent: AgentId::trusted(self.agent),
            campaign: CampaignId::trusted(self.campaign),
            state: self.state,
            since: Moment::from_micros(self.since),
            reason: self.reason,
        }
    }
}

impl EncodedCall {
    fn of(call: &CallNow) -> Self {
        let CallNow { name, campaign, start, number, agent, list, queue, disposition, answered, stands } = call;
        Self {
            realm: name.realm.as_str().into(),
            call_id: name.call_id.as_str().into(),
            campaign: campaign.as_str().into(),
            start: start.micros(),
            number: number.as_ref().map(|number| number.reveal().into()),
            agent: agent.as_ref().map(|agent| agent.as_str().into()),
            list: list.as_ref().map(|list| list.as_str().into()),
            queue: queue.as_ref().map(|queue| queue.as_str().into()),
            disposition: disposition.clone(),
            answered: answered.map(Moment::micros),
            stands: match *stands {
                Stands::Up(state) => EncodedStands::Up(state),
                Stands::Over { ended, became } => EncodedStands::Over { ended: ended.micros(), became },
                Stands::Lost => EncodedStands::Lost,
            },
        }
    }

    fn decode(self) -> CallNow {
        CallNow {
            name: CallName { realm: RealmId::trusted(self.realm), call_id: CallId::trusted(self.call_id) },
            campaign: CampaignId::trusted(self.campaign),
            start: Moment::from_micros(self.start),
            number: self.number.map(Number::trusted),
            agent: self.agent.map(AgentId::trusted),
            list: self.list.map(ListId::trusted),
            queue: self.queue.map(QueueId::trusted),
            disposition: self.disposition,
            answered: self.answered.map(Moment::from_micros),
            stands: match self.stands {
                EncodedStands::Up(state) => Stands::Up(state),
                EncodedStands::Over { ended, became } => Stands::Over { ended: Moment::from_micros(ended), became },
                EncodedStands::Lost => Stands::Lost,
            },
        }
    }
}

fn encode_samples<T: Serialize>(samples: &[Sample<T>]) -> Result<Vec<EncodedSample>, StoreError> {
    let encoded = |Sample { at, source, body }: &Sample<T>| {
        let body = serde_json::to_string(body).map_err(|e| StoreError::Unreadable(e.to_string()))?;
        Ok(EncodedSample { at: at.micros(), source: source.as_str().into(), body })
    };
    samples.iter().map(encoded).collect()
}

fn decode_samples<T: DeserializeOwned>(
    encoded: Vec<EncodedSample>,
    samples: &mut Vec<Sample<T>>,
) -> Result<(), StoreError> {
    for EncodedSample { at, source, body } in encoded {
        let body = serde_json::from_str(&body).map_err(|_| unreadable())?;
        samples.push(Sample { at: Moment::from_micros(at), source: SourceId::trusted(source), body });
    }
    Ok(())
}

fn encode_settings<I, T: AsText>(
    all: &[(I, T)],
    name: impl Fn(&I) -> &str,
) -> Result<Vec<EncodedSettings>, StoreError> {
    all.iter().map(|(id, settings)| Ok((name(id).into(), settings.to_json()?))).collect()
}

fn decode_settings<I, T: AsText>(
    encoded: Vec<EncodedSettings>,
    id: impl Fn(SmolStr) -> I,
    all: &mut Vec<(I, T)>,
) -> Result<(), StoreError> {
    for (name, settings) in encoded {
        all.push((id(name), T::from_json(&settings)?));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::law::change::SumKey;
    use crate::store::tally::encode_entry;
    use app::domain::event::{ChannelsSample, Text};
    use app::domain::{Campaign, Dimension, Fact, LastWrite, Tally, TrunkId};
    use proptest::prelude::*;
    use proptest::sample::Index;

    #[test]
    fn an_instant_that_can_not_be_makes_bytes_unreadable() {
        let gauge = |second| EncodedGauge {
            gauge: Gauge::Active,
            campaign: "spring".into(),
            route: "north".into(),
            queue: "".into(),
            second,
            n: 1,
        };
        let beyond = i64::MAX / 1_000_000 + 1;
        assert!(gauge(beyond).decode().is_none() && gauge(7).decode().is_some());
    }

    #[test]
    fn another_version_is_none_of_ours() {
        let mut bytes = encode(&change()).unwrap();
        bytes[0] = VERSION - 1;
        assert!(matches!(decode(&[], &bytes, &mut Change::default()), Err(StoreError::Unreadable(_))));
        bytes[0] = VERSION;
        bytes.push(0);
        assert!(decode(&[], &bytes, &mut Change::default()).is_err(), "more than a commit");
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(
            damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6), cut in any::<Index>(), noise in prop::collection::vec(any::<u8>(), 0..60)
        ) {
            let mut bytes = encode(&change()).unwrap();
            damage.into_iter().for_each(|(at, byte)| *at.get_mut(&mut bytes) = byte);
            let _ = decode(&[], &bytes, &mut Change::default());
            let _ = decode(&bytes, &noise, &mut Change::default());
            bytes.truncate(cut.index(bytes.len()));
            bytes.extend(noise);
            let _ = decode(&[], &bytes, &mut Change::default());
        }
    }

    fn change() -> Change {
        let at = Moment::from_secs(1_795_262_400);
        let mut tally = Tally::default();
        tally.add(Fact::Attempts, -3);
        let campaign = CampaignId::trusted("spring");
        let of = SumKey { campaign: campaign.clone(), dimension: Dimension::Total, key: SmolStr::default() };
        let gauge = |gauge, n| {
            let (route, queue) = (RouteId::trusted("north"), QueueId::none());
            (GaugeKey { gauge, campaign: campaign.clone(), route, queue, second: at }, n)
        };
        let call = |stands| CallNow {
            name: CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("c") },
            campaign: campaign.clone(),
            start: at,
            number: Some(Number::trusted("+34911234567")),
            agent: None,
            list: Some(ListId::trusted("spring-1")),
            queue: Some(QueueId::trusted("sales")),
            disposition: Some("SALE".into()),
            answered: Some(at),
            stands,
        };
        let over = Stands::Over { ended: at, became: Disposition::Busy };
        let settings = Campaign { name: LastWrite::at(Text::clipped("Spring"), at), ..Campaign::default() };
        Change {
            newest_event: Some(at),
            events: 7,
            facts: vec![FactChange { bucket: at, of, tally }],
            gauges: vec![
                gauge(Gauge::Active, -1),
                gauge(Gauge::Started, 2),
                gauge(Gauge::Unheard, 3),
                gauge(Gauge::Waiting, 4),
            ],
            agents: vec![AgentNow {
                agent: AgentId::trusted("ann"),
                campaign: campaign.clone(),
                state: AgentStatus::Break,
                since: at,
                reason: Some("lunch".into()),
            }],
            channels: vec![Sample {
                at,
                source: SourceId::trusted("dialer"),
                body: ChannelsSample { trunk: TrunkId::trusted("t"), active: 7, capacity: Some(9) },
            }],
            campaigns: vec![(campaign.clone(), settings)],
            calls: vec![call(Stands::Lost), call(Stands::Up(CallState::Queued)), call(over)],
            routes: vec![(RouteId::trusted("north"), app::domain::Route::default())],
            dids: vec![(Number::trusted("+12025550142"), app::domain::Did::default())],
            persons: vec![Number::trusted("+34911234567")],
            ..Change::default()
        }
    }

    #[test]
    fn what_a_commit_told_is_told_again() {
        let change = change();
        let entry = encode_entry(change.facts.iter().map(|fact| (fact.bucket, &fact.of, &fact.tally)));
        let rest = encode(&change).unwrap();
        let mut read = Change::default();
        decode(&entry, &rest, &mut read).unwrap();
        assert_eq!(format!("{read:?}"), format!("{change:?}"));
        for end in 0..rest.len() {
            assert!(end == 0 || decode(&[], &rest[..end], &mut Change::default()).is_err(), "cut at {end}");
        }
    }
}
