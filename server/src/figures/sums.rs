//! Summed facts of any window: short ones and campaigns' own from the live board, long ones from the store.
//!
//! Owns which combinations of window and dimension have a meaning, and where `campaign` and `period` begin. No KPI is
//! computed here.

use super::{Figures, FiguresError};
use crate::board::OwnSums;
use crate::law::span::{WindowSpan, window_span};
use crate::store::read::{Reader, SumQuery};
use app::domain::{CampaignId, CampaignScope, Dimension, Facts, Moment, Window};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What is asked: whose sums, over which window.
#[derive(Debug, Clone)]
pub struct SumsQuery {
    pub by: Dimension,
    pub window: Window,
    pub key: Option<SmolStr>,
    pub scope: CampaignScope,
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
            Window::Campaign if by != Dimension::Campaign && self.scope == CampaignScope::All => {
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

    /// The campaigns that are asked for by name, or by key where campaigns are the keys.
    fn campaigns(&self) -> CampaignScope {
        match &self.key {
            Some(key) => self.scope.within(&CampaignScope::one(CampaignId::trusted(key.clone()))),
            None => self.scope.clone(),
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
    if let Some(live) = of.live.sums(asked.by, asked.window, asked.scope.clone(), asked.key.clone()).await? {
        let rows = live.rows.into_iter().map(|(key, facts)| KeySums { key, facts, own: None }).collect();
        return Ok(SumsByKey { as_of: live.as_of, from: live.from, to: live.to, rows });
    }
    let as_of = of.live.beat().as_of;
    match (asked.window, asked.by) {
        (Window::Campaign | Window::Period, Dimension::Campaign) => each_campaign(of, asked).await,
        (Window::Campaign, _) => since_starts(of, asked, as_of).await,
        (_, _) => stored(of, asked, as_of, None).await,
    }
}

/// Each campaign of the scope since its own start, added up by key.
async fn since_starts<R: Reader>(of: &Figures<R>, asked: &SumsQuery, as_of: Moment) -> Result<SumsByKey, FiguresError> {
    let (_, runs) = of.live.own_sums(Window::Campaign, asked.scope.clone()).await?;
    let (mut all, mut sums) = (SumsByKey::none(as_of), BTreeMap::<SmolStr, Facts>::new());
    for run in runs {
        let part = SumsQuery { scope: CampaignScope::one(run.campaign), ..asked.clone() };
        let part = stored(of, &part, as_of, Some(run.during.from)).await?;
        (all.from, all.to) = (all.from.min(part.from), all.to.max(part.to));
        part.rows.into_iter().for_each(|row| *sums.entry(row.key).or_default() += &row.facts);
    }
    sums.retain(|_, facts| !facts.is_zero());
    all.rows = sums.into_iter().map(|(key, facts)| KeySums { key, facts, own: None }).collect();
    Ok(all)
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
    let SumsQuery { by, key, scope, window: _ } = asked.clone();
    let query = SumQuery { dimension: by, key, scope, from: stretch.from, to: stretch.to, grain };
    let rows = of.reader.sums_at(&query, as_of).await?;
    let rows = rows.into_iter().map(|(key, facts)| KeySums { key, facts, own: None }).collect();
    Ok(SumsByKey { as_of, from: stretch.from, to: stretch.to, rows })
}

/// Each campaign over its own stretch, which the live state adds up; the answer's `from` and `to` hold them all.
async fn each_campaign<R: Reader>(of: &Figures<R>, asked: &SumsQuery) -> Result<SumsByKey, FiguresError> {
    let (as_of, sums) = of.live.own_sums(asked.window, asked.campaigns()).await?;
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
