//! Frames of pages: once, as they change, as they were, and as pictures.

use super::parts::{all, campaign, events, frame, frame_of, get, limit, panel, parameter, path, reference, words};
use crate::figures::history::{DEFAULT_TREND_DAYS, TREND_DAYS};
use crate::http::panel::{DEFAULT_SIZE, HEIGHTS, SCALES, WIDTHS, panels};
use crate::http::replay::FASTEST;
use crate::live::topic::Cadence;
use app::view::problems::MAX_PROBLEMS;
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    all([
        json!({
            "/api/v1/views/live": { "get": frame(
                "The whole frame that the live page shows, as of the last tick",
                json!([campaign(), panel()]),
                "LiveFrame",
            ) },
            "/api/v1/views/daily": { "get": frame(
                "The whole frame of a site day; made every five minutes",
                json!([date()]),
                "DailyFrame",
            ) },
            "/api/v1/views/trend": { "get": frame(
                "The whole frame of the last site days, the running one included; made every five minutes",
                json!([trend_days()]),
                "TrendFrame",
            ) },
            "/api/v1/views/monitor": { "get": frame(
                "The monitor from above: all campaigns that are active or paused, as of the last tick",
                json!([]),
                "MonitorFrame",
            ) },
            "/api/v1/views/monitor/{campaign}": { "get": frame_of(
                "The monitor of one campaign, as of the last tick; far-end numbers masked",
                json!([path("campaign", "The campaign's id")]),
                "CampaignFrame",
            ) },
        }),
        json!({
            "/api/v1/problems": { "get": get(
                "What is wrong, worst first: of live figures, campaigns and the running day; the sentences of the pages are its first rows; `more` counts those beyond the limit",
                json!([limit(MAX_PROBLEMS)]),
                reference("Problems"),
            ) },
            "/api/v1/stream": { "get": stream() },
            "/api/v1/replay": { "get": get(
                "The live view as it was at a past moment, values as known today",
                json!([at(), campaign(), panel()]),
                reference("LiveFrame"),
            ) },
            "/api/v1/replay/stream": { "get": replay() },
            "/panel/{file}": { "get": picture() },
        }),
    ])
}

fn every(default: &str) -> Value {
    let words_of: Vec<&str> = Cadence::ALL.iter().map(|cadence| cadence.word()).collect();
    words("every", "How often a delta comes", &words_of, default)
}

fn stream() -> Value {
    json!({
        "summary": "A snapshot, then what changed, as server-sent events",
        "parameters": [
            words("view", "Which view", &["live", "monitor", "daily", "trend"], "live"),
            every("10s"),
            panel(),
            campaign(),
            parameter("days", "Of the trend view: how many", json!({ "type": "integer", "default": DEFAULT_TREND_DAYS })),
            { "name": "Last-Event-ID", "in": "header", "description": "Where the client left off", "schema": { "type": "string" } },
            { "name": "last_event_id", "in": "query", "description": "The same, for clients that can't set the header", "schema": { "type": "string" } },
        ],
        "responses": events("Events `snapshot` (the frame of the view: LiveFrame, …), `delta` (LiveDelta, …), and `bye` at the end"),
    })
}

fn replay() -> Value {
    let speed = json!({ "type": "integer", "minimum": 0, "maximum": FASTEST, "default": 1 });
    json!({
        "summary": "The live view from a past moment on: a snapshot, then what changed, as server-sent events",
        "parameters": [at(), parameter("speed", "How many times as fast as it went", speed), every("1s"), panel(), campaign()],
        "responses": events("Events `snapshot`, `delta`, and `bye` at the end; each event's id is the moment it shows"),
    })
}

fn picture() -> Value {
    let number = |name: &str, what: &str, range: std::ops::RangeInclusive<u32>, default: u32| {
        let (least, most) = range.into_inner();
        parameter(name, what, json!({ "type": "integer", "minimum": least, "maximum": most, "default": default }))
    };
    let mut file = path("file", "A panel of the live, the daily or the trend view, and `.svg` or `.png`");
    file["schema"] = json!({ "type": "string", "pattern": format!("^({})\\.(svg|png)$", panels().join("|")) });
    json!({
        "summary": "A panel as a picture",
        "parameters": [
            file,
            words("theme", "In which light", &["dark", "light"], "dark"),
            number("width", "In CSS pixels", WIDTHS, DEFAULT_SIZE.0),
            number("height", "In CSS pixels", HEIGHTS, DEFAULT_SIZE.1),
            number("scale", "Of a PNG: pixels to a CSS pixel", SCALES, 1),
            date(),
            trend_days(),
        ],
        "responses": {
            "200": { "description": "The picture", "content": {
                "image/svg+xml": { "schema": { "type": "string" } },
                "image/png": { "schema": { "type": "string", "format": "binary" } },
            } },
            "304": { "description": "It is the one that `If-None-Match` names" },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

fn at() -> Value {
    let meaning = "The past moment: RFC 3339, or as the site's clock shows it";
    parameter("at", meaning, json!({ "type": "string", "examples": ["2026-11-20T14:32:00"] }))
}

fn date() -> Value {
    let meaning = "Of the daily view: the site's date; without it, the running day";
    parameter("date", meaning, json!({ "type": "string", "format": "date" }))
}

fn trend_days() -> Value {
    let days = json!({ "type": "integer", "enum": TREND_DAYS, "default": DEFAULT_TREND_DAYS });
    parameter("days", "Of the trend view: how many days", days)
}
