//! What the agents of each campaign do.

use crate::board::floor::Floor;
use crate::board::over::Over;
use crate::board::windows::extent;
use crate::law::agents::fact;
use app::domain::outcome::AgentStatus;
use app::domain::{CampaignId, Dimension, Facts, Window};
use app::kpi::KpiId;
use app::view::live::AgentsRow;
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap};

pub(super) fn agent_rows(floor: &Floor, over: Over<'_>) -> Vec<AgentsRow> {
    let by_state = floor.agents.by_campaign(floor.now);
    let mut breaks = floor.agents.breaks(floor.now);
    let time = agent_time(floor, over);
    let mut keys: BTreeSet<CampaignId> = by_state.keys().cloned().collect();
    keys.extend(time.iter().filter(|(_, f)| f.logged_in_ms() > 0).map(|(k, _)| CampaignId::trusted(k.clone())));
    let kpi = KpiId::OnCallShare.get();
    keys.into_iter()
        .filter(|id| over.holds(id))
        .map(|id| {
            let states = by_state.get(&id).copied().unwrap_or_default();
            let facts = time.get(id.as_str()).cloned().unwrap_or_default();
            let share = kpi.ratio(|fact| facts[fact]);
            AgentsRow {
                name: floor.campaign_name(&id),
                ready: states.ready,
                on_call: states.on_call,
                wrap_up: states.wrap_up,
                on_break: states.on_break,
                breaks: breaks.remove(&id).unwrap_or_default(),
                on_call_s: share.part / 1_000,
                logged_in_s: share.whole / 1_000,
                band: kpi.read_ratio(share).band,
                since: None,
                campaign: id,
            }
        })
        .collect()
}

/// The sums of the hour of those campaigns that have agents' time, open states included. There may be thousands of others,
/// which are not looked at: whose agents' time is counted, has it by agent too.
fn agent_time(floor: &Floor, over: Over<'_>) -> HashMap<SmolStr, Facts> {
    let hour = extent(Window::Minutes60, Dimension::Campaign, floor.now);
    let mut time =
        hour.map_or_else(HashMap::new, |(from, _)| floor.sums().open_time(Dimension::Campaign, from, &over.scope()));
    let staffed = floor.windows.campaigns(Dimension::Agent).filter(|id| over.holds(id));
    let hour = |id: &CampaignId| floor.windows.one(Dimension::Campaign, Window::Minutes60, None, id.as_str());
    for (key, held) in staffed.filter_map(|id| Some((id.to_smol(), hour(id)?))) {
        let states = [AgentStatus::Ready, AgentStatus::OnCall, AgentStatus::WrapUp, AgentStatus::Break];
        if states.into_iter().filter_map(fact).any(|fact| held.get(fact) != 0) {
            *time.entry(key).or_default() += &held.facts();
        }
    }
    time
}
