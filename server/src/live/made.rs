//! The frames of one tick, each made when it is first asked for.
//!
//! The board stands still between two ticks: whoever asks meanwhile, for whichever view, sees one and the same state.
//! Frames that are not the board's are handed in by who makes them, and stay until the next is.

use super::frames::AnyFrame;
use super::topic::View;
use crate::aggregate::board::Board;
use app::domain::CampaignId;
use app::view::live::LiveFrame;
use std::collections::HashMap;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub struct Made {
    live: Arc<LiveFrame>,
    live_of: HashMap<CampaignId, Arc<LiveFrame>>,
    handed_in: HashMap<View, AnyFrame>,
}

impl Made {
    /// With the frame that the tick itself makes.
    #[must_use]
    pub fn new(live: Arc<LiveFrame>) -> Self {
        Self { live, live_of: HashMap::new(), handed_in: HashMap::new() }
    }

    /// The next tick's.
    pub fn turn(&mut self, live: Arc<LiveFrame>) {
        self.live = live;
        self.live_of.clear();
    }

    /// Takes a frame that the board does not make.
    pub fn hand_in(&mut self, view: View, frame: AnyFrame) {
        self.handed_in.insert(view, frame);
    }

    /// A view's frame; `None` where none was handed in.
    pub fn frame(&mut self, board: &Board, view: &View) -> Option<AnyFrame> {
        match view {
            View::Live { panel, campaign } => {
                let whole = match campaign {
                    None => &self.live,
                    Some(id) => self.live_of.entry(id.clone()).or_insert_with(|| Arc::new(board.of_campaign(id))),
                };
                Some(AnyFrame::Live(match panel {
                    None => whole.clone(),
                    Some(panel) => Arc::new(LiveFrame::clone(whole).narrowed(*panel)),
                }))
            }
            View::Daily | View::Trend { .. } => self.handed_in.get(view).cloned(),
        }
    }
}
