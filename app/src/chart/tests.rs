//! What holds for every drawing: no data and no size makes one fail, and thresholds, bands and colours are where they
//! belong.
#![allow(clippy::unwrap_used)]

use super::area::Threshold;
use super::bars::{Bar, Fill};
use super::lines::Line;
use super::rows::RowWords;
use super::series::Series;
use super::spark::SparkData;
use super::stacked::Stack;
use super::table::{Cell, Column, Look};
use super::tiles::Tile;
use super::*;
use crate::domain::control::Action;
use crate::domain::{CampaignId, Moment, Span};
use crate::kpi::band::Band;
use crate::kpi::value::Ratio;
use crate::ui::about::FloorKind;
use crate::view::live::{
    AbandonRow, AgentsRow, ChannelPoint, ChannelSource, ChannelsHead, ChannelsPanel, Clause, ConnectRow, LiveFrame,
    Panels, Site, Status,
};
use crate::view::{PanelId, Table};
use proptest::prelude::*;

fn band() -> impl Strategy<Value = Band> {
    prop::sample::select(vec![
        Band::None,
        Band::TooFew,
        Band::NoBaseline,
        Band::Ok,
        Band::Unjudged,
        Band::Warn,
        Band::Critical,
    ])
}

/// Any number at all, and often one as they come.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..300.0, 1 => prop::num::f64::ANY]
}

fn count() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0..500_i64, 1 => any::<i64>()]
}

fn far() -> impl Strategy<Value = i64> {
    prop_oneof![0..500_i64, -(1_i64 << 40)..(1_i64 << 40)]
}

fn labels() -> impl Strategy<Value = Labels> {
    prop::sample::select(vec![Labels::Inside, Labels::None])
}

fn words() -> impl Strategy<Value = RowWords> {
    (".{0,30}", ".{0,12}", band(), ".{0,12}", band()).prop_map(|(name, value, band, note, note_band)| RowWords {
        name,
        value,
        band,
        note,
        note_band,
    })
}

fn series() -> impl Strategy<Value = Series> {
    prop::collection::vec(prop::option::weighted(0.8, number()), 0..200).prop_map(|values| Series {
        from: Moment::default(),
        step: Span::secs(10),
        values,
    })
}

fn bars() -> impl Strategy<Value = BarsData> {
    let fill = prop_oneof![band().prop_map(Fill::Band), Just(Fill::Series)];
    let bar = (prop::option::of(number()), fill, prop::option::of(number()), words())
        .prop_map(|(value, fill, mark, words)| Bar { value, fill, mark, words });
    (prop::collection::vec(bar, 0..30), prop::collection::vec(number(), 0..3), number(), labels())
        .prop_map(|(rows, marks, top, labels)| BarsData { rows, marks, top, labels })
}

fn lines() -> impl Strategy<Value = LinesData> {
    let line = (".{0,9}", series(), ".{0,14}", band()).prop_map(|(name, series, label, band)| Line {
        name,
        series,
        exact: Vec::new(),
        label,
        ink: Ink::Series1,
        band,
    });
    (prop::collection::vec(line, 0..9), number()).prop_map(|(lines, top)| LinesData {
        lines,
        top,
        times: ["a", "b", "c"].map(str::to_owned),
        more: 0,
    })
}

fn course() -> impl Strategy<Value = CourseData> {
    use course::{Level, Look, Scale, Track};
    let scale = prop::sample::select(vec![Scale::Count, Scale::Share, Scale::Seconds, Scale::Minutes, Scale::Money]);
    let look = prop::sample::select(vec![Look::Line, Look::Quiet, Look::Bars]);
    let track = (".{0,30}", ".{0,12}", look, prop::collection::vec(prop::option::weighted(0.8, number()), 0..120))
        .prop_map(|(name, value, look, values)| Track { name, value, ink: Ink::Series1, look, values });
    let level = (number(), band()).prop_map(|(value, band)| Level { value, band, label: "2 %".to_owned() });
    let marks = prop::collection::vec((0..400_usize, ".{0,9}"), 0..9);
    let tracks = prop::collection::vec(track, 0..8);
    let action = prop::sample::select(vec![Action::Pause, Action::Resume]);
    let deed = (0..400_usize, action, ".{0,20}").prop_map(|(slot, action, label)| Deed {
        slot,
        action,
        said: format!("{label} paused"),
        label,
    });
    let deeds = prop::collection::vec(deed, 0..12);
    (tracks, scale, prop::collection::vec(level, 0..4), marks, prop::option::of(0..130_usize), deeds).prop_map(
        |(tracks, scale, levels, marks, running, deeds)| CourseData { tracks, scale, levels, marks, running, deeds },
    )
}

fn table() -> impl Strategy<Value = TableData> {
    let look = prop_oneof![
        Just(Look::Plain),
        Just(Look::Quiet),
        band().prop_map(Look::Judged),
        band().prop_map(Look::State),
        (number(), any::<bool>()).prop_map(|(share, hot)| Look::Heat { share, hot }),
    ];
    let row = prop::collection::vec((".{0,20}", look).prop_map(|(text, look)| Cell { text, look }), 0..5);
    let column = (0.0..200.0, any::<u8>()).prop_map(|(width, rank)| Column { title: "Column", width, rank });
    (prop::collection::vec(column, 0..5), prop::collection::vec(row, 0..30), 0..9_usize)
        .prop_map(|(columns, rows, more)| TableData { columns, rows, more })
}

fn tiles() -> impl Strategy<Value = TilesData> {
    let tile = (".{0,20}", ".{0,9}", ".{0,9}", band()).prop_map(|(name, state, detail, band)| Tile {
        name,
        state,
        detail,
        band,
    });
    (prop::collection::vec(tile, 0..30), 0..9_usize).prop_map(|(tiles, more)| TilesData { tiles, more })
}

/// From a single pixel to more than a screen.
fn size() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![(1..40_u32, 1..40_u32), (1..=700_u32, 1..=500_u32), Just((2000, 1000)), Just((1, 1))]
}

/// The texts that are written on a medium.
fn texts<D: Drawing>(drawing: &D, (width, height): (u32, u32), medium: Medium) -> Vec<String> {
    use plotters::drawing::IntoDrawingArea;
    let (mut svg, theme) = (String::new(), Theme::new(Light::Dark, medium));
    {
        let size = (width * theme.units, height * theme.units);
        let area = plotters::backend::SVGBackend::with_string(&mut svg, size).into_drawing_area();
        drawing.draw(&area, &theme).unwrap();
        area.present().unwrap();
    }
    let written = svg.split("<text").skip(1).filter_map(|text| text.split_once('>')?.1.split_once("</text>"));
    written.map(|(text, _)| text.trim().to_owned()).collect()
}

/// Both media of the server; the canvas gets the very same calls of the same function.
fn draws<D: Drawing>(drawing: &D, size: (u32, u32)) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        texts(drawing, size, Medium::Bitmap),
        texts(drawing, size, Medium::Svg),
        "pixels write what SVG does"
    );
    let svg = svg::alone(drawing, size, Light::Light, &drawing.summary());
    prop_assert!(svg.is_ok_and(|svg| !svg.contains("NaN") && !svg.contains("inf")));
    prop_assert!(svg::in_page(drawing, size).is_ok_and(|svg| svg.starts_with("<svg ") && svg.ends_with("</svg>")));
    // Pixels take longest: a few sizes of them find as much.
    if size.0 * size.1 < 20_000 {
        let pixels = bitmap::pixels(drawing, size, 1, Light::Dark);
        prop_assert!(pixels.is_ok_and(|pixels| pixels.rgb.len() == size.0 as usize * size.1 as usize * 3));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gauges_are_total(value in count(), of in prop::option::of(count()), marks in prop::collection::vec(number(), 0..3), band in band(), labels in labels(), size in size()) {
        draws(&GaugeData { value, of, marks, band, labels }, size)?;
    }

    #[test]
    fn areas_are_total(series in series(), top in number(), threshold in prop::option::of((number(), ".{0,9}")), labels in labels(), size in size()) {
        let threshold = threshold.map(|(value, label)| Threshold { value, label });
        let ends = ("14:17".to_owned(), "14:32".to_owned());
        draws(&AreaData { series, top, threshold, of: None, ends, labels, now: "now".to_owned() }, size)?;
    }

    #[test]
    fn sparks_are_total(series in series(), band in band(), size in size()) {
        draws(&SparkData { series, band }, size)?;
    }

    #[test]
    fn bars_are_total(data in bars(), size in size()) {
        draws(&data, size)?;
    }

    #[test]
    fn stacks_are_total(rows in prop::collection::vec(([count(), count(), count(), count()], words()), 0..20), labels in labels(), size in size()) {
        let rows = rows.into_iter().map(|(parts, words)| Stack { parts, words }).collect();
        draws(&StackedData { rows, labels }, size)?;
    }

    #[test]
    fn lines_are_total(data in lines(), size in size()) {
        draws(&data, size)?;
    }

    #[test]
    fn tables_are_total(data in table(), size in size()) {
        draws(&data, size)?;
    }

    #[test]
    fn tiles_are_total(data in tiles(), size in size()) {
        draws(&data, size)?;
    }

    #[test]
    fn courses_are_total(data in course(), size in size()) {
        draws(&data, size)?;
    }

    #[test]
    fn strips_are_total(cells in prop::collection::vec((any::<i64>(), any::<i64>()), 0..100), words in words(), rows in 0..30_usize, size in size()) {
        let cells = cells.into_iter().map(|(part, whole)| Ratio::new(part, whole)).collect();
        let rows = vec![strip::Strip { words, cells }; rows];
        draws(&StripData { rows, ends: ("1 Nov".to_owned(), "30 Nov".to_owned()) }, size)?;
    }

    #[test]
    fn pictures_are_total(data in bars(), table in table(), empty in any::<bool>(), footnote in ".{0,90}", size in size()) {
        let body = if empty { picture::Body::Table(table) } else { picture::Body::Bars(data) };
        let picture = Picture { title: "Are we well?", window: "60 min".to_owned(), floor: FloorKind::Demo, as_of: "2026-11-21".to_owned(), footnote, body };
        draws(&picture, size)?;
    }

    /// Counts far beyond any floor's, and of either sign: data for drawings comes of them.
    #[test]
    fn data_comes_of_any_rows(a in far(), b in far(), c in far(), d in far(), band in band(), budget in prop::option::of(any::<i64>()), at in -4_000_000_000..9_000_000_000_i64) {
        let campaign = CampaignId::new("a").unwrap();
        let abandon = AbandonRow {
            campaign: campaign.clone(), name: "A".into(), abandoned: a, answered_live: b, unjudged_live: 0, band, since: None, period_from: None,
            period_abandoned: c, period_live: d, limit_ppm: 30_000, budget, budget_band: band, used_up_at: None, used_up_from: None, used_up_to: None, last_15m: Ratio::new(d, c), last_5m: Ratio::new(b, a),
            pacing_band: band, unknown_mode: 0, ungreeted: 0,
        };
        let connect = ConnectRow { campaign: campaign.clone(), name: "A".into(), answered_live: a, resolved: b, baseline: Ratio::new(c, d), last_5m: Ratio::default(), hour_band: band, lately_band: Band::None, band, since: None, diagnosis: None };
        let agents = AgentsRow { campaign, name: "A".into(), ready: a, on_call: b, wrap_up: c, on_break: d, breaks: Vec::new(), on_call_s: a, logged_in_s: b, band, since: None };
        draws(&BarsData::abandon(&[abandon], Labels::Inside), (300, 60))?;
        draws(&BarsData::connect(&[connect], Labels::Inside), (300, 60))?;
        draws(&StackedData::of(&[agents], Labels::Inside), (300, 60))?;
        let panel = channels(a, Some(b), &[(at, c), (at + 10, d)]);
        draws(&AreaData::of(&panel, &site(), Labels::Inside), (300, 60))?;
        draws(&GaugeData::of(&panel.head, Labels::Inside), (300, 60))?;
    }
}

fn site() -> Site {
    Site { zone: "Asia/Manila".into(), utc_offset_s: 28_800 }
}

fn channels(active: i64, capacity: Option<i64>, points: &[(i64, i64)]) -> ChannelsPanel {
    let rows = points.iter().map(|(t, active)| ChannelPoint { t: Moment::from_secs(*t), active: *active }).collect();
    ChannelsPanel {
        head: ChannelsHead {
            active,
            capacity,
            band: Band::Critical,
            since: None,
            source: ChannelSource::Samples,
            peak: active,
            peak_at: None,
        },
        trunks: Table::default(),
        points: Table { rows, more: 0 },
    }
}

/// The values of an attribute, of all elements of one kind with one colour, in CSS pixels.
fn places(svg: &str, element: &str, ink: Ink, attribute: &str) -> Vec<f64> {
    let colour = format!("\"var({})\"", ink.token());
    let of_kind = svg.split('<').filter(|tag| tag.starts_with(element) && tag.contains(&colour));
    let value = |tag: &str| tag.split_once(&format!(" {attribute}=\""))?.1.split('"').next()?.to_owned().into();
    of_kind.filter_map(value).map(|text: String| text.parse::<f64>().unwrap() / f64::from(theme::UNITS)).collect()
}

#[test]
fn the_threshold_stands_at_85_of_100_and_says_so() {
    let points: Vec<_> = (0..90).map(|n| (n * 10, 100)).collect();
    let data = AreaData::of(&channels(172, Some(200), &points), &site(), Labels::Inside);
    assert_eq!(data.summary(), "steady, now 172 of 200, 86 %");
    let svg = svg::in_page(&data, (430, 180)).unwrap();
    assert!(svg.contains("85 % = 170"), "{svg}");
    // The plot is 158 high; its foot is 18 above the picture's.
    let expected = 162.0 - 158.0 * 0.85;
    let dashes: Vec<&str> =
        svg.split('<').filter(|tag| tag.starts_with("polyline") && tag.contains("var(--crit)")).collect();
    assert!(dashes.len() > 50, "{} dashes", dashes.len());
    for dash in dashes {
        let y: f64 = dash.split_once("points=\"").unwrap().1.split([',', ' ']).nth(1).unwrap().parse().unwrap();
        assert!((y / 3.0 - expected).abs() <= 0.5, "{y} beside {}", expected * 3.0);
    }
}

#[test]
fn bars_keep_their_colours_and_marks_and_too_few_are_hatched() {
    let bar =
        |value: f64, band| Bar { value: Some(value), fill: Fill::Band(band), mark: None, words: RowWords::default() };
    let rows = vec![bar(0.03, Band::Critical), bar(0.02, Band::Warn), bar(0.01, Band::Ok), bar(0.02, Band::TooFew)];
    let data = BarsData { rows, marks: vec![0.02, 0.028], top: 0.04, labels: Labels::None };
    let svg = svg::in_page(&data, (400, 160)).unwrap();
    for (ink, width) in [(Ink::CritFill, 300.0), (Ink::WarnFill, 200.0), (Ink::OkFill, 100.0)] {
        assert_eq!(places(&svg, "rect", ink, "width"), [width], "{}", ink.token());
    }
    let marks = places(&svg, "rect", Ink::Faint, "x");
    assert_eq!(marks.len(), 8, "two marks a row");
    for (at, mark) in marks.iter().enumerate() {
        let expected = if at % 2 == 0 { 200.0 } else { 280.0 };
        assert!((mark - expected).abs() <= 0.7, "{mark}");
    }
    let stripes = svg.split('<').filter(|tag| tag.starts_with("polygon") && tag.contains("var(--faint)")).count();
    assert!(stripes > 20, "{stripes} stripes");
}

#[test]
fn a_gap_is_no_line() {
    let values = (0..60).map(|n| (!(20..30).contains(&n)).then_some(f64::from(n))).collect();
    let series = Series { from: Moment::default(), step: Span::minutes(1), values };
    let svg = svg::in_page(&SparkData { series, band: Band::Ok }, (120, 28)).unwrap();
    assert_eq!(svg.matches("<polyline").count(), 2);
}

#[test]
fn a_course_keeps_its_gaps_and_draws_the_levels_it_reached_and_the_next() {
    use course::{Level, Look, Scale, Track};
    let values = (0..20).map(|n| (n != 7).then_some(0.021)).collect();
    let track = Track { name: "Solar".into(), value: "2.10 %".into(), ink: Ink::Series1, look: Look::Line, values };
    let levels = Level::of(crate::kpi::KpiId::AbandonRate.get().bands(), Scale::Share, 1.0);
    let far = Level { value: 0.9, band: Band::Critical, label: "90 %".into() };
    let levels = levels.into_iter().chain([far]).collect();
    let data = CourseData { tracks: vec![track], scale: Scale::Share, levels, ..CourseData::default() };
    let svg = svg::in_page(&data, (590, 230)).unwrap();
    let lines = svg.split('<').filter(|tag| tag.starts_with("polyline") && tag.contains("var(--series-1)")).count();
    assert_eq!(lines, 2, "{svg}");
    for (said, is) in [("\n2 %\n", true), ("\n2.8 %\n", true), ("\n90 %\n", false)] {
        assert_eq!(svg.contains(said), is, "{said}");
    }
    assert_eq!(data.summary(), "Solar 2.10 %, between 2.1 % and 2.1 %");
}

#[test]
fn a_pause_is_a_labelled_line_and_of_many_at_once_the_lines_remain() {
    use course::{Look, Scale, Track};
    let values = vec![Some(40.0); 288];
    let track = Track { name: "calls".into(), value: "1".into(), ink: Ink::Series1, look: Look::Line, values };
    let deed = |slot, action, label: &str| Deed { slot, action, label: label.into(), said: format!("{label} paused") };
    let with = |deeds| CourseData { tracks: vec![track.clone()], scale: Scale::Count, deeds, ..CourseData::default() };
    let drawn = |data: &CourseData| svg::in_page(data, (590, 230)).unwrap();
    let lines =
        |svg: &str| svg.split('<').filter(|tag| tag.starts_with("polyline") && tag.contains("var(--muted)")).count();
    assert_eq!(lines(&drawn(&with(Vec::new()))), 0);
    let two = with(vec![deed(60, Action::Pause, "Solar West"), deed(180, Action::Resume, "Solar West")]);
    let svg = drawn(&two);
    assert_eq!((lines(&svg), svg.matches("Solar West").count()), (2, 2), "{svg}");
    assert!(svg.contains("<polygon"), "going on is an arrow");
    assert!(two.summary().ends_with("; Solar West paused, Solar West paused"), "{}", two.summary());
    let crowd = with((100..120).map(|slot| deed(slot, Action::Pause, "Solar West")).collect());
    let svg = drawn(&crowd);
    assert_eq!((lines(&svg), svg.matches("Solar West").count()), (20, 1), "the last has room for its name");
    assert!(crowd.summary().ends_with(", and 14 more"), "{}", crowd.summary());
}

#[test]
fn a_page_names_colours_and_a_picture_has_them() {
    let data = GaugeData::of(&channels(172, Some(200), &[]).head, Labels::Inside);
    let in_page = svg::in_page(&data, (200, 110)).unwrap();
    assert!(in_page.contains("var(--crit-fill)") && !in_page.contains("=\"#"), "{in_page}");
    let alone = svg::alone(&data, (200, 110), Light::Dark, "a < b").unwrap();
    assert!(
        alone.contains("#EE6234") && alone.contains("<title>a &lt; b</title>") && alone.contains("Inter, system-ui")
    );
}

#[test]
fn every_panel_of_an_empty_frame_says_that_nothing_is_there() {
    let frame = LiveFrame {
        as_of: Moment::from_secs(0),
        newest_event: None,
        site: site(),
        status: Status::default(),
        strip: Table::default(),
        panels: Panels::default(),
    };
    for panel in PanelId::ALL {
        let picture = Picture::of(&frame, *panel, FloorKind::Demo);
        let svg = svg::alone(&picture, (480, 320), Light::Dark, "").unwrap();
        assert!(
            svg.contains("No ") && svg.contains("1970-01-01 08:00:00 Asia/Manila") && svg.contains("DEMO"),
            "{svg}"
        );
    }
}

#[test]
fn a_picture_that_has_no_figure_of_now_says_why_as_the_page_does() {
    let why = Clause {
        band: Band::None,
        panel: PanelId::Infra,
        key: String::new(),
        href: None,
        subject: "What is heard is of the past".to_owned(),
        text: "events of before come in".to_owned(),
    };
    let silent_since = Some(Moment::from_secs(0));
    let frame = LiveFrame {
        as_of: Moment::from_secs(4_000),
        newest_event: silent_since,
        site: site(),
        status: Status { silent_since, clauses: vec![why], ..Status::default() },
        strip: Table::default(),
        panels: Panels::default(),
    };
    let picture = Picture::of(&frame, PanelId::Routes, FloorKind::Real);
    assert_eq!(picture.footnote, "What is heard is of the past");
}

/// What the drawing's function did, whatever the medium: the calls without their text sizes and heights.
#[test]
fn the_same_function_draws_the_same_shapes_on_every_medium() {
    let points: Vec<_> = (0..90).map(|n| (n * 10, 100 + n % 7)).collect();
    let data = AreaData::of(&channels(172, Some(200), &points), &site(), Labels::None);
    let shapes = |medium| {
        let mut text = String::new();
        {
            use plotters::drawing::IntoDrawingArea;
            let area = plotters::backend::SVGBackend::with_string(&mut text, (1290, 540)).into_drawing_area();
            data.draw(&area, &Theme::new(Light::Dark, medium)).unwrap();
            area.present().unwrap();
        }
        text
    };
    assert_eq!(shapes(Medium::Svg), shapes(Medium::Canvas));
    assert_eq!(shapes(Medium::Svg), shapes(Medium::Bitmap));
}

/// The words of a drawing with the room they take: left, top, right, bottom, in CSS pixels. Widths are estimated.
fn word_boxes<D: Drawing>(drawing: &D, size: (u32, u32)) -> Vec<(String, [f64; 4])> {
    let svg = svg::alone(drawing, size, Light::Dark, "").unwrap();
    let units = f64::from(theme::UNITS);
    let texts = svg.split("<text ").skip(1).filter_map(|rest| rest.split_once('>'));
    let boxed = texts.map(|(attributes, rest)| {
        let attributes = format!(" {attributes}");
        let value = |name: &str| attributes.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap();
        let number = |name: &str| value(name).trim_end_matches("px").parse::<f64>().unwrap() / units;
        let text = rest.split("</text>").next().unwrap().trim().to_owned();
        let size = number("font-size");
        let (x, y, width) = (number("x"), number("y"), pen::width_of(&text, size));
        let left = match value("text-anchor") {
            "start" => x,
            "middle" => x - width / 2.0,
            _ => x - width,
        };
        (text, [left, y - size / 2.0, left + width, y + size / 2.0])
    });
    boxed.collect()
}

fn delays(slowest: f64) -> LinesData {
    let line = |(at, name): (usize, &str)| {
        let values = (0..60).map(|n| Some(slowest * f64::from(n + 1) / 60.0 / (at + 1) as f64)).collect();
        let series = Series { from: Moment::default(), step: Span::minutes(1), values };
        let label = format!("{name} {:.1} s", slowest / (at + 1) as f64);
        Line { name: name.to_owned(), series, exact: Vec::new(), label, ink: Ink::Series1, band: Band::Ok }
    };
    let lines = ["GB", "US", "PH", "MX", "ZA"].into_iter().enumerate().map(line).collect();
    LinesData { lines, top: slowest, times: ["14:31", "15:01", "15:30"].map(str::to_owned), more: 0 }
}

#[test]
fn no_word_on_an_axis_is_cut_or_over_another() {
    let points: Vec<_> = (0..90).map(|n| (n * 10, 150 + n % 40)).collect();
    let area = AreaData::of(&channels(172, Some(200), &points), &site(), Labels::Inside);
    for size in [(300, 130), (340, 190), (406, 190), (700, 330), (1880, 900)] {
        let all = [word_boxes(&area, size), word_boxes(&delays(4.8), size), word_boxes(&delays(14.8), size)];
        for words in all.into_iter().chain([word_boxes(&delays(0.16), size)]) {
            for (at, (text, [left, top, right, bottom])) in words.iter().enumerate() {
                let is_inside = *left >= -0.5 && *right <= f64::from(size.0) + 0.5;
                assert!(is_inside && !text.contains('…'), "{text} at {left} to {right} of {size:?}");
                for (other, [l, t, r, b]) in &words[at + 1..] {
                    let are_apart = right <= l || r <= left || bottom <= t || b <= top;
                    assert!(are_apart, "{text} and {other} at {size:?}");
                }
            }
        }
    }
}

#[test]
fn a_limit_is_named_beside_its_line_and_a_line_by_its_last_value() {
    let points: Vec<_> = (0..90).map(|n| (n * 10, 100)).collect();
    let data = AreaData::of(&channels(172, Some(200), &points), &site(), Labels::Inside);
    let words = word_boxes(&data, (430, 180));
    let left_of = |said: &str| words.iter().find(|(text, _)| text == said).map(|(_, [left, ..])| *left);
    let svg = svg::in_page(&data, (430, 180)).unwrap();
    let dashes = svg.split('<').filter(|tag| tag.starts_with("polyline") && tag.contains("var(--crit)"));
    let ends = dashes.filter_map(|tag| tag.split_once("points=\"")?.1.split([' ', ',']).nth(2)?.parse::<f64>().ok());
    let end = ends.fold(0.0, f64::max) / f64::from(theme::UNITS);
    assert!(left_of("85 % = 170").is_some_and(|left| left > end), "{words:?}, the line ends at {end}");
    assert!(left_of("100").is_some_and(|left| left > end), "{words:?}");
}
