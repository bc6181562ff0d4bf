//! The marks of a day's charts: pauses and resumes that dialers confirmed, as the audit log has them.

use super::names::Names;
use crate::audit::entry::{Draft, Step};
use crate::audit::seal::NoEntry;
use crate::law::span::{Stretch, clock_of};
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use app::domain::CampaignId;
use app::view::Table;
use app::view::daily::{DayMark, MAX_MARKS};
use chrono_tz::Tz;

/// Oldest first; of more than a day shows, the newest: `more` is then 1, for the log is not counted.
pub(super) async fn of(
    audit: Option<&dyn AuditLog>,
    during: Stretch,
    zone: Tz,
    names: &Names,
) -> Result<Table<DayMark>, StoreError> {
    let Some(audit) = audit else { return Ok(Table::default()) };
    let query = AuditQuery {
        step: Some(Step::Confirmed),
        from: Some(during.from),
        to: Some(during.to),
        limit: MAX_MARKS + 1,
        ..AuditQuery::default()
    };
    let mut page = audit.page(&query).await?;
    let more = u32::from(page.len() > MAX_MARKS);
    page.truncate(MAX_MARKS);
    let mut rows = page
        .iter()
        .filter_map(|sealed| sealed.entry().map(|entry| mark(entry.draft, zone, names)).transpose())
        .collect::<Result<Vec<_>, NoEntry>>()?;
    rows.sort_by_key(|mark| mark.at);
    Ok(Table { rows, more })
}

fn mark(draft: Draft, zone: Tz, names: &Names) -> Option<DayMark> {
    Some(DayMark {
        at: draft.at,
        clock_s: clock_of(zone, draft.at),
        name: names.campaign(&draft.campaign),
        campaign: CampaignId::trusted(names.shown(draft.campaign.as_str())),
        action: draft.action?,
        by: draft.who,
        request: draft.request,
    })
}
