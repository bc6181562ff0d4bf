//! What the pages say of frames made up by hand.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::domain::control::Action;
use crate::domain::outcome::{ComponentKind, CostKind};
use crate::domain::{CampaignId, Country, Dimension, Moment, Span};
use crate::kpi::{Band, KpiId, Ratio};
use crate::ui::still::Shown;
use crate::ui::{FirstPaint, Refused, shell};
use crate::view::Table;
use crate::view::daily::*;
use crate::view::live::Site;
use crate::view::trend::*;
use leptos::prelude::*;
use leptos_router::location::RequestUrl;
use serde::Serialize;

const NOW: &str = "2026-11-21T06:32:08Z";

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn site() -> Site {
    Site { zone: "Asia/Manila".into(), utc_offset_s: 8 * 3600 }
}

/// Numbers that look like a floor's: quiet at night, two hills by day.
fn hill(step: i64) -> i64 {
    let hour = step as f64 / 12.0;
    let hill = |top: f64, wide: f64| (-((hour - top) / wide).powi(2)).exp();
    (420.0 * hill(10.5, 2.2) + 380.0 * hill(15.5, 2.6)) as i64 + (step * 7919) % 13
}

fn step(day: Moment, n: i64, times: f64) -> DayStep {
    let attempts = (hill(n) as f64 * times) as i64;
    let resolved = attempts - attempts / 50;
    let live = resolved * (28 + (n * 31) % 5) / 100;
    DayStep {
        t: day + Span::minutes(5 * n),
        clock_s: 300 * n,
        attempts,
        resolved,
        answered: resolved * 40 / 100,
        answered_live: live,
        judged_live: live,
        abandoned: live * (15 + (n * 17) % 16) / 1000,
        failed: resolved * (n % 3) / 200,
        errors: resolved * (n % 3) / 200,
        inbound: 4,
        judged_inbound: 4,
        inbound_answered: 4,
        queued: 4,
        judged_queued: 4,
        queue_abandoned: 0,
    }
}

fn kpi(id: &str, part: i64, whole: i64, band: Band, before: (i64, i64), against: Band) -> DayKpi {
    DayKpi { kpi: id.into(), part, whole, unjudged: 0, band, before: Ratio::new(before.0, before.1), against }
}

fn mark(moment: &str, clock_s: i64, action: Action) -> DayMark {
    DayMark {
        at: at(moment),
        clock_s,
        campaign: CampaignId::trusted("solar-west"),
        name: "Solar West".into(),
        action,
        by: "lead-1".into(),
        request: moment.into(),
    }
}

pub fn daily() -> DailyFrame {
    let from = at("2026-11-20T16:00:00Z");
    let week_before = from - Span::days(7);
    let campaign = |name: &str, n: i64, abandoned: i64, abandon_band, connect_band, band| CampaignDay {
        campaign: crate::domain::CampaignId::new(&name.to_lowercase().replace(' ', "-")).unwrap(),
        name: name.into(),
        attempts: n,
        resolved: n - 40,
        answered: n * 40 / 100,
        answered_live: n * 30 / 100,
        judged_live: n * 30 / 100,
        connect_band,
        abandoned,
        abandon_band,
        failed: n / 180,
        errors: n / 180,
        error_band: Band::Ok,
        handle_ms: n * 90 / 1000 * 247_000,
        handled: n * 90 / 1000,
        aht_band: Band::Ok,
        transferred: n / 60,
        connected: n * 40 / 100,
        right_party: n / 30,
        inbound: n / 40,
        judged_inbound: n / 40,
        inbound_answered: n / 40 - n / 400,
        inbound_band: Band::Ok,
        queued: n / 40,
        judged_queued: n / 40,
        queue_abandoned: n / 900,
        queue_band: Band::Ok,
        before_attempts: n * 11 / 10,
        before_connect: Ratio::new(31, 100),
        before_abandon: Ratio::new(18, 1000),
        before_aht: Ratio::new(252_000, 1),
        band,
    };
    let route = |name: &str, n: i64, faults: i64, faults_band, band| RouteDay {
        route: crate::domain::RouteId::new(name).unwrap(),
        name: name.into(),
        carrier: Some("Northline".into()),
        attempts: n,
        resolved: n - 20,
        answered: n * 39 / 100,
        answer_band: Band::Ok,
        sip_4xx: n / 80,
        sip_5xx: faults,
        sip_6xx: 0,
        timeouts: n / 300,
        route_faults: faults,
        faults_band,
        unjudged_faults: 0,
        unheard: 0,
        unheard_band: Band::Ok,
        pdd_ms: n * 9 / 10 * 2_310,
        progressed: n * 9 / 10,
        pdd_band: Band::Ok,
        connected_ms: n * 39 / 100 * 181_000,
        connected: n * 39 / 100,
        before_attempts: n,
        before_answer: Ratio::new(40, 100),
        before_faults: Ratio::new(4, 1000),
        before_pdd: Ratio::new(2_100, 1),
        band,
    };
    let agent = |n: i64| AgentDay {
        agent: crate::domain::AgentId::new(&format!("agent-{n:03}")).unwrap(),
        handled: 60 + n,
        talk_ms: (60 + n) * 190_000,
        hold_ms: (60 + n) * 8_000,
        wrap_ms: (60 + n) * 40_000,
        transferred: n % 7,
        connected: 62 + n,
        right_party: 20 + n % 9,
        ready_ms: 3_000_000 + n * 10_000,
        on_call_ms: 16_000_000 + n * 60_000,
        wrap_up_ms: 2_400_000,
        break_ms: 1_800_000 + (n % 5) * 600_000,
        band: if n % 4 == 0 { Band::Warn } else { Band::Ok },
    };
    DailyFrame {
        as_of: at("2026-11-21T06:30:00Z"),
        newest_event: Some(at("2026-11-21T06:29:59Z")),
        site: site(),
        day: DayHead {
            date: "2026-11-21".into(),
            from,
            to: from + Span::days(1),
            until: at("2026-11-21T06:30:00Z"),
            state: DayState::Running,
            revised_at: None,
            agents_until: at("2026-11-21T06:30:00Z"),
            step_s: 300,
            steps_from: from,
            steps_to: at("2026-11-21T06:30:00Z"),
            before_date: "2026-11-14".into(),
            before_from: week_before,
            before_to: from - Span::days(6),
            before_until: at("2026-11-14T06:30:00Z"),
            before_step_s: 300,
            before_steps_from: week_before,
            before_steps_to: from - Span::days(6),
            before_revised_at: Some(at("2026-11-15T03:12:00Z")),
        },
        marks: Table::of(vec![
            mark("2026-11-21T02:10:00Z", 36_600, Action::Pause),
            mark("2026-11-21T05:30:10Z", 48_610, Action::Resume),
        ]),
        kpis: Table::of(vec![
            kpi("calls_per_minute", 31_204, 870, Band::None, (28_900, 870), Band::Ok),
            kpi("connect_rate", 9_402, 30_570, Band::None, (8_940, 28_310), Band::Ok),
            kpi("abandon_rate", 281, 9_402, Band::Critical, (170, 8_940), Band::Critical),
            kpi("answer_rate", 12_228, 30_570, Band::None, (11_400, 28_310), Band::Ok),
            kpi("aht", 2_808 * 247_300, 2_808, Band::None, (2_600 * 251_000, 2_600), Band::Ok),
            kpi("inbound_answer_rate", 738, 780, Band::Warn, (742, 770), Band::Ok),
            kpi("queue_abandon_rate", 34, 780, Band::Ok, (28, 770), Band::Ok),
            kpi("asa", 738 * 14_200, 738, Band::Ok, (742 * 13_100, 742), Band::Ok),
            kpi("transfer_rate", 520, 12_400, Band::None, (500, 11_500), Band::Ok),
            kpi("error_rate", 162, 30_570, Band::Ok, (150, 28_310), Band::Ok),
            kpi("on_call_share", 790, 1_000, Band::Warn, (0, 0), Band::NoBaseline),
        ]),
        steps: Table::of((0..174).map(|n| step(from, n, 1.0)).collect()),
        before: Table::of((0..288).map(|n| step(week_before, n, 0.92)).collect()),
        campaigns: Table::of(vec![
            campaign("Solar West", 9_120, 86, Band::Critical, Band::Critical, Band::Critical),
            campaign("Energy UK", 7_400, 51, Band::Warn, Band::Ok, Band::Warn),
            campaign("Auto loans", 6_210, 30, Band::Ok, Band::Ok, Band::Ok),
            campaign("Home security", 4_900, 17, Band::Ok, Band::Ok, Band::Ok),
            campaign("Medicare A", 2_800, 7, Band::Ok, Band::Ok, Band::Ok),
            campaign("Surveys", 240, 1, Band::TooFew, Band::Ok, Band::TooFew),
        ]),
        routes: Table::of(vec![
            route("beta", 8_200, 512, Band::Critical, Band::Critical),
            route("gamma", 7_100, 84, Band::Warn, Band::Warn),
            route("alpha", 10_900, 32, Band::Ok, Band::Ok),
            route("delta", 4_700, 9, Band::Ok, Band::Ok),
        ]),
        agents: Table { rows: (1..=24).map(agent).collect(), more: 12 },
    }
}

fn trend_day(n: i64, days: i64) -> TrendDay {
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap() - chrono::Days::new((days - 1 - n) as u64);
    let weekend = (date.format("%u").to_string().as_str() >= "6") as i64;
    let running = n == days - 1;
    let attempts = (62_000 + (n * 7_919) % 6_000) / if weekend == 1 { 2 } else { 1 } / if running { 2 } else { 1 };
    let live = attempts * (290 + (n * 13) % 40) / 1_000;
    let from = at("2026-11-20T16:00:00Z") - Span::days(days - 1 - n);
    let euro = |micros| Some(Money { micros, currency: "EUR".into() });
    TrendDay {
        date: date.to_string().into(),
        from,
        to: from + Span::days(1),
        state: if running { DayState::Running } else { DayState::Over },
        revised_at: (n == days - 4).then(|| from + Span::hours(33)),
        attempts,
        resolved: attempts - 100,
        answered: attempts * 41 / 100,
        answered_live: live,
        judged_live: live,
        abandoned: live * (14 + n / 3) / 1_000,
        abandon_band: if n / 3 + 14 > 20 { Band::Warn } else { Band::Ok },
        failed: attempts * (4 + n % 5) / 1_000,
        errors: attempts * (4 + n % 5) / 1_000,
        error_band: Band::Ok,
        route_faults: attempts / 90,
        inbound: 1_500,
        judged_inbound: 1_500,
        inbound_answered: 1_460,
        handle_ms: live / 3 * 240_000,
        handled: live / 3,
        connected: live,
        connected_ms: live * 180_000,
        right_party: live / 9,
        dids_provisioned: if n % 6 == 2 { 12 } else { 0 },
        dids_retired: (n * 5) % 4,
        observed_ms: 86_400_000 * 8,
        up_ms: 86_400_000 * 8 - if n % 11 == 3 { 1_260_000 } else { 0 },
        telephony: euro(900_000_000),
        infrastructure: euro(120_000_000),
        cost_per_rpc: if n > 3 { euro(430_000 + n * 4_000) } else { None },
        cost_per_minute: euro(2_100 + (n * 37) % 300),
    }
}

pub fn trend(days: i64) -> TrendFrame {
    let weeks = days / 7 + 1;
    let abandon = |name: &str, base: i64| AbandonTrend {
        campaign: crate::domain::CampaignId::new(name).unwrap(),
        name: name.into(),
        abandoned: (0..days).map(|n| base + (n * 7) % 9 + n / 2).collect(),
        answered_live: (0..days).map(|n| if n == 5 { 40 } else { 2_400 }).collect(),
        bands: (0..days).map(|n| if n == 5 { Band::TooFew } else { Band::Ok }).collect(),
        part: base * days,
        whole: 2_400 * days,
        band: if base > 50 { Band::Warn } else { Band::Ok },
    };
    let aht = |name: &str, base: i64| AhtTrend {
        campaign: crate::domain::CampaignId::new(name).unwrap(),
        name: name.into(),
        handle_ms: (0..weeks).map(|n| (base + n * 3_000) * 900).collect(),
        handled: vec![900; weeks as usize],
        part: base * 900 * weeks,
        whole: 900 * weeks,
    };
    let route = |name: &str, faults: i64, band| RouteTrend {
        route: crate::domain::RouteId::new(name).unwrap(),
        name: name.into(),
        carrier: Some("Northline".into()),
        resolved: vec![40_000; weeks as usize],
        sip_4xx: vec![700; weeks as usize],
        sip_5xx: vec![300; weeks as usize],
        sip_6xx: vec![20; weeks as usize],
        timeouts: vec![90; weeks as usize],
        route_faults: (0..weeks).map(|n| faults + n * 60).collect(),
        unjudged_faults: vec![0; weeks as usize],
        bands: vec![band; weeks as usize],
        part: faults * weeks,
        whole: 40_000 * weeks,
        band,
    };
    let pdd = |code: &str, ms: i64| PddTrend {
        country: Country::new(code).unwrap(),
        pdd_ms: (0..days).map(|n| (ms + (n * 131) % 300) * 800).collect(),
        progressed: vec![800; days as usize],
        part: ms * 800 * days,
        whole: 800 * days,
    };
    let component = |name: &str, kind, down: i64| ComponentTrend {
        component: crate::domain::ComponentId::new(name).unwrap(),
        kind: Some(kind),
        up_ms: (0..days).map(|n| 86_400_000 - if n % 13 == 4 { down } else { 0 }).collect(),
        observed_ms: (0..days).map(|n| if n < 2 { 0 } else { 86_400_000 }).collect(),
        part: 86_400_000 * (days - 2) - down * 2,
        whole: 86_400_000 * (days - 2),
    };
    let euro = |micros| Money { micros, currency: "EUR".into() };
    let cost = |month: &str, kind, state| MonthCost {
        month: month.into(),
        kind,
        amount: "27000.00".into(),
        told_at: at("2026-11-02T03:00:00Z"),
        state,
        so_far: euro(18_600_000_000),
        whole: match kind {
            CostKind::Telephony => 39_800,
            CostKind::Infrastructure => 61_000 * 60_000 * 30,
        },
        each: Some(euro(467_336)),
    };
    let lead = |kpi: &str, name: &str, now: f64, slope: f64, edge: f64, reaches, days: u32| Leading {
        kpi: kpi.into(),
        by: if name.is_empty() { Dimension::Total } else { Dimension::Campaign },
        key: name.into(),
        name: name.into(),
        now: parts(now),
        slope: parts(slope),
        points: 14,
        reaches,
        edge: parts(edge),
        on: crate::ui::parts::dates::shifted("2026-11-21", i64::from(days)).unwrap().into(),
        in_days: days,
    };
    fn parts(value: f64) -> Ratio {
        Ratio::new((value * 1e6) as i64, 1_000_000)
    }
    let rows: Vec<TrendDay> = (0..days).map(|n| trend_day(n, days)).collect();
    let from = rows[0].from;
    TrendFrame {
        as_of: at("2026-11-21T06:30:00Z"),
        newest_event: None,
        site: site(),
        span: TrendSpan { days: days as u32, from, to: at("2026-11-21T16:00:00Z"), until: at("2026-11-21T06:30:00Z") },
        weeks: Table::of(
            (0..weeks)
                .map(|n| TrendWeek {
                    week: format!("2026-W{:02}", 47 - (weeks - 1 - n)).into(),
                    from,
                    to: from,
                    state: if n == weeks - 1 { DayState::Running } else { DayState::Over },
                    revised_at: None,
                })
                .collect(),
        ),
        days: Table::of(rows),
        abandon: Table::of(vec![
            abandon("Solar West", 55),
            abandon("Energy UK", 41),
            abandon("Auto loans", 30),
            abandon("Home security", 20),
            abandon("Medicare A", 12),
            abandon("Surveys", 8),
        ]),
        aht: Table::of(vec![aht("Solar West", 251_000), aht("Energy UK", 231_000), aht("Auto loans", 187_000)]),
        routes: Table::of(vec![
            route("beta", 900, Band::Warn),
            route("gamma", 300, Band::Ok),
            route("alpha", 120, Band::Ok),
        ]),
        pdd: Table::of(vec![pdd("US", 1_800), pdd("GB", 2_600), pdd("PH", 3_300)]),
        components: Table::of(vec![
            component("media-2", ComponentKind::MediaServer, 4_800_000),
            component("redis", ComponentKind::Cache, 61_000),
            component("postgres", ComponentKind::Database, 0),
            component("crm", ComponentKind::Crm, 0),
        ]),
        costs: Table::of(vec![
            cost("2026-10", CostKind::Telephony, DayState::Over),
            cost("2026-11", CostKind::Telephony, DayState::Running),
            cost("2026-11", CostKind::Infrastructure, DayState::Running),
        ]),
        leading: Table::of(vec![
            lead("abandon_rate", "Solar West", 0.0243, 0.0006, 0.028, Band::Critical, 6),
            lead("error_rate", "", 0.0072, 0.0003, 0.01, Band::Warn, 10),
        ]),
    }
}

/// The whole document at that address, with that first paint, or why there is none.
pub fn page<F: Serialize>(address: &str, frame: Result<F, String>) -> String {
    document(address, || match &frame {
        Ok(frame) => provide_context(FirstPaint(serde_json::to_string(frame).unwrap().into())),
        Err(why) => provide_context(Refused(why.as_str().into())),
    })
}

fn document(address: &str, provide: impl FnOnce()) -> String {
    let owner = Owner::new();
    owner.with(|| {
        provide_context(RequestUrl::new(address));
        provide();
        shell(None).to_html()
    })
}

#[test]
fn the_day_says_its_worst_first_and_links_to_it() {
    let html = page("/daily", Ok(daily()));
    let sentence = html.split_once("class=\"sentence\"").unwrap().1.split_once("</p>").unwrap().0;
    let places: Vec<usize> =
        ["#kpi-abandon_rate", "#routes-beta", "#campaigns-solar_2dwest", "#kpi-inbound_answer_rate"]
            .map(|link| sentence.find(&format!("href=\"{link}\"")).unwrap_or_else(|| panic!("{link} in {sentence}")))
            .into();
    assert!(places.is_sorted(), "{places:?}");
    for link in html.split("href=\"#").skip(2) {
        let id = link.split('"').next().unwrap();
        assert!(html.contains(&format!("id=\"{id}\"")), "{id} leads nowhere");
    }
}

#[test]
fn the_days_sentence_names_agents_that_are_marked_and_calls_nothing_well_that_is_not_judged() {
    let kpis = |band: Band| {
        let mut kpis = daily().kpis;
        kpis.rows.iter_mut().for_each(|row| (row.band, row.against) = (band, Band::None));
        kpis
    };
    let well = |agents: Table<AgentDay>, band: Band| DailyFrame {
        kpis: kpis(band),
        campaigns: Table::default(),
        routes: Table::default(),
        agents,
        ..daily()
    };
    let said = |frame: DailyFrame| {
        let html = page("/daily", Ok(frame));
        html.split_once("class=\"sentence\"").unwrap().1.split_once("</p>").unwrap().0.to_owned()
    };
    let marked = said(well(daily().agents, Band::Ok));
    assert!(marked.contains("On-call share of 6 agents") && !marked.contains("nothing out of band"), "{marked}");
    let mut agents = daily().agents;
    agents.rows.iter_mut().for_each(|agent| agent.band = Band::TooFew);
    assert!(said(well(agents.clone(), Band::Ok)).contains("nothing out of band"));
    let unjudged = said(well(agents, Band::TooFew));
    assert!(unjudged.contains("too few to judge the day by") && !unjudged.contains("well"), "{unjudged}");
}

#[test]
fn every_figure_that_opens_an_explanation_has_one_and_no_name_is_used_twice() {
    for html in [page("/daily", Ok(daily())), page("/trend?days=30", Ok(trend(30)))] {
        let ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "a name is used twice");
        for target in html.split("popovertarget=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(once.binary_search(&target).is_ok(), "{target} is nowhere");
        }
    }
}

/// "Connected" is the name of one fact, calls over that anyone answered; who was answered by a person was answered live, and
/// the share of those is the connect rate, wherever it stands.
#[test]
fn each_word_of_the_floor_means_one_thing() {
    use crate::domain::Fact;
    use crate::kpi::catalog::CATALOG;
    use crate::kpi::help::help;
    use crate::kpi::problems::PROBLEMS;
    use crate::ui::parts::strip::label;
    use crate::view::live::{StripId, StripItem};
    for html in [page("/daily", Ok(daily())), page("/trend?days=30", Ok(trend(30)))] {
        // As a heading, a label, or what a line of a chart is called; within an explanation it is the fact.
        let lines = html.split("connected ").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        assert!(!html.contains(">Connected<") && lines.count() == 0);
        let text = html.to_lowercase().replace("reached ringback", "");
        for unsaid in [">reached", "reached ", "reached:", "gave up", "answered after"] {
            assert!(!text.contains(unsaid), "{unsaid}");
        }
        assert!(!html.contains(">Transferred<"), "a rate has its name");
        assert!(html.contains("Connect rate") && text.contains("connect rate "), "head and line");
    }
    for id in KpiId::ALL {
        let (kpi, words) = (id.get(), help(*id));
        let said = [kpi.label, kpi.formula, kpi.numerator, kpi.denominator, words.help, words.example.words].join(" ");
        let is_of_it = kpi.facts().any(|slot| [Fact::Connected, Fact::ConnectedMs].map(Into::into).contains(&slot));
        assert!(!said.to_lowercase().contains("connected") || is_of_it, "{}: {said}", kpi.id);
    }
    assert!(CATALOG.len() == KpiId::ALL.len());
    let item =
        StripItem { id: StripId::ConnectRate, part: 1, whole: Some(2), band: Band::None, since: None, spark: vec![] };
    assert_eq!(label(&item), "Connect rate, 60 min");
    for problem in &PROBLEMS {
        let said = [problem.symptom, problem.check, problem.next, problem.told].join(" ").to_lowercase();
        assert!(!said.contains("reached") && !said.contains("give up"), "{}: {said}", problem.word);
    }
}

/// What a reader adds up: of whom a rate is, is the same wherever it is said.
#[test]
fn each_rate_of_the_day_says_of_which_calls_it_is() {
    let html = page("/daily", Ok(daily()));
    for said in [
        "Abandoned of judged live",
        "Transferred of answered, and over",
        "Transferred of the agent’s, answered and over",
    ] {
        assert!(html.contains(said), "{said}");
    }
    for unsaid in ["Abandoned of answered live", "Transferred of connected"] {
        assert!(!html.contains(unsaid), "{unsaid}");
    }
    assert!(!page("/trend?days=30", Ok(trend(30))).contains(">Answered live<"), "these are the judged");
}

#[test]
fn pauses_and_resumes_are_marked_on_all_charts_of_the_day_and_on_its_pictures() {
    use super::picture::of_day;
    use crate::chart::{Light, svg};
    use crate::ui::FloorKind;
    use crate::view::DailyPanel;
    let html = page("/daily", Ok(daily()));
    let said = "; Solar West paused 10:10 by lead-1, Solar West resumed 13:30 by lead-1\"";
    assert_eq!(html.matches(said).count(), DailyPanel::ALL.len(), "in words");
    for panel in DailyPanel::ALL {
        let picture = |frame: &DailyFrame| {
            svg::alone(&of_day(frame, *panel, FloorKind::Real), (800, 400), Light::Dark, "").unwrap()
        };
        let names = |frame: &DailyFrame| picture(frame).matches("Solar West").count();
        assert_eq!((names(&daily()), names(&DailyFrame { marks: Table::default(), ..daily() })), (2, 0), "{panel:?}");
    }
    // One of before the day's first step, or of a day without steps, is nowhere.
    let early = DailyFrame { marks: Table::of(vec![mark("2026-11-20T15:00:00Z", 82_800, Action::Pause)]), ..daily() };
    assert!(!page("/daily", Ok(early)).contains("West paused"));
}

#[test]
fn what_can_be_wrong_is_told_with_and_without_figures() {
    use crate::kpi::problems::PROBLEMS;
    use crate::view::monitor::MonitorFrame;
    let shown = Shown::<MonitorFrame> { frame: Err("no figures yet".to_owned()), now: at(NOW) };
    let html = document("/troubleshooting", || provide_context(shown));
    for problem in &PROBLEMS {
        assert!(html.contains(&format!("id=\"{}\"", problem.word)), "{}", problem.word);
        for words in [problem.title, problem.symptom, problem.check, problem.next] {
            assert!(html.contains(words), "{words}");
        }
    }
    assert!(html.contains("data-as-of=\"\""));
}

/// What is too little to judge is called neither well nor anything else.
#[test]
fn days_that_are_too_small_to_judge_are_not_called_well() {
    let mut small = trend(30);
    for day in &mut small.days.rows {
        (day.abandon_band, day.error_band) = (Band::TooFew, Band::TooFew);
    }
    small.routes.rows.iter_mut().for_each(|row| row.band = Band::TooFew);
    small.abandon.rows.iter_mut().for_each(|row| row.band = Band::TooFew);
    small.leading = Table::default();
    let html = page("/trend?days=30", Ok(small));
    assert!(html.contains("too few to judge them by") && !html.contains("All is well"));
}

/// Of a day on which one figure is out and no other is judged it is not said that the others are well.
#[test]
fn beside_what_is_out_only_what_is_judged_is_called_well() {
    let mut day = daily();
    for row in &mut day.kpis.rows {
        let is_error = row.kpi == KpiId::ErrorRate.get().id;
        (row.band, row.against) = if is_error { (Band::Critical, Band::None) } else { (Band::TooFew, Band::None) };
    }
    (day.routes, day.campaigns, day.agents) = (Table::default(), Table::default(), Table::default());
    let html = page("/daily", Ok(day.clone()));
    assert!(html.contains("Nothing else is judged up to ") && !html.contains("All else is well"));
    day.kpis.rows.iter_mut().filter(|row| row.band == Band::TooFew).take(1).for_each(|row| row.band = Band::Ok);
    assert!(page("/daily", Ok(day)).contains("All else is well up to "));

    let mut days = trend(30);
    for day in &mut days.days.rows {
        (day.abandon_band, day.error_band) = (Band::TooFew, Band::Critical);
    }
    (days.routes, days.abandon, days.leading) = (Table::default(), Table::default(), Table::default());
    let html = page("/trend?days=30", Ok(days));
    assert!(html.contains("Nothing else is judged up to ") && !html.contains("All else is well"));
}

#[test]
fn the_days_calls_are_explained_as_calls_and_the_pace_beside_them() {
    let html = page("/daily", Ok(daily()));
    let told = html.split_once("id=\"kpi-calls_per_minute-told\"").unwrap().1.split_once("</dl>").unwrap().0;
    assert!(told.contains("outbound calls placed; beside it") && told.contains("A minute"), "{told}");
    assert!(!told.contains(KpiId::CallsPerMinute.get().formula), "{told}");
}

#[test]
fn a_day_without_calls_and_a_page_without_figures_say_so() {
    let empty = DailyFrame {
        kpis: Table::default(),
        steps: Table::default(),
        before: Table::default(),
        campaigns: Table::default(),
        routes: Table::default(),
        agents: Table::default(),
        ..daily()
    };
    let html = page("/daily", Ok(empty));
    for said in ["No calls today, counted to", "No campaign has called by", "No agent was logged in", "No calls yet<"] {
        assert!(html.contains(said), "{said}");
    }
    let html = page::<DailyFrame>("/daily?date=2027-01-01", Err("2027-01-01 has not begun at the site".to_owned()));
    assert!(html.contains("has not begun at the site") && html.contains("data-fresh=\"none\""));
    assert!(html.contains("href=\"/daily\">Show today"), "{html}");
}

#[test]
fn the_trend_keeps_span_and_role_in_its_links_and_orders_panels_by_role() {
    let html = page("/trend?days=7&role=manager", Ok(trend(7)));
    assert!(html.contains("/trend?role=manager&amp;days=90") && html.contains("/trend?days=7&amp;role=network"));
    let at = |id: &str| html.find(&format!("id=\"{id}\" ")).unwrap_or_else(|| panic!("{id}"));
    assert!(at("leading") < at("uptime") && at("uptime") < at("attempts"));
    assert!(html.contains("name=\"role\" value=\"manager\""), "the form leads back to the same page");
}

#[test]
fn what_a_form_was_told_is_answered_in_words() {
    let html = page("/trend?told=2026-11.telephony", Ok(trend(7)));
    assert!(html.contains("Taken: the telephony cost of November 2026."));
    for wrong in ["2026-11.tea", "<b>.telephony", "2026-13.telephony"] {
        assert!(!page(&format!("/trend?told={wrong}"), Ok(trend(7))).contains("Taken:"), "{wrong}");
    }
}

#[test]
fn every_panel_is_a_picture_also_without_data() {
    use super::picture::{of_day, of_days};
    use crate::chart::{Light, svg};
    use crate::ui::FloorKind;
    use crate::view::{DailyPanel, TrendPanel};
    let nothing = TrendFrame {
        abandon: Table::default(),
        aht: Table::default(),
        routes: Table::default(),
        pdd: Table::default(),
        components: Table::default(),
        costs: Table::default(),
        leading: Table::default(),
        weeks: Table::default(),
        days: Table::default(),
        ..trend(7)
    };
    for frame in [trend(90), nothing] {
        for panel in TrendPanel::ALL {
            let picture = of_days(&frame, *panel, FloorKind::Demo);
            let svg = svg::alone(&picture, (480, 320), Light::Dark, "").unwrap();
            assert!(svg.contains("DEMO") && svg.contains("Asia/Manila"), "{}: {svg}", panel.word());
        }
    }
    for panel in DailyPanel::ALL {
        let svg = svg::alone(&of_day(&daily(), *panel, FloorKind::Real), (480, 320), Light::Light, "").unwrap();
        assert!(svg.contains("polyline"), "{}", panel.word());
    }
}

#[test]
fn money_is_rounded_only_where_it_is_shown() {
    let euro = |micros| crate::ui::pages::trend::money(&Money { micros, currency: "EUR".into() });
    assert_eq!([1_234_565_000, 546_049, -2_500_000].map(euro), ["1,234.57 EUR", "0.5460 EUR", "−2.50 EUR"]);
}

/// Figures of a day that runs are counted by five minutes, what agents did to this moment: before the first count there is
/// nothing yet, and that is no word about the calls.
#[test]
fn a_day_that_is_not_counted_yet_says_how_far_it_is() {
    let mut day = daily().day;
    (day.until, day.agents_until) = (at("2026-11-21T03:30:00Z"), at("2026-11-21T03:32:08Z"));
    let uncounted = DailyFrame {
        day,
        kpis: Table::default(),
        steps: Table::default(),
        campaigns: Table::default(),
        routes: Table::default(),
        ..daily()
    };
    let html = page("/daily", Ok(uncounted));
    for said in
        ["counted to 11:30, next at 11:35", "No campaign has called by 11:30", "No route has carried a call by 11:30"]
    {
        assert!(html.contains(said), "{said}");
    }
    for unsaid in ["No calls yet today", "No campaign has called<", "No route has carried a call<"] {
        assert!(!html.contains(unsaid), "{unsaid}");
    }
    let mut running = trend(30);
    running.days.rows.iter_mut().for_each(|day| (day.attempts, day.inbound) = (0, 0));
    running.span.until = at("2026-11-21T03:30:00Z");
    running.days.rows.iter_mut().for_each(|day| (day.abandon_band, day.error_band) = (Band::None, Band::None));
    let empty =
        TrendFrame { abandon: Table::default(), routes: Table::default(), leading: Table::default(), ..running };
    assert!(page("/trend?days=30", Ok(empty)).contains("No calls in these 30 days, counted to 11:30, next at 11:35."));
}

/// What stands beside a share is what it is of, in hours and minutes where it is of time.
#[test]
fn no_time_is_told_in_raw_milliseconds() {
    let mut frame = daily();
    let share = frame.kpis.rows.iter_mut().find(|row| row.kpi == "on_call_share").unwrap();
    (share.part, share.whole, share.before) = (5_895_000, 12_603_299, Ratio::new(5_400_000, 12_600_000));
    let html = page("/daily", Ok(frame));
    let told = html.split_once("id=\"kpi-on_call_share-told\"").unwrap().1.split_once("Close").unwrap().0;
    for (said, unsaid) in [("1:38:15", "5,895,000"), ("3:30:03", "12,603,299"), ("1:30:00 of 3:30:00", "12,600,000")] {
        assert!(told.contains(said) && !told.contains(unsaid), "{told}");
    }
}

/// Of a campaign of which no day had enough answers none was under the limit.
#[test]
fn days_of_too_few_answers_are_none_that_kept_the_limit() {
    let mut frame = trend(30);
    frame.abandon.rows.truncate(1);
    frame.abandon.rows[0].bands.iter_mut().for_each(|band| *band = Band::TooFew);
    let html = page("/trend?days=30", Ok(frame));
    let row = html.split_once("<tr id=\"abandon-rows-").unwrap().1.split_once("</tr>").unwrap().0;
    assert!(row.contains("too few"), "{row}");
}

/// "Calls" heads calls begun, wherever it stands; those decided are resolved.
#[test]
fn calls_are_calls_begun() {
    let html = page("/trend?days=30", Ok(trend(30)));
    let routes = html.split_once("id=\"route-weeks\"").unwrap().1.split_once("</thead>").unwrap().0;
    assert!(routes.contains(">Resolved<") && !routes.contains(">Calls<"), "{routes}");
    let html = page("/daily", Ok(daily()));
    let sentence = html.split_once("class=\"sentence\"").unwrap().1.split_once("</p>").unwrap().0;
    assert!(sentence.contains(" resolved its fault") && !sentence.contains("calls its fault"), "{sentence}");
}
