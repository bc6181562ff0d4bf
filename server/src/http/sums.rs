//! Summed facts of any window: short ones from the live board, long ones from the store.
//!
//! Owns which combinations of window and dimension have a meaning, and where `campaign` and `period` begin. No KPI is
//! computed here.

use super::Api;
use super::error::ApiError;
use super::query::Params;
use crate::aggregate::span::{Reach, reach};
use crate::ingest::Refusal;
use crate::live::Stopped;
use crate::store::read::{Reader, SumQuery};
use app::domain::{CampaignId, Dimension, Facts, Moment, Window};
use smol_str::SmolStr;
use std::collections::HashMap;

impl From<Stopped> for ApiError {
    fn from(_: Stopped) -> Self {
        Self::Refused(Refusal::Stopping)
    }
}

/// What is asked: whose sums, over which window.
#[derive(Debug, Clone)]
pub struct Asked {
    pub by: Dimension,
    pub window: Window,
    pub key: Option<SmolStr>,
    pub campaign: Option<CampaignId>,
}

impl Asked {
    /// # Errors
    /// If a parameter can't be read, or the combination has no meaning.
    pub fn read(params: &Params, by: Dimension, window: Window) -> Result<Self, ApiError> {
        let by = params.by()?.unwrap_or(by);
        let window = params.window()?.unwrap_or(window);
        let asked = Self { by, window, key: params.key(by), campaign: params.campaign()? };
        match window {
            Window::Period if by != Dimension::Campaign => Err(ApiError::NoMeaning(format!(
                "window `period` is a campaign's own: ask by campaign, not by {}",
                by.word()
            ))),
            Window::Campaign if by != Dimension::Campaign && asked.campaign.is_none() => {
                Err(ApiError::NoMeaning(format!(
                    "window `campaign` is a campaign's own: ask by campaign, or name one with campaign=, not by {} alone",
                    by.word()
                )))
            }
            Window::Minutes5
            | Window::Minutes15
            | Window::Minutes60
            | Window::Hours24
            | Window::Today
            | Window::Days7
            | Window::Days30
            | Window::Campaign
            | Window::Period => Ok(asked),
        }
    }

    fn wants(&self, key: &str) -> bool {
        self.key.as_ref().is_none_or(|k| k == key)
    }
}

/// The sums of one key.
#[derive(Debug, Clone)]
pub struct Row {
    pub key: SmolStr,
    pub facts: Facts,
    /// The stretch of this row, where each has its own.
    pub own: Option<(Moment, Moment)>,
}

#[derive(Debug, Clone)]
pub struct Sums {
    pub as_of: Moment,
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<Row>,
}

/// Sums as asked, keys in byte order.
///
/// # Errors
/// If the store can't be read, or the server is stopping.
pub async fn sums<R: Reader>(api: &Api<R>, asked: &Asked) -> Result<Sums, ApiError> {
    if let Some(live) = api.live.sums(asked.by, asked.window, asked.campaign.clone()).await? {
        let rows = live.rows.into_iter().filter(|(key, _)| asked.wants(key));
        let rows = rows.map(|(key, facts)| Row { key, facts, own: None }).collect();
        return Ok(Sums { as_of: live.as_of, from: live.from, to: live.to, rows });
    }
    let as_of = api.live.frame().as_of;
    match (asked.window, asked.by) {
        (Window::Campaign | Window::Period, Dimension::Campaign) => each_campaign(api, asked, as_of).await,
        (_, _) => {
            let start = match (asked.window, &asked.campaign) {
                (Window::Campaign, Some(campaign)) => campaign_start(api, campaign, &starts(api).await?).await?,
                (_, _) => None,
            };
            let rows = stored(api, asked, as_of, start, asked.campaign.clone(), asked.key.clone()).await?;
            Ok(rows.unwrap_or(Sums { as_of, from: as_of, to: as_of, rows: Vec::new() }))
        }
    }
}

/// One read of the store; `None` for a campaign of which no start is known.
async fn stored<R: Reader>(
    api: &Api<R>,
    asked: &Asked,
    as_of: Moment,
    start: Option<Moment>,
    campaign: Option<CampaignId>,
    key: Option<SmolStr>,
) -> Result<Option<Sums>, ApiError> {
    let (stretch, grain) = match reach(asked.window, as_of, api.zone, start) {
        Reach::Stored(stretch, grain) => (stretch, grain),
        // The board answers for minutes; it said that it does not know this window.
        Reach::Live(_) | Reach::NoStart => return Ok(None),
    };
    let query = SumQuery { dimension: asked.by, key, campaign, from: stretch.from, to: stretch.to, grain };
    let rows = api.reader.sums(&query).await?;
    let rows = rows.into_iter().map(|(key, facts)| Row { key, facts, own: None }).collect();
    Ok(Some(Sums { as_of, from: stretch.from, to: stretch.to, rows }))
}

/// Each campaign over its own stretch; the answer's `from` and `to` hold them all.
async fn each_campaign<R: Reader>(api: &Api<R>, asked: &Asked, as_of: Moment) -> Result<Sums, ApiError> {
    let starts = starts(api).await?;
    let mut ids: Vec<CampaignId> = match (&asked.key, &asked.campaign) {
        (Some(key), Some(campaign)) if key != campaign.as_str() => Vec::new(),
        (Some(key), _) => vec![CampaignId::trusted(key.clone())],
        (None, Some(campaign)) => vec![campaign.clone()],
        (None, None) => {
            let month = Asked { window: Window::Days30, ..asked.clone() };
            let seen = stored(api, &month, as_of, None, None, None).await?.map_or(Vec::new(), |sums| sums.rows);
            let seen = seen.into_iter().map(|row| CampaignId::trusted(row.key));
            starts.keys().cloned().chain(seen).collect()
        }
    };
    ids.sort();
    ids.dedup();
    let mut all = Sums { as_of, from: as_of, to: as_of, rows: Vec::new() };
    for id in ids {
        let start = campaign_start(api, &id, &starts).await?;
        let key = Some(id.to_smol());
        let Some(sums) = stored(api, asked, as_of, start, asked.campaign.clone(), key).await? else { continue };
        all.from = all.from.min(sums.from);
        all.to = all.to.max(sums.to);
        let own = Some((sums.from, sums.to));
        all.rows.extend(sums.rows.into_iter().map(|row| Row { own, ..row }));
    }
    Ok(all)
}

/// When campaigns said they started; those that said nothing are there without.
async fn starts<R: Reader>(api: &Api<R>) -> Result<HashMap<CampaignId, Option<Moment>>, ApiError> {
    let settings = api.reader.settings().await?;
    Ok(settings.campaigns.into_iter().map(|(id, campaign)| (id, campaign.started_at.value())).collect())
}

async fn campaign_start<R: Reader>(
    api: &Api<R>,
    campaign: &CampaignId,
    starts: &HashMap<CampaignId, Option<Moment>>,
) -> Result<Option<Moment>, ApiError> {
    match starts.get(campaign).copied().flatten() {
        Some(start) => Ok(Some(start)),
        None => Ok(api.reader.first_call(campaign).await?),
    }
}
