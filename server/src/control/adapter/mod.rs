//! The ways out to a dialer, one file each. Beside `source`, only here are vendors known.
//!
//! An adapter is told one [`Order`] at a time for a campaign, and says what came of it in the machine's words. It never
//! tries again by itself: whether the dialer did as asked is then not known, and people decide.

mod http;
mod outgoing;
mod sign;
mod template;
mod vicidial;

use super::config::{Confirm, ControlTable};
use super::machine::{DialerAnswer, Patience};
use crate::board::Hears;
use crate::source::simulator::{DialSwitches, Turned};
use app::domain::control::Action;
use app::domain::{CampaignId, Moment};
use http::HttpDialer;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;
use vicidial::VicidialDialer;
pub use vicidial::VicidialTable;

/// Said of addresses without encryption.
const READABLE: &str = "plain http to another machine: who is on the way can read and change what is asked";

/// What the dialer is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub request: SmolStr,
    pub campaign: CampaignId,
    pub action: Action,
    pub at: Moment,
}

/// A dialer, by how it is asked.
#[derive(Debug)]
pub enum Adapter {
    Http(Box<HttpDialer>),
    Vicidial(Box<VicidialDialer>),
    /// The demo's floor, in this process.
    Simulator(DialSwitches),
}

impl Adapter {
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Vicidial(_) => "vicidial",
            Self::Simulator(_) => "simulator",
        }
    }

    #[must_use]
    pub const fn patience(&self) -> Patience {
        match self {
            Self::Http(dialer) => dialer.patience(),
            Self::Vicidial(dialer) => dialer.patience(),
            Self::Simulator(_) => Patience { answer: app::domain::Span::secs(2), word: app::domain::Span::secs(30) },
        }
    }

    /// Asks the dialer, once.
    pub async fn ask(&self, order: &Order) -> DialerAnswer {
        match self {
            Self::Http(dialer) => dialer.ask(order).await,
            Self::Vicidial(dialer) => dialer.ask(order).await,
            Self::Simulator(switches) => match switches.turn(&order.campaign, order.action) {
                Turned::Done => DialerAnswer::Taken { note: None },
                Turned::NoSuchCampaign => {
                    DialerAnswer::Refused(SmolStr::new_static("the simulated floor has no such campaign"))
                }
            },
        }
    }
}

/// Whether the dialer's answer is its word.
fn word_of(confirm: Confirm) -> DialerAnswer {
    match confirm {
        Confirm::Answer => DialerAnswer::Confirmed,
        Confirm::Event => DialerAnswer::Taken { note: None },
    }
}

/// All dialers, by campaign. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Dialers {
    by_campaign: Arc<BTreeMap<CampaignId, Arc<Adapter>>>,
    others: Option<Arc<Adapter>>,
}

impl Dialers {
    /// Which campaigns can be paused and resumed, for the board.
    #[must_use]
    pub fn hears(&self) -> Hears {
        let dialers = self.clone();
        Hears::by(move |campaign| dialers.of(campaign).is_some())
    }

    /// Makes what is configured; without anything, `fallback` is asked for every campaign.
    ///
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub fn new(table: &ControlTable, fallback: Option<Adapter>) -> Result<Self, String> {
        let mut by_campaign = BTreeMap::new();
        let mut others: Option<Arc<Adapter>> = None;
        let mut put = |place: &str, campaigns: Option<&Vec<CampaignId>>, adapter: Adapter| {
            let adapter = Arc::new(adapter);
            let Some(campaigns) = campaigns else {
                let taken = others.replace(adapter).is_some();
                let why = "another adapter is already for all campaigns; name this one's `campaigns`";
                return if taken { Err(format!("`{place}`: {why}")) } else { Ok(()) };
            };
            for campaign in campaigns {
                if by_campaign.insert(campaign.clone(), adapter.clone()).is_some() {
                    return Err(format!("`{place}.campaigns`: `{campaign}` is named by two adapters"));
                }
            }
            Ok(())
        };
        for (i, table) in table.http.iter().enumerate() {
            let place = format!("control.http[{i}]");
            let dialer = HttpDialer::new(table).map_err(|why| format!("`{place}`: {why}"))?;
            if dialer.is_readable_on_its_way() {
                tracing::warn!("{place}.url: {READABLE}");
            }
            put(&place, table.campaigns.as_ref(), Adapter::Http(Box::new(dialer)))?;
        }
        for (i, table) in table.vicidial.iter().enumerate() {
            let place = format!("control.vicidial[{i}]");
            let dialer = VicidialDialer::new(table).map_err(|why| format!("`{place}`: {why}"))?;
            if dialer.is_readable_on_its_way() {
                tracing::warn!("{place}.url: {READABLE}");
            }
            put(&place, table.campaigns.as_ref(), Adapter::Vicidial(Box::new(dialer)))?;
        }
        let others = others.or_else(|| fallback.map(Arc::new));
        Ok(Self { by_campaign: Arc::new(by_campaign), others })
    }

    /// The dialer that is asked for a campaign.
    #[must_use]
    pub fn of(&self, campaign: &CampaignId) -> Option<&Arc<Adapter>> {
        self.by_campaign.get(campaign).or(self.others.as_ref())
    }

    /// Whether configuration names this campaign.
    #[must_use]
    pub fn names(&self, campaign: &CampaignId) -> bool {
        self.by_campaign.contains_key(campaign)
    }
}
