//! What the task is asked.

use super::frames::AnyFrame;
use super::hub::{NoFrame, NotLetIn, Subscription};
use super::topic::{Topic, View};
use crate::board::baseline::Baselines;
use crate::board::campaign_state::CampaignState;
use crate::board::present::PresentRow;
use crate::board::{Audited, OwnSums, WindowSums};
use crate::law::span::Stretch;
use app::domain::{Audience, CampaignId, CampaignScope, Dimension, Moment, Tally, Window};
use app::kpi::catalog::Present;
use app::kpi::{Band, KpiId};
use app::view::live::LiveFrame;
use app::view::problems::ProblemList;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::oneshot;

pub(super) enum Request {
    Subscribe {
        topic: Topic,
        last: Option<String>,
        reply: oneshot::Sender<Result<Subscription, NotLetIn>>,
    },
    Frame {
        view: View,
        audience: Audience,
        reply: oneshot::Sender<Result<AnyFrame, NoFrame>>,
    },
    Live {
        reply: oneshot::Sender<Arc<LiveFrame>>,
    },
    HandIn {
        view: View,
        frame: AnyFrame,
    },
    Sums {
        dimension: Dimension,
        window: Window,
        scope: CampaignScope,
        key: Option<SmolStr>,
        reply: oneshot::Sender<Option<WindowSums>>,
    },
    Present {
        what: Present,
        by: Dimension,
        scope: CampaignScope,
        reply: oneshot::Sender<(Moment, Vec<PresentRow>)>,
    },
    Said {
        kpi: KpiId,
        by: Dimension,
        window: Window,
        scope: CampaignScope,
        reply: oneshot::Sender<Option<HashMap<SmolStr, Band>>>,
    },
    Buckets {
        dimension: Dimension,
        scope: CampaignScope,
        key: Option<SmolStr>,
        during: Stretch,
        reply: oneshot::Sender<Vec<(Moment, SmolStr, Tally)>>,
    },
    Own {
        window: Window,
        scope: CampaignScope,
        reply: oneshot::Sender<(Moment, Vec<OwnSums>)>,
    },
    CampaignStates {
        of: Vec<(CampaignId, Option<Moment>)>,
        reply: oneshot::Sender<Vec<CampaignState>>,
    },
    Problems {
        reply: oneshot::Sender<ProblemList>,
    },
    Compare(Baselines),
    Audited(Audited),
    EndStreams,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Subscribe { .. } => "Subscribe",
            Self::Frame { .. } => "Frame",
            Self::Live { .. } => "Live",
            Self::HandIn { .. } => "HandIn",
            Self::Sums { .. } => "Sums",
            Self::Present { .. } => "Present",
            Self::Said { .. } => "Said",
            Self::Buckets { .. } => "Buckets",
            Self::Own { .. } => "Own",
            Self::CampaignStates { .. } => "CampaignStates",
            Self::Problems { .. } => "Problems",
            Self::Compare(_) => "Compare",
            Self::Audited(_) => "Audited",
            Self::EndStreams => "EndStreams",
        })
    }
}
