//! What a file does not say and who imports it knows: a campaign, a mode, a route, a direction for all its calls.

use app::domain::event::CallRecord;
use app::domain::outcome::{Direction, Mode};
use app::domain::{CampaignId, RouteId};

/// Values for calls that tell none of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    campaign: Option<CampaignId>,
    mode: Option<Mode>,
    route: Option<RouteId>,
    direction: Option<Direction>,
}

impl Defaults {
    /// Reads `FIELD=VALUE` texts.
    ///
    /// # Errors
    /// Says which is wrong, and why.
    pub fn read(texts: &[String]) -> Result<Self, String> {
        let mut defaults = Self::default();
        for text in texts {
            let (field, value) = text.split_once('=').ok_or_else(|| format!("`{text}`: must be FIELD=VALUE"))?;
            let id = |e: app::domain::ids::IdError| format!("`{text}`: {e}");
            let word = |words: Vec<&str>| format!("`{text}`: must be one of {}", words.join(", "));
            match field {
                "campaign" => defaults.campaign = Some(CampaignId::new(value).map_err(id)?),
                "route" => defaults.route = Some(RouteId::new(value).map_err(id)?),
                "mode" => {
                    let known = || word(Mode::ALL.iter().map(|mode| mode.word()).collect());
                    defaults.mode = Some(Mode::from_word(value).ok_or_else(known)?);
                }
                "direction" => {
                    let known = || word(Direction::ALL.iter().map(|direction| direction.word()).collect());
                    defaults.direction = Some(Direction::from_word(value).ok_or_else(known)?);
                }
                other => return Err(format!("`{other}`: only campaign, mode, route and direction can be set")),
            }
        }
        Ok(defaults)
    }

    /// Which way calls went that do not tell.
    #[must_use]
    pub const fn direction(&self) -> Option<Direction> {
        self.direction
    }

    /// Fills what a record leaves open.
    pub fn fill(&self, record: &mut CallRecord) {
        record.campaign = record.campaign.take().or_else(|| self.campaign.clone());
        record.mode = record.mode.or(self.mode);
        record.route = record.route.take().or_else(|| self.route.clone());
        record.direction = record.direction.or(self.direction);
    }
}
