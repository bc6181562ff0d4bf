//! What one commit tells a live view beside its sums, as bytes: for servers that follow what another one commits.
//!
//! Sums are the journal's entry already (`tally`); sums of periods each server reads for itself.

use super::StoreError;
use super::settings_text::AsText;
use super::tally::{put, put_signed, put_text, read_entry, take, take_signed, take_text};
use crate::law::calls::{CallNow, Stands};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, Sample};
use app::domain::outcome::{AgentStatus, Disposition};
use app::domain::{AgentId, CallId, CallName, CampaignId, ListId, Moment, Number, QueueId, RealmId, RouteId, SourceId};
use app::view::monitor_campaign::CallState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

/// The first byte: what follows is told in this way.
const VERSION: u64 = 3;

fn unreadable() -> StoreError {
    StoreError::Unreadable("what a commit told: cut short, or of a newer version".to_owned())
}

const fn gauge_code(gauge: Gauge) -> u64 {
    match gauge {
        Gauge::Active => 0,
        Gauge::Started => 1,
        Gauge::Unheard => 2,
        Gauge::Waiting => 3,
        Gauge::Over => 4,
    }
}

const fn gauge_of(code: u64) -> Option<Gauge> {
    match code {
        0 => Some(Gauge::Active),
        1 => Some(Gauge::Started),
        2 => Some(Gauge::Unheard),
        3 => Some(Gauge::Waiting),
        4 => Some(Gauge::Over),
        _ => None,
    }
}

fn put_optional(out: &mut Vec<u8>, text: Option<&SmolStr>) {
    put(out, u64::from(text.is_some()));
    put_text(out, text.map_or("", SmolStr::as_str));
}

fn put_samples<T: Serialize>(out: &mut Vec<u8>, samples: &[Sample<T>]) -> Result<(), StoreError> {
    put(out, samples.len() as u64);
    for Sample { at, source, body } in samples {
        put_signed(out, at.micros());
        put_text(out, source.as_str());
        let json = serde_json::to_string(body).map_err(|e| StoreError::Unreadable(e.to_string()))?;
        put_text(out, &json);
    }
    Ok(())
}

fn put_settings<I, T: AsText>(out: &mut Vec<u8>, all: &[(I, T)], id: impl Fn(&I) -> &str) -> Result<(), StoreError> {
    put(out, all.len() as u64);
    for (i, settings) in all {
        put_text(out, id(i));
        put_text(out, &settings.to_json()?);
    }
    Ok(())
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
    let mut out = Vec::with_capacity(64 + gauges.len() * 24);
    put(&mut out, VERSION);
    put(&mut out, u64::from(newest_event.is_some()));
    put_signed(&mut out, newest_event.map_or(0, Moment::micros));
    put(&mut out, *events);
    put(&mut out, gauges.len() as u64);
    for (GaugeKey { gauge, campaign, route, queue, second }, n) in gauges {
        put(&mut out, gauge_code(*gauge));
        put_text(&mut out, campaign.as_str());
        put_text(&mut out, route.as_str());
        put_text(&mut out, queue.as_str());
        put_signed(&mut out, second.secs());
        put_signed(&mut out, *n);
    }
    put(&mut out, agents.len() as u64);
    for AgentNow { agent, campaign, state, since, reason } in agents {
        put_text(&mut out, agent.as_str());
        put_text(&mut out, campaign.as_str());
        put_text(&mut out, state.word());
        put_signed(&mut out, since.micros());
        put_optional(&mut out, reason.as_ref());
    }
    put_samples(&mut out, channels)?;
    put_samples(&mut out, trunks)?;
    put_samples(&mut out, health)?;
    put_samples(&mut out, metrics)?;
    put_settings(&mut out, campaigns, CampaignId::as_str)?;
    put_settings(&mut out, routes, RouteId::as_str)?;
    put_settings(&mut out, dids, Number::reveal)?;
    put_calls(&mut out, calls);
    put(&mut out, persons.len() as u64);
    persons.iter().for_each(|person| put_text(&mut out, person.reveal()));
    Ok(out)
}

/// Adds what one commit told to a change: its journal entry of sums, and the rest of it.
///
/// # Errors
/// If the bytes are cut short, or hold what this version does not know.
pub(crate) fn decode(sums: &[u8], mut rest: &[u8], change: &mut Change) -> Result<(), StoreError> {
    if !sums.is_empty() {
        read_entry(sums, |_| true, |bucket, of, tally| change.facts.push(FactChange { bucket, of, tally }))?;
    }
    if !rest.is_empty() {
        take_rest(&mut rest, change)?;
    }
    Ok(())
}

fn take_rest(rest: &mut &[u8], change: &mut Change) -> Result<(), StoreError> {
    let version = number(rest)?;
    if !(1..=VERSION).contains(&version) {
        return Err(unreadable());
    }
    let (is_some, newest) = (number(rest)? != 0, Moment::from_micros(signed(rest)?));
    change.newest_event = change.newest_event.max(is_some.then_some(newest));
    change.events = change.events.saturating_add(number(rest)?);
    for _ in 0..number(rest)? {
        let gauge = gauge_of(number(rest)?).ok_or_else(unreadable)?;
        let (campaign, route) = (CampaignId::trusted(text(rest)?), RouteId::trusted(text(rest)?));
        let queue = QueueId::trusted(text(rest)?);
        let second = Moment::try_from_secs(signed(rest)?).ok_or_else(unreadable)?;
        change.gauges.push((GaugeKey { gauge, campaign, route, queue, second }, signed(rest)?));
    }
    for _ in 0..number(rest)? {
        let (agent, campaign) = (AgentId::trusted(text(rest)?), CampaignId::trusted(text(rest)?));
        let state = AgentStatus::from_word(&text(rest)?).ok_or_else(unreadable)?;
        let since = Moment::from_micros(signed(rest)?);
        let (is_some, reason) = (number(rest)? != 0, text(rest)?);
        change.agents.push(AgentNow { agent, campaign, state, since, reason: is_some.then_some(reason) });
    }
    take_samples(rest, &mut change.channels)?;
    take_samples(rest, &mut change.trunks)?;
    take_samples(rest, &mut change.health)?;
    take_samples(rest, &mut change.metrics)?;
    take_settings(rest, &mut change.campaigns, CampaignId::trusted)?;
    take_settings(rest, &mut change.routes, RouteId::trusted)?;
    take_settings(rest, &mut change.dids, Number::trusted)?;
    take_calls(rest, &mut change.calls)?;
    // Version 1 told of none.
    let persons = if version > 1 { number(rest)? } else { 0 };
    for _ in 0..persons {
        change.persons.push(Number::trusted(text(rest)?));
    }
    Ok(())
}

/// Where a call stands, as a number: its state while it is up, 100 lost, from 200 on over, by what became of it.
fn stands_code(stands: Stands) -> u64 {
    let place = |found: Option<usize>| found.map_or(0, |at| at as u64);
    match stands {
        Stands::Up(state) => place(STATES.iter().position(|known| *known == state)),
        Stands::Lost => LOST,
        Stands::Over { became, .. } => OVER + place(Disposition::ALL.iter().position(|known| *known == became)),
    }
}

const LOST: u64 = 100;
const OVER: u64 = 200;
const STATES: [CallState; 5] =
    [CallState::Dialing, CallState::Ringing, CallState::Queued, CallState::Answered, CallState::Connected];

fn stands_of(code: u64, ended: Moment) -> Option<Stands> {
    let at = |from: u64| usize::try_from(code - from).ok();
    if code >= OVER {
        return Disposition::ALL.get(at(OVER)?).map(|became| Stands::Over { ended, became: *became });
    }
    if code == LOST { Some(Stands::Lost) } else { STATES.get(at(0)?).map(|state| Stands::Up(*state)) }
}

fn put_calls(out: &mut Vec<u8>, calls: &[CallNow]) {
    put(out, calls.len() as u64);
    for CallNow { name, campaign, start, number, agent, list, queue, disposition, answered, stands } in calls {
        put_text(out, name.realm.as_str());
        put_text(out, name.call_id.as_str());
        put_text(out, campaign.as_str());
        put_signed(out, start.micros());
        put_text(out, number.as_ref().map_or("", Number::reveal));
        put_text(out, agent.as_ref().map_or("", AgentId::as_str));
        put_text(out, list.as_ref().map_or("", ListId::as_str));
        put_text(out, queue.as_ref().map_or("", QueueId::as_str));
        put_text(out, disposition.as_deref().unwrap_or_default());
        put(out, u64::from(answered.is_some()));
        put_signed(out, answered.map_or(0, |at| at.micros() - start.micros()));
        put(out, stands_code(*stands));
        let ended = match stands {
            Stands::Over { ended, .. } => *ended,
            Stands::Up(_) | Stands::Lost => *start,
        };
        put_signed(out, ended.micros() - start.micros());
    }
}

fn take_calls(rest: &mut &[u8], calls: &mut Vec<CallNow>) -> Result<(), StoreError> {
    // None of these is ever empty.
    let some = |text: SmolStr| (!text.is_empty()).then_some(text);
    for _ in 0..number(rest)? {
        let name = CallName { realm: RealmId::trusted(text(rest)?), call_id: CallId::trusted(text(rest)?) };
        let (campaign, start) = (CampaignId::trusted(text(rest)?), Moment::from_micros(signed(rest)?));
        let after = |micros: i64| Moment::from_micros(start.micros().wrapping_add(micros));
        let far_end = some(text(rest)?).map(Number::trusted);
        let agent = some(text(rest)?).map(AgentId::trusted);
        let list = some(text(rest)?).map(ListId::trusted);
        let queue = some(text(rest)?).map(QueueId::trusted);
        let disposition = some(text(rest)?);
        let (is_answered, answered) = (number(rest)? != 0, after(signed(rest)?));
        let (code, ended) = (number(rest)?, after(signed(rest)?));
        let stands = stands_of(code, ended).ok_or_else(unreadable)?;
        let answered = is_answered.then_some(answered);
        calls.push(CallNow {
            name,
            campaign,
            start,
            number: far_end,
            agent,
            list,
            queue,
            disposition,
            answered,
            stands,
        });
    }
    Ok(())
}

fn take_samples<T: DeserializeOwned>(rest: &mut &[u8], samples: &mut Vec<Sample<T>>) -> Result<(), StoreError> {
    for _ in 0..number(rest)? {
        let (at, source) = (Moment::from_micros(signed(rest)?), SourceId::trusted(text(rest)?));
        let json = take_text(rest).ok_or_else(unreadable)?;
        samples.push(Sample { at, source, body: serde_json::from_str(json).map_err(|_| unreadable())? });
    }
    Ok(())
}

fn take_settings<I, T: AsText>(
    rest: &mut &[u8],
    all: &mut Vec<(I, T)>,
    id: impl Fn(SmolStr) -> I,
) -> Result<(), StoreError> {
    for _ in 0..number(rest)? {
        let id = id(text(rest)?);
        all.push((id, T::from_json(take_text(rest).ok_or_else(unreadable)?)?));
    }
    Ok(())
}

fn number(rest: &mut &[u8]) -> Result<u64, StoreError> {
    take(rest).ok_or_else(unreadable)
}

fn signed(rest: &mut &[u8]) -> Result<i64, StoreError> {
    take_signed(rest).ok_or_else(unreadable)
}

fn text(rest: &mut &[u8]) -> Result<SmolStr, StoreError> {
    take_text(rest).map(SmolStr::new).ok_or_else(unreadable)
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
        // A gauge of a second beyond all moments.
        let bytes =
            b"\x03\x01\x80\x80\x80\x80\x01\x05\x01\x00\x01\x02\x00\x00\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3ab\x00\n\x80\x80";
        assert!(decode(&[], bytes, &mut Change::default()).is_err());
        assert_eq!(Moment::try_from_secs(i64::MAX / 1_000_000 + 1), None);
        assert_eq!(Moment::try_from_secs(7), Some(Moment::from_secs(7)));
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
