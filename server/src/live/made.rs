//! The frames of one tick, each made when it is first asked for, and kept for the audience that it was made for.
//!
//! The board stands still between two ticks: whoever asks meanwhile, for whichever view, sees one and the same state.
//! Frames that are not the board's are handed in by who makes them, and stay until the next is.

use super::frames::AnyFrame;
use super::hub::NoFrame;
use super::topic::View;
use crate::board::{Board, Gathered};
use app::domain::{Audience, CampaignId, CampaignScope, Sight};
use app::view::live::LiveFrame;
use app::view::monitor::MonitorFrame;
use app::view::monitor_campaign::CampaignFrame;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Made {
    live: HashMap<Audience, Arc<LiveFrame>>,
    /// What all cards are made of.
    gathered: Option<Gathered>,
    monitor: HashMap<Audience, Arc<MonitorFrame>>,
    campaigns: HashMap<(CampaignId, Sight), Arc<CampaignFrame>>,
    handed_in: HashMap<View, AnyFrame>,
}

impl Made {
    /// The next tick's.
    pub fn turn(&mut self) {
        self.live.clear();
        self.gathered = None;
        self.monitor.clear();
        self.campaigns.clear();
    }

    /// The live frame of the whole floor, as everybody may see it.
    pub fn live(&mut self, board: &Board) -> &Arc<LiveFrame> {
        self.live.entry(Audience::default()).or_insert_with(|| Arc::new(board.live()))
    }

    /// Takes a frame that the board does not make: of the whole floor, numbers masked.
    pub fn hand_in(&mut self, view: View, frame: AnyFrame) {
        self.handed_in.insert(view, frame);
    }

    /// A view's frame for an audience.
    ///
    /// # Errors
    /// Where none was handed in, of campaigns that nobody has told of, and of views that can't be cut to the campaigns of
    /// this audience.
    pub fn frame(&mut self, board: &Board, view: &View, audience: &Audience) -> Result<AnyFrame, NoFrame> {
        match view {
            View::Live { panel } => {
                let whole = self.live_for(board, audience)?;
                Ok(AnyFrame::Live(match panel {
                    None => whole.clone(),
                    Some(panel) => Arc::new(LiveFrame::clone(whole).narrowed(*panel)),
                }))
            }
            View::Monitor => {
                whole_floor(audience)?;
                let gathered = self.gathered.get_or_insert_with(|| board.gather());
                let monitor = || Arc::new(board.monitor(gathered));
                Ok(AnyFrame::Monitor(self.monitor.entry(audience.clone()).or_insert_with(monitor).clone()))
            }
            View::Campaign(id) => {
                if !audience.scope.holds(id) {
                    return Err(NoFrame::NotThere);
                }
                let kept = (id.clone(), audience.sight);
                if let Some(frame) = self.campaigns.get(&kept) {
                    return Ok(AnyFrame::Campaign(frame.clone()));
                }
                let gathered = self.gathered.get_or_insert_with(|| board.gather());
                let frame = Arc::new(masked(audience, || board.monitor_of(id, gathered)).ok_or(NoFrame::NotThere)?);
                self.campaigns.insert(kept, frame.clone());
                Ok(AnyFrame::Campaign(frame))
            }
            View::Daily | View::Trend { .. } => {
                whole_floor(audience)?;
                self.handed_in.get(view).cloned().ok_or(NoFrame::NotThere)
            }
        }
    }

    fn live_for(&mut self, board: &Board, audience: &Audience) -> Result<&Arc<LiveFrame>, NoFrame> {
        let CampaignScope::Of(campaigns) = &audience.scope else { return Ok(self.live(board)) };
        if !campaigns.iter().any(|id| board.knows(id)) {
            return Err(NoFrame::NotThere);
        }
        let make = || Arc::new(masked(audience, || board.of_campaigns(campaigns)));
        Ok(self.live.entry(audience.clone()).or_insert_with(make))
    }
}

/// What is made of all campaigns at once can't be cut to some of them.
fn whole_floor(audience: &Audience) -> Result<(), NoFrame> {
    match audience {
        Audience { scope: CampaignScope::All, sight: Sight::Masked } => Ok(()),
        Audience { scope: CampaignScope::Of(_), sight: Sight::Masked } => Err(NoFrame::NotOfThese),
    }
}

/// The board hides persons' numbers in all that it makes.
fn masked<T>(audience: &Audience, make: impl FnOnce() -> T) -> T {
    match audience.sight {
        Sight::Masked => make(),
    }
}
