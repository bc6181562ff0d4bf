//! What a card says from the press on its switch until its frame tells the same. Only in the browser: the server presses
//! nothing.

use super::ask::{Asking, Failure, Wish};
use super::card;
use super::switch::{self, Ask};
use crate::domain::control::Control;
use crate::domain::outcome::CampaignStatus;
use crate::domain::{Moment, Span};
use crate::ui::cells::Cell;
use leptos::prelude::*;
use serde::Deserialize;

/// How a campaign stands, as the server answers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Standing {
    pub as_of: Moment,
    #[serde(default)]
    pub status: Option<CampaignStatus>,
    #[serde(default)]
    pub control: Option<Control>,
}

/// An answer that takes longer than this is not waited for; a word about a failure stands as long.
const PATIENCE: Span = Span::secs(30);

impl Asking {
    fn show(self, campaign: &str, ask: Ask) {
        self.asks.0.update(|asks| {
            asks.insert(campaign.to_owned(), ask);
        });
    }

    /// What the server answered.
    pub(super) fn stands(self, campaign: &str, standing: &Standing) {
        let switch = self.feed.with_site(|site| switch::of(standing.status, standing.control.as_ref(), site));
        self.show(campaign, Ask { as_of: standing.as_of, badge: Some(card::badge(standing.status)), switch });
    }

    pub(super) fn is_under_way(self, wish: &Wish) -> bool {
        let asks = |switch: &Cell| switch.heat == switch::ON_ITS_WAY && switch.text == wish.action.word();
        self.asks.0.with_untracked(|all| {
            all.get(&wish.campaign).is_some_and(|ask| asks(&ask.switch) && ask.as_of > self.feed.now())
        })
    }

    /// On its way to the server.
    pub(super) fn goes(self, wish: &Wish) {
        let switch = Cell { heat: switch::ON_ITS_WAY, ..Cell::of(wish.action.word()).under("Asking…") };
        self.show(&wish.campaign, Ask { as_of: self.feed.now() + PATIENCE, badge: None, switch });
    }

    /// It came to nothing, or may have, and why. The card says what it said before.
    pub(super) fn fails(self, wish: &Wish, why: &Failure) {
        let (band, words) = why.said(wish.action);
        let switch = Cell::of(wish.action.word()).under(words).under_band(band);
        self.show(&wish.campaign, Ask { as_of: self.feed.now() + PATIENCE, badge: None, switch });
    }
}
