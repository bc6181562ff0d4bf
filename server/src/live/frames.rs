//! A frame of any view: all that the hub knows of frames.

use app::domain::Moment;
use app::view::Frame;
use app::view::daily::DailyFrame;
use app::view::live::LiveFrame;
use app::view::monitor::MonitorFrame;
use app::view::monitor_campaign::CampaignFrame;
use app::view::trend::TrendFrame;
use serde::Serialize;
use std::sync::Arc;

/// How an event of the stream is called, by what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    Snapshot,
    Delta,
}

impl Carries {
    /// The name of the event.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
        }
    }
}

macro_rules! any {
    ($($view:ident($frame:ty)),* $(,)?) => {
        /// Cheap to clone: topics of several cadences share one.
        #[derive(Debug, Clone)]
        pub enum AnyFrame { $($view(Arc<$frame>)),* }

        impl AnyFrame {
            #[must_use]
            pub fn as_of(&self) -> Moment {
                match self { $(Self::$view(frame) => frame.as_of()),* }
            }

            /// The frame as JSON.
            #[must_use]
            pub fn json(&self) -> Vec<u8> {
                let mut json = Vec::new();
                self.write(&mut json);
                json
            }

            /// Appends the frame as JSON.
            pub fn write(&self, to: &mut Vec<u8>) {
                match self { $(Self::$view(frame) => encode(&**frame, to)),* }
            }

            /// Appends what a viewer that has `self` needs to have `new`: what changed, or all of it where the two are of
            /// different views.
            pub fn write_step(&self, new: &Self, to: &mut Vec<u8>) -> Carries {
                match (self, new) {
                    $((Self::$view(old), Self::$view(new)) => encode(&old.delta(new), to),)*
                    ($(Self::$view(_))|*, new) => {
                        new.write(to);
                        return Carries::Snapshot;
                    }
                }
                Carries::Delta
            }
        }

        $(impl From<$frame> for AnyFrame {
            fn from(frame: $frame) -> Self {
                Self::$view(Arc::new(frame))
            }
        })*
    };
}

any! { Live(LiveFrame), Monitor(MonitorFrame), Campaign(CampaignFrame), Daily(DailyFrame), Trend(TrendFrame) }

/// Frames are plain structs with string keys: encoding them can't fail.
fn encode(what: &impl Serialize, to: &mut Vec<u8>) {
    if serde_json::to_writer(&mut *to, what).is_err() {
        to.extend_from_slice(b"null");
    }
}
