//! What was done about what went wrong in a floor's past, as the audit log tells it: the marks of those days' charts.

use super::super::plan::FloorPlan;
use super::Extent;
use super::incidents::Incidents;
use crate::audit::entry::{Draft, Step};
use app::domain::control::Action;
use app::domain::outcome::CampaignStatus::{Active, Paused};
use app::domain::{CampaignId, Moment, Span};
use smol_str::{SmolStr, ToSmolStr};

/// Who looked after the floor.
const WHO: &str = "floor lead";
/// Until the dialer said so, and until the last call had ended.
const CONFIRMED: Span = Span::secs(1);
const DRAINED: Span = Span::secs(95);

/// The entries of the campaigns that somebody paused, in the order of time.
#[must_use]
pub fn marks(plan: &FloorPlan, extent: Extent) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let incidents = Incidents::before(extent.until, extent.days, plan);
    for (n, (campaign, during)) in (1..).zip(&incidents.pauses) {
        let id = &plan.campaigns[*campaign].id;
        let entry = |action, step, asked_at, after| {
            let request: SmolStr = format!("past-{n}-{action:?}").to_lowercase().into();
            entry(id, request, action, step, asked_at, after)
        };
        drafts.push(entry(Action::Pause, Step::Asked, during.from, Span::ZERO));
        drafts.push(entry(Action::Pause, Step::Confirmed, during.from, CONFIRMED));
        drafts.push(entry(Action::Pause, Step::Done, during.from, DRAINED));
        drafts.push(entry(Action::Resume, Step::Asked, during.to, Span::ZERO));
        drafts.push(entry(Action::Resume, Step::Confirmed, during.to, CONFIRMED));
    }
    drafts.sort_by_key(|draft| draft.at);
    drafts
}

fn entry(campaign: &CampaignId, request: SmolStr, action: Action, step: Step, asked_at: Moment, after: Span) -> Draft {
    let (was, is) = match action {
        Action::Pause => (Active, Paused),
        Action::Resume => (Paused, Active),
    };
    Draft {
        at: asked_at + after,
        step,
        request,
        campaign: campaign.clone(),
        action: Some(action),
        who: WHO.into(),
        from: "127.0.0.1".to_smolstr(),
        asked_at,
        before: Some(was),
        after: (step != Step::Asked).then_some(is),
        why: None,
        idempotency_key: None,
        what: None,
    }
}
