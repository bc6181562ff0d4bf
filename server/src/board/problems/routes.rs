//! Of the routes that calls take, and of how long it takes to ring.

use super::floor::counted;
use super::{Hit, Problem};
use crate::board::floor::Floor;
use crate::board::memory::Memory;
use crate::board::monitor::Gathered;
use crate::board::rows::Rows;
use app::domain::outcome::TrunkHealth;
use app::domain::{CampaignId, Dimension, Fact, Window};
use app::kpi::{Band, KpiId, band, format};
use app::view::live::RouteRow;
use app::view::problems::ProblemCause::{Country, Route};
use app::view::{Keyed, PanelId};
use smol_str::SmolStr;
use std::collections::HashMap;

/// Finds what is wrong with routes, and with how long it takes to ring.
#[derive(Clone, Copy)]
pub(super) struct Routes<'a> {
    pub floor: &'a Floor,
    pub rows: &'a Rows,
    pub memory: &'a Memory,
}

impl Routes<'_> {
    pub(super) fn of_routes(&self, gathered: &Gathered) -> Vec<Problem> {
        let out: Vec<&RouteRow> = self.rows.routes.iter().filter(|row| row.band.is_out()).collect();
        if out.is_empty() {
            return Vec::new();
        }
        let mut users = self.users_of_routes(gathered);
        let mut hit = |route: &str| users.remove(route).map(|(calls, agents, of)| Hit::of(calls, agents, of));
        out.into_iter().map(|row| self.of_route(row, hit(row.route.as_str()).unwrap_or_default())).collect()
    }

    /// By route as it is shown: calls by it, the agents of the campaigns that call by it, and these.
    fn users_of_routes(&self, gathered: &Gathered) -> HashMap<SmolStr, (i64, i64, Vec<CampaignId>)> {
        let mut users: HashMap<SmolStr, (i64, i64, Vec<CampaignId>)> = HashMap::new();
        for (campaign, route, held) in self.floor.windows.each_within(Dimension::Route, Window::Minutes5) {
            let attempts = held.get(Fact::Attempts);
            if attempts <= 0 {
                continue;
            }
            let (calls, agents, campaigns) = users.entry(self.floor.config.veil.id(route)).or_default();
            *calls += attempts;
            *agents += gathered.agents.get(campaign).map_or(0, |states| states.logged_in());
            if !campaign.as_str().is_empty() {
                campaigns.push(self.floor.shown(campaign));
            }
        }
        users
    }

    fn of_route(&self, row: &RouteRow, hit: Hit) -> Problem {
        let key = row.route.as_str();
        let name = if key.is_empty() { "The calls without a route".to_owned() } else { format!("Route {}", row.name) };
        let since = self.memory.since(PanelId::Routes, &row.key(), row.band);
        // Where most of what failed has no code all of it is told of.
        let is_codeless = row.unjudged_band.is_out() && row.unjudged_band > row.faults_band;
        let minute = if is_codeless { row.minute_failed() } else { row.minute };
        let fails = is_codeless || row.faults_band.is_out();
        let recovers = fails && !row.stalled_band.is_out() && band::recovers(minute);
        // Of few calls without a fault it is not said that it recovers, and not that it goes on either.
        let is_over = recovers || (minute.part == 0 && minute.whole > 0);
        let (faults, calls) = (format::count(minute.part), format::count(minute.whole));
        let mut said = Vec::new();
        let subject = if row.stalled_band.is_out() {
            let (unheard, started) = (format::count(row.unheard), format::count(row.started));
            let waits = band::stalled_waits(row.unheard, row.started).map(|until| format!(", {until}"));
            let waits = waits.unwrap_or_default();
            said.push(format!("nothing heard of {unheard} of {started} calls of the last minute{waits}"));
            format!("{name} is silent")
        } else if is_codeless {
            let bands = KpiId::RouteFaultRate.get().bands();
            let waits = format::percent_said(row.failed_rate(), 0, bands, row.unjudged_band).waits;
            said.push(format!("{} in 5 min{waits}", row.failed_in_words()));
            said.push(row.codeless_in_words());
            if !is_over && minute.whole > 0 {
                said.push(format!("{faults} of {calls} in the last minute"));
            }
            if is_over { format!("{name} failed") } else { format!("{name} is failing") }
        } else if row.faults_band.is_out() {
            let bands = KpiId::RouteFaultRate.get().bands();
            let share = format::percent_said(row.fault_rate(), 0, bands, row.faults_band);
            let resolved = format::count(row.resolved);
            let in_five =
                format!("{} of {resolved} calls in 5 min{}, mostly {}", share.value, share.waits, row.mostly());
            if is_over {
                said.push(in_five);
            } else if minute.whole == 0 {
                said.push(format!("no calls in the last minute, {in_five}"));
            } else {
                said.push(format!("{faults} of {calls} calls in the last minute, {in_five}"));
            }
            match (is_over, row.faults_band == Band::Critical) {
                (true, true) => format!("{name} failed"),
                (true, false) => format!("{name} showed faults"),
                (false, true) => format!("{name} is failing"),
                (false, false) => format!("{name} shows faults"),
            }
        } else {
            // Its own word may be older than the calls beside it, and of others.
            let told = row.trunk_at.map_or_else(String::new, |at| format!(" at {}", self.floor.clock_near(at)));
            let detail = row.trunk_detail.as_ref().map_or_else(String::new, |detail| format!("{detail}, "));
            said.push(format!("{detail}told by the trunk{told}"));
            if minute.whole > 0 {
                said.push(format!("{faults} of {calls} calls failed by it in the last minute"));
            }
            let state = if row.trunk == Some(TrunkHealth::Unhealthy) { "unhealthy" } else { "degraded" };
            format!("The trunk of {} is {state}", row.name)
        };
        // When the trunk told it is said already.
        let is_of_calls = row.stalled_band.is_out() || fails;
        if let (Some(first), Some(at)) = (said.first_mut(), since.filter(|_| is_of_calls)) {
            first.push_str(&format!(" since {}", self.floor.clock_near(at)));
        }
        if recovers {
            said.push(format!("recovering: {faults} of {calls} in the last minute"));
        } else if is_over && is_of_calls && !row.stalled_band.is_out() {
            said.push(format!("{faults} of {calls} in the last minute"));
        }
        if !hit.campaigns.is_empty() {
            said.push(counted(hit.campaigns.len(), "campaign"));
        }
        Problem::in_panel(Route, row.band, PanelId::Routes, key, subject, said.join(", ")).since(since).hits(hit)
    }

    pub(super) fn of_countries(&self) -> Vec<Problem> {
        let out = self.rows.pdd.iter().filter(|row| row.band.is_out());
        out.map(|row| {
            let key = row.country.to_string();
            let now = format::seconds(row.mean(), 1);
            let text = format!("{now} until it rings, {} the hour before", format::seconds(row.before, 1));
            let subject = format!("Calls to {key} ring late");
            let since = self.memory.since(PanelId::Pdd, &key, row.band);
            Problem::in_panel(Country, row.band, PanelId::Pdd, &key, subject, text)
                .since(since)
                .hits(Hit { calls: row.progressed, ..Hit::default() })
        })
        .collect()
    }
}
