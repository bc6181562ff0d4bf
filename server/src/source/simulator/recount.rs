//! Figures counted again from bare events: what the tests hold the simulator to. It shares nothing with the server's
//! own aggregation.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use app::domain::outcome::{AgentStatus, AnsweredBy, HungUpBy};
use app::domain::{Call, CallName, Data, Event, Moment, Span};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// All that was told so far.
#[derive(Debug, Default)]
pub struct Floor {
    pub calls: HashMap<CallName, Call>,
    /// By agent: campaign, and each state with its beginning.
    agents: BTreeMap<String, (String, Vec<(Moment, AgentStatus)>)>,
    channels: BTreeMap<String, Vec<(Moment, f64)>>,
    pub healths: BTreeMap<String, Moment>,
    pub events: usize,
}

#[derive(Debug, Default)]
pub struct Figures {
    pub attempts: u64,
    pub inbound: u64,
    pub queue_abandoned: u64,
    pub events: usize,
    /// Of all channels, the share in use (routes weigh the same): on average, and at most.
    pub mean: f64,
    pub peak: f64,
    pub campaigns: BTreeMap<String, Sums>,
    pub routes: BTreeMap<String, Sums>,
    pub dids: BTreeMap<String, Sums>,
    pub on_call: BTreeMap<String, f64>,
}

#[derive(Debug, Default, Clone)]
pub struct Sums {
    pub attempts: u64,
    pub resolved: u64,
    pub answered: u64,
    pub answered_live: u64,
    pub abandoned: u64,
    pub faults: u64,
    /// Started, and nothing more heard.
    pub unheard: u64,
    /// Of a route's channels, the share in use: on average, and at most.
    pub mean: f64,
    pub peak: f64,
}

pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

impl Floor {
    pub fn take(&mut self, events: &[Event]) {
        self.events += events.len();
        for event in events {
            if let Some((name, told)) = Call::told_by(event) {
                self.calls.entry(name).or_default().merge(&told);
                continue;
            }
            match &event.data {
                Data::AgentState(body) => {
                    let campaign = body.campaign.as_ref().map(ToString::to_string).unwrap_or_default();
                    let agent = self.agents.entry(body.agent.to_string()).or_default();
                    agent.0 = campaign;
                    agent.1.push((event.time, body.state));
                }
                Data::ChannelsSample(body) => {
                    let share = f64::from(body.active) / f64::from(body.capacity.unwrap_or(1));
                    self.channels.entry(body.trunk.to_string()).or_default().push((event.time, share));
                }
                Data::HealthSample(body) => {
                    self.healths.insert(body.component.to_string(), event.time);
                }
                _ => {}
            }
        }
    }

    pub fn between(&self, from: Moment, to: Moment) -> Figures {
        let mut figures = Figures { events: self.events, ..Figures::default() };
        for call in self.calls.values() {
            let start = call.start().unwrap_or(from);
            if start < from || start >= to {
                continue;
            }
            if !call.is_outbound() {
                figures.inbound += 1;
                let gave_up = call.queued_at.is_some() && call.bridged_at.is_none() && call.ended_at.is_some();
                figures.queue_abandoned += u64::from(gave_up);
                continue;
            }
            figures.attempts += 1;
            let campaign = call.campaign.get().map(ToString::to_string).unwrap_or_default();
            let route = call.route.get().map(ToString::to_string).unwrap_or_default();
            let did = call.did().map(|n| n.reveal().to_owned()).unwrap_or_default();
            figures.campaigns.entry(campaign).or_default().count(call);
            figures.routes.entry(route).or_default().count(call);
            figures.dids.entry(did).or_default().count(call);
        }
        for (route, sums) in &mut figures.routes {
            let shares = self.channels.get(route).into_iter().flatten();
            let shares: Vec<f64> = shares.filter(|(at, _)| *at >= from && *at < to).map(|(_, share)| *share).collect();
            sums.mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
            sums.peak = shares.iter().fold(0.0, |a: f64, b| a.max(*b));
        }
        let mut all: BTreeMap<Moment, f64> = BTreeMap::new();
        for (at, share) in self.channels.values().flatten().filter(|(at, _)| *at >= from && *at < to) {
            *all.entry(*at).or_default() += share / self.channels.len() as f64;
        }
        figures.mean = all.values().sum::<f64>() / all.len().max(1) as f64;
        figures.peak = all.values().fold(0.0, |a: f64, b| a.max(*b));
        for campaign in figures.campaigns.keys() {
            figures.on_call.insert(campaign.clone(), self.share(campaign, AgentStatus::OnCall, from, to));
        }
        figures
    }

    /// Of the campaign's logged-in time, the share in this state.
    pub fn share(&self, campaign: &str, state: AgentStatus, from: Moment, to: Moment) -> f64 {
        let (mut within, mut all) = (0, 0);
        for (_, states) in self.agents.values().filter(|(c, _)| c == campaign) {
            for (n, (since, what)) in states.iter().enumerate() {
                let until = states.get(n + 1).map_or(to, |(at, _)| *at);
                if *what == AgentStatus::Offline {
                    continue;
                }
                let length = until.min(to).since((*since).max(from)).as_millis();
                all += length;
                within += if *what == state { length } else { 0 };
            }
        }
        within as f64 / all.max(1) as f64
    }

    /// Agents of the campaign in this state at the end.
    pub fn agents_in(&self, campaign: &str, state: AgentStatus) -> usize {
        let here = self.agents.values().filter(|(c, _)| c == campaign);
        here.filter(|(_, states)| states.last().is_some_and(|(_, s)| *s == state)).count()
    }
}

impl Sums {
    fn count(&mut self, call: &Call) {
        self.attempts += 1;
        let Some(answer) = call.answered_at else {
            if call.ended_at.is_some() {
                self.resolved += 1;
                self.faults += u64::from(call.signalling().is_route_fault());
            } else if call.progress_at.is_none() {
                self.unheard += 1;
            }
            return;
        };
        self.resolved += 1;
        self.answered += 1;
        if call.by.value() == Some(AnsweredBy::Machine) {
            return;
        }
        self.answered_live += 1;
        let deadline = call.greeted_at.unwrap_or(answer) + Span::secs(2);
        let in_time = call.bridged_at.is_some_and(|at| at <= deadline);
        let hung_up_first = call.ended_at.is_some_and(|at| at < deadline);
        let by_dialer = call.hung_up_by.value() == Some(HungUpBy::Dialer);
        let undecided = call.ended_at.is_none() && call.bridged_at.is_none();
        self.abandoned += u64::from(!in_time && !undecided && (!hung_up_first || by_dialer));
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, peak) = (100.0 * self.mean, 100.0 * self.peak);
        writeln!(
            f,
            "{} calls, {} inbound ({} gave up), {} events, channels {mean:.0} %, at most {peak:.0} %",
            self.attempts, self.inbound, self.queue_abandoned, self.events
        )?;
        for (id, c) in &self.campaigns {
            let (connect, answer) = (percent(c.answered_live, c.resolved), percent(c.answered, c.resolved));
            let (abandoned, on_call) =
                (percent(c.abandoned, c.answered_live), 100.0 * self.on_call.get(id).unwrap_or(&0.0));
            writeln!(
                f,
                "{id:18} {:6} calls, connect {connect:5.2} %, answer {answer:5.2} %, abandon {abandoned:5.2} %, on call {on_call:5.1} %",
                c.attempts
            )?;
        }
        for (id, r) in &self.routes {
            let faults = percent(r.faults, r.resolved);
            let (mean, peak) = (100.0 * r.mean, 100.0 * r.peak);
            writeln!(
                f,
                "{id:18} {:6} calls, faults {faults:5.2} %, unheard {}, channels {mean:4.0} %, at most {peak:4.0} %",
                r.attempts, r.unheard
            )?;
        }
        Ok(())
    }
}
