//! The frames of one tick, each made when it is first asked for.
//!
//! The board stands still between two ticks: whoever asks meanwhile, for whichever view, sees one and the same state.
//! Frames that are not the board's are handed in by who makes them, and stay until the next is.

use super::frames::AnyFrame;
use super::topic::View;
use crate::board::{Board, Gathered};
use app::domain::CampaignId;
use app::view::live::LiveFrame;
use app::view::monitor::MonitorFrame;
use app::view::monitor_campaign::CampaignFrame;
use std::collections::HashMap;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Default)]
pub struct Made {
    live: Option<Arc<LiveFrame>>,
    live_of: HashMap<CampaignId, Arc<LiveFrame>>,
    /// What all cards are made of.
    gathered: Option<Gathered>,
    monitor: Option<Arc<MonitorFrame>>,
    campaigns: HashMap<CampaignId, Arc<CampaignFrame>>,
    handed_in: HashMap<View, AnyFrame>,
}

impl Made {
    /// The next tick's.
    pub fn turn(&mut self) {
        self.live = None;
        self.live_of.clear();
        (self.gathered, self.monitor) = (None, None);
        self.campaigns.clear();
    }

    /// The whole live frame.
    pub fn live(&mut self, board: &Board) -> &Arc<LiveFrame> {
        self.live.get_or_insert_with(|| Arc::new(board.live()))
    }

    /// Takes a frame that the board does not make.
    pub fn hand_in(&mut self, view: View, frame: AnyFrame) {
        self.handed_in.insert(view, frame);
    }

    /// A view's frame; `None` where none was handed in, and of campaigns that nobody has told of.
    pub fn frame(&mut self, board: &Board, view: &View) -> Option<AnyFrame> {
        match view {
            View::Live { panel, campaign } => {
                let whole = match campaign {
                    None => self.live(board),
                    Some(id) if !board.knows(id) => return None,
                    Some(id) => self.live_of.entry(id.clone()).or_insert_with(|| Arc::new(board.of_campaign(id))),
                };
                Some(AnyFrame::Live(match panel {
                    None => whole.clone(),
                    Some(panel) => Arc::new(LiveFrame::clone(whole).narrowed(*panel)),
                }))
            }
            View::Monitor => {
                let gathered = self.gathered.get_or_insert_with(|| board.gather());
                Some(AnyFrame::Monitor(self.monitor.get_or_insert_with(|| Arc::new(board.monitor(gathered))).clone()))
            }
            View::Campaign(id) => {
                if let Some(frame) = self.campaigns.get(id) {
                    return Some(AnyFrame::Campaign(frame.clone()));
                }
                let gathered = self.gathered.get_or_insert_with(|| board.gather());
                let frame = Arc::new(board.monitor_of(id, gathered)?);
                self.campaigns.insert(id.clone(), frame.clone());
                Some(AnyFrame::Campaign(frame))
            }
            View::Daily | View::Trend { .. } => self.handed_in.get(view).cloned(),
        }
    }
}
