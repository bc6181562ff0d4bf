//! Every view's frames of a floor, as text: what stores are compared by.
#![allow(clippy::unwrap_used, dead_code)]

use super::floor::Floor;
use app::domain::Moment;
use serde::Serialize;
use server::board::{Board, BoardConfig};
use server::figures::baselines;
use server::figures::history::{History, TREND_DAYS};
use server::law::span::date_of;
use server::live::{self, Hears};
use std::collections::BTreeMap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Frames by a name that says of which view and what.
pub type Frames = BTreeMap<String, String>;

fn text(frame: &impl Serialize) -> String {
    serde_json::to_string_pretty(frame).unwrap()
}

/// What a board shows at the floor's moment, and the frames of history: of the days that `days` lie in, and of every trend.
/// The board has heard what it was given, or else begins with what the store tells now.
pub async fn frames(floor: &mut Floor, heard: Option<Board>, days: &[Moment]) -> Frames {
    let (zone, now) = (floor.zone, floor.clock.now());
    let config = || BoardConfig { zone, ..BoardConfig::default() };
    let mut board = heard.unwrap_or_else(|| {
        let mut board = Board::new(config(), now);
        board.apply(&floor.initial);
        board
    });
    board.compare_with(baselines::read(&floor.reader(), zone, now).await.unwrap());
    let mut frames = Frames::from([("live".to_owned(), text(&board.tick(now)))]);
    let gathered = board.gather();
    frames.insert("monitor".to_owned(), text(&board.monitor(&gathered)));
    for id in board.campaigns().keys() {
        frames.insert(format!("live of {id}"), text(&board.of_campaigns(&[id.clone()].into())));
        frames.insert(format!("monitor of {id}"), text(&board.monitor_of(id, &gathered)));
    }
    let stop = CancellationToken::new();
    let hears = Hears::only(mpsc::channel(1).1);
    let (live, _) = live::start(config(), floor.clock.clone(), &floor.initial, hears, stop.clone());
    let history = History::new(floor.reader(), zone, live, floor.clock.clone());
    for day in days {
        let date = date_of(zone, *day);
        frames.insert(format!("daily of {date}"), text(&*history.day(Some(date)).await.unwrap()));
    }
    for days in TREND_DAYS {
        frames.insert(format!("trend of {days} days"), text(&*history.trend(days).await.unwrap()));
    }
    stop.cancel();
    frames
}

/// Names the first lines in which two sets of frames differ.
pub fn assert_same(found: &Frames, expected: &Frames, what: &str) {
    let names = |frames: &Frames| frames.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{what}");
    for (name, frame) in found {
        let lines = frame.lines().zip(expected[name].lines()).enumerate();
        let differ: Vec<_> = lines.filter(|(_, (found, expected))| found != expected).take(8).collect();
        assert!(*frame == expected[name], "{what}, {name}: {differ:#?}");
    }
}
