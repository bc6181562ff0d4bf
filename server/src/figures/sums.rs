//! Summed facts of any window: short ones and campaigns' own from the live board, long ones from the store.
//!
//! Owns which combinations of window and dimension have a meaning, and where `campaign` and `period` begin. No KPI is
//! computed here.

use super::{Figures, FiguresError};
use crate::board::OwnSums;
use crate::law::span::{WindowSpan, window_span};
use crate::store::read::{Reader, SumQuery};
use app::domain::{CampaignId, Dimension, Facts, Moment, Window};
use smol_str::SmolStr;

/// What is asked: whose sums, over which window.
#[derive(Debug, Clone)]
pub struct SumsQuery {
    pub by: Dimension,
    pub window: Window,
    pub key: Option<SmolStr>,
    pub campaign: Option<CampaignId>,
}

impl SumsQuery {
    /// The same, where it has a meaning.
    ///
    /// # Errors
    /// If the combination has none.
    pub fn checked(self) -> Result<Self, FiguresError> {
        let by = self.by;
        match self.window {
            Window::Period if by != Dimension::Campaign => Err(FiguresError::NoMeaning(format!(
                "window `period` is a campaign's own: ask by campaign, not by {}",
                by.word()
            ))),
            Window::Campaign if by != Dimension::Campaign && self.campaign.is_none() => {
                Err(FiguresError::NoMeaning(format!(
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
            | Window::Period => Ok(self),
        }
    }

    /// The one campaign that is asked for by key or by name; `Err` where these are two, so that there is none.
    fn one_campaign(&self) -> Result<Option<CampaignId>, ()> {
        match (&self.key, &self.campaign) {
            (Some(key), Some(campaign)) if key != campaign.as_str() => Err(()),
            (Some(key), _) => Ok(Some(CampaignId::trusted(key.clone()))),
            (None, campaign) => Ok(campaign.clone()),
        }
    }
}

/// The sums of one key.
#[derive(Debug, Clone)]
pub struct KeySums {
    pub key: SmolStr,
    pub facts: Facts,
    /// The stretch of this row, where each has its own.
    pub own: Option<(Moment, Moment)>,
}

#[derive(Debug, Clone)]
pub struct SumsByKey {
    pub as_of: Moment,
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<KeySums>,
}

/// Sums as asked, keys in byte order.
///
/// # Errors
/// If the store can't be read, or the server is stopping.
pub async fn sums<R: Reader>(of: &Figures<R>, asked: &SumsQuery) -> Result<SumsByKey, FiguresError> {
    if let Some(live) = of.live.sums(asked.by, asked.window, asked.campaign.clone(), asked.key.clone()).await? {
        let rows = live.rows.into_iter().map(|(key, facts)| KeySums { key, facts, own: None }).collect();
        return Ok(SumsByKey { as_of: live.as_of, from: live.from, to: live.to, rows });
    }
    let as_of = of.live.beat().as_of;
    match (asked.window, asked.by, &asked.campaign) {
        (Window::Campaign | Window::Period, Dimension::Campaign, _) => each_campaign(of, asked, as_of).await,
        (Window::Campaign, _, Some(campaign)) => {
            let (_, run) = of.live.own_sums(Window::Campaign, Some(campaign.clone())).await?;
            stored(of, asked, as_of, run.first().map(|run| run.during.from)).await
        }
        (_, _, _) => stored(of, asked, as_of, None).await,
    }
}

/// One read of the store; nothing for a campaign of which no start is known.
async fn stored<R: Reader>(
    of: &Figures<R>,
    asked: &SumsQuery,
    as_of: Moment,
    start: Option<Moment>,
) -> Result<SumsByKey, FiguresError> {
    let (stretch, grain) = match window_span(asked.window, as_of, of.zone, start) {
        WindowSpan::Stored(stretch, grain) => (stretch, grain),
        // The board answers for minutes; it said that it does not know this window.
        WindowSpan::Live(_) | WindowSpan::NoStart => return Ok(SumsByKey::none(as_of)),
    };
    let SumsQuery { by, key, campaign, window: _ } = asked.clone();
    let query = SumQuery { dimension: by, key, campaign, from: stretch.from, to: stretch.to, grain };
    let rows = of.reader.sums_at(&query, as_of).await?;
    let rows = rows.into_iter().map(|(key, facts)| KeySums { key, facts, own: None }).collect();
    Ok(SumsByKey { as_of, from: stretch.from, to: stretch.to, rows })
}

/// Each campaign over its own stretch, which the live state adds up; the answer's `from` and `to` hold them all.
async fn each_campaign<R: Reader>(
    of: &Figures<R>,
    asked: &SumsQuery,
    as_of: Moment,
) -> Result<SumsByKey, FiguresError> {
    let Ok(only) = asked.one_campaign() else { return Ok(SumsByKey::none(as_of)) };
    let (as_of, sums) = of.live.own_sums(asked.window, only).await?;
    let mut all = SumsByKey::none(as_of);
    for OwnSums { campaign, during, facts } in sums {
        if facts.is_zero() {
            continue;
        }
        (all.from, all.to) = (all.from.min(during.from), all.to.max(during.to));
        all.rows.push(KeySums { key: campaign.to_smol(), facts, own: Some((during.from, during.to)) });
    }
    Ok(all)
}

impl SumsByKey {
    const fn none(as_of: Moment) -> Self {
        Self { as_of, from: as_of, to: as_of, rows: Vec::new() }
    }
}
