//! Each problem at its exact boundary, and which of two is named.

use super::*;

/// A campaign with nothing wrong.
fn well() -> Evidence {
    Evidence {
        status: Some(CampaignStatus::Active),
        settled: Settled::Yes,
        workers: Workers::Some,
        active: 40,
        cac_limit: Some(100),
        destinations: Some(18_000),
        pending: Some(10_000),
        attempts_5m: 400,
        rate_limited: Some(false),
        connect: Ratio::new(1_080, 10_000),
        connect_before: Ratio::new(10_800, 100_000),
        abandon: Ratio::new(10, 1_080),
        abandon_before: Ratio::new(100, 10_800),
        agents_ready: 3,
        agents_on_break: 1,
        agents: 20,
        ..Evidence::default()
    }
}

/// With the last minutes judged anew, as what is seen first is.
fn rushing(e: Evidence) -> Evidence {
    Evidence { rush_band: band::pacing(e.abandon_2m).max(band::pacing(e.abandon_5m)), ..e }
}

fn named(e: &Evidence) -> Option<(&'static str, Band)> {
    let finding = diagnose(e)?;
    assert!((2..=3).contains(&finding.figures.len()), "{finding:?}");
    assert!(finding.figures.iter().all(|f| !f.value.is_empty()), "{finding:?}");
    Some((finding.problem.word, finding.band))
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    assert_eq!(named(&well()), None);
    assert_eq!(named(&Evidence { status: None, ..Evidence::default() }), None, "and of nothing nothing is said");
}

#[test]
fn a_dead_worker_goes_before_all_else_but_only_for_who_would_dial() {
    let dead = Evidence { workers: Workers::None, worker_heard: "14:26".into(), attempts_5m: 0, ..well() };
    assert_eq!(named(&dead), Some(("worker", Band::Critical)));
    assert_eq!(named(&Evidence { status: Some(CampaignStatus::Paused), rest: Rest::Other, ..dead }), None);
}

#[test]
fn a_pause_by_the_schedule_is_told_and_any_other_is_not() {
    let paused = |rest| Evidence {
        status: Some(CampaignStatus::Paused),
        rest,
        rests_since: "09:00".into(),
        attempts_5m: 0,
        ..well()
    };
    assert_eq!(named(&paused(Rest::Schedule)), Some(("schedule", Band::Warn)));
    assert_eq!(named(&paused(Rest::Other)), None);
}

#[test]
fn a_route_is_blamed_above_five_percent_of_faults_or_for_its_silence() {
    let route = |faults, unheard| {
        let evidence = RouteEvidence {
            id: "b".into(),
            name: "beta".into(),
            codes: Codes::Told,
            faults: Ratio::new(faults, 1_000),
            unheard: Ratio::new(unheard, 39),
            faults_band: KpiId::RouteFaultRate.get().read_ratio(Ratio::new(faults, 1_000)).band,
            stalled_band: band::stalled(unheard, 39),
        };
        Evidence { route: Some(evidence), ..well() }
    };
    assert_eq!(named(&route(50, 19)), None);
    assert_eq!(named(&route(51, 0)), Some(("route", Band::Critical)));
    assert_eq!(named(&route(0, 20)), Some(("route", Band::Critical)));
}

#[test]
fn people_who_are_dropped_beyond_chance_are_named_though_they_are_few() {
    let dropped = |part, whole| Evidence { abandon: Ratio::new(part, whole), ..well() };
    assert_eq!(named(&dropped(29, 86)), Some(("pacing", Band::Warn)));
    assert_eq!(named(&dropped(3, 21)), None, "which may be chance");
    let eased = Evidence { abandon_15m: Ratio::new(0, 20), ..dropped(29, 86) };
    assert_eq!(named(&eased), None, "and is over");
}

#[test]
fn a_number_is_blamed_if_it_carries_enough() {
    let did = |share| {
        let (now, before) = (Ratio::new(199, 1_000), Ratio::new(4_000, 10_000));
        let band = band::did_health(now, before);
        let did = DidEvidence {
            number: "+12025550142".into(),
            now,
            before,
            blocked: Ratio::default(),
            band,
            blocked_band: Band::None,
            share: Ratio::new(share, 1_000),
        };
        Evidence { did: Some(did), ..well() }
    };
    assert_eq!(named(&did(49)), None);
    assert_eq!(named(&did(50)), Some(("did", Band::Critical)));
    let dropping = rushing(Evidence { abandon_5m: Ratio::new(9, 56), ..did(50) });
    assert_eq!(named(&dropping), Some(("pacing", Band::Critical)), "the law goes before a number");
}

#[test]
fn half_a_team_on_break_is_a_staffing_problem() {
    let team = |on_break, agents| Evidence {
        agents_on_break: on_break,
        agents,
        break_band: BREAKS.judge(Ratio::new(on_break, agents)),
        agents_ready: 0,
        ..well()
    };
    assert_eq!(named(&team(9, 20)), None);
    assert_eq!(named(&team(10, 20)), Some(("staffing", Band::Warn)));
    assert_eq!(named(&team(3, 3)), None, "three people are no team to judge");
    let dropped = rushing(Evidence { abandon_2m: Ratio::new(8, 40), ..team(10, 20) });
    let found = diagnose(&dropped).map(|found| (found.problem.word, found.band, found.figures.len()));
    assert_eq!(found, Some(("staffing", Band::Critical, 3)), "people are dropped for want of them");
}

/// Judged anew, as what is seen first is.
fn falling(connect: Ratio, abandon: Ratio) -> Evidence {
    let e = Evidence { connect, abandon, abandon_before: Ratio::new(1_000, 100_000), ..well() };
    let connect = band::connect_trend(e.connect, e.connect_before);
    let abandon = band::abandon_trend(e.abandon, e.abandon_before);
    Evidence { falls: Diagnosis::of(connect, abandon), ..e }
}

#[test]
fn a_falling_connect_rate_is_the_pacings_or_the_lists_by_what_is_abandoned() {
    let falls = |abandoned| falling(Ratio::new(860, 10_000), Ratio::new(abandoned, 10_000));
    assert_eq!(named(&falls(149)), Some(("list", Band::Warn)));
    assert_eq!(named(&falls(150)), Some(("pacing", Band::Warn)), "half a point up");
    let over = falling(Ratio::new(860, 10_000), Ratio::new(29, 1_000));
    assert_eq!(named(&over), Some(("pacing", Band::Critical)), "over 2.8 %");
    let less = falling(Ratio::new(865, 10_000), Ratio::new(149, 10_000));
    assert_eq!(named(&less), None, "less than a fifth down");
    let unknown = Evidence { connect_before: Ratio::default(), abandon_before: Ratio::default(), falls: None, ..over };
    let finding = diagnose(&unknown).map(|f| f.figures);
    assert_eq!(finding.map(|f| f[0].value.clone()).as_deref(), Some("2.9 % of 1,000"));
}

#[test]
fn a_call_more_that_is_abandoned_is_chance_and_no_pacing_problem() {
    for (abandoned, live) in [(3, 200), (4, 200), (2, 100), (1, 30)] {
        let e = falling(Ratio::new(860, 10_000), Ratio::new(abandoned, live));
        assert_eq!(named(&e), Some(("list", Band::Warn)), "{abandoned} of {live}");
    }
}

#[test]
fn the_digits_of_an_abandon_rate_over_the_limit_are_over_it() {
    let e = Evidence { abandon: Ratio::new(2_801, 100_000), ..well() };
    let figures = diagnose(&e).map(|f| f.figures).unwrap_or_default();
    assert_eq!(figures[0].value, "2.801 %, usually 0.9 %");
}

/// "Abandoned 7.2 %, usually 19 %" would read as if things got better.
#[test]
fn what_is_usual_is_said_only_where_it_is_better() {
    let said = |abandoned, before| {
        let before = Ratio::new(before, 1_000);
        let e = Evidence { abandon: Ratio::new(abandoned, 1_000), abandon_before: before, ..well() };
        diagnose(&e).map(|found| found.figures[0].value.clone())
    };
    assert_eq!(said(72, 9).as_deref(), Some("7.2 %, usually 0.9 %"));
    for usual in [190, 72] {
        assert_eq!(said(72, usual).as_deref(), Some("7.2 % of 1,000"));
    }
}

#[test]
fn what_happens_now_is_named_before_it_weighs_in_the_hour() {
    let rush = rushing(Evidence { abandon_5m: Ratio::new(8, 61), ..well() });
    assert_eq!(named(&rush), Some(("pacing", Band::Critical)));
    assert_eq!(diagnose(&rush).map(|f| f.figures[0].value.clone()).as_deref(), Some("13 % of 61"));
    assert_eq!(named(&rushing(Evidence { abandon_5m: Ratio::new(2, 61), ..well() })), None, "two of 61 may be chance");
    let held = Evidence { abandon_5m: Ratio::new(2, 61), rush_band: Band::Critical, ..well() };
    let value = diagnose(&held).map(|f| f.figures[0].value.clone());
    assert_eq!(value.as_deref(), Some("3 % of 61, red until back at 2.8 %"));
}

#[test]
fn a_fifth_of_a_team_that_has_just_left_is_why_people_are_dropped() {
    let left = |on_break, gone, ready| {
        let abandon_5m = Ratio::new(6, 22);
        rushing(Evidence { breaks_lately: on_break, agents_gone: gone, agents_ready: ready, abandon_5m, ..well() })
    };
    assert_eq!(named(&left(4, 0, 0)), Some(("staffing", Band::Critical)), "four of twenty");
    assert_eq!(named(&left(3, 0, 0)), Some(("pacing", Band::Critical)));
    assert_eq!(named(&left(0, 5, 4)), Some(("staffing", Band::Critical)), "five of 25 went home");
    assert_eq!(named(&left(4, 0, 4)), Some(("pacing", Band::Critical)), "as many are ready");
    let back = Evidence { missed: Missed::Lately, ..left(0, 0, 9) };
    assert_eq!(named(&back), Some(("staffing", Band::Critical)), "it was while they were away");
    assert_eq!(named(&Evidence { rush_band: Band::Ok, ..back }), None);
}

#[test]
fn what_the_hour_abandoned_is_no_pacing_problem_once_the_last_quarter_is_well() {
    let hour = |abandon_15m| Evidence { abandon: Ratio::new(40, 1_080), abandon_15m, ..well() };
    assert_eq!(named(&hour(Ratio::new(12, 250))), Some(("pacing", Band::Critical)));
    assert_eq!(named(&hour(Ratio::new(1, 19))), Some(("pacing", Band::Critical)), "too few to know");
    assert_eq!(named(&hour(Ratio::new(2, 250))), None);
    let missed = Evidence { missed: Missed::InTheQuarter, ..hour(Ratio::new(12, 250)) };
    assert_eq!(named(&missed), None, "it was while agents were missed");
}

#[test]
fn a_list_that_is_called_through_is_a_list_problem() {
    assert_eq!(named(&Evidence { pending: Some(0), ..well() }), Some(("list", Band::Warn)));
    assert_eq!(named(&Evidence { pending: Some(1), ..well() }), None);
}

#[test]
fn who_should_dial_and_does_not_is_idle() {
    let idle = Evidence { attempts_5m: 0, active: 0, ..well() };
    assert_eq!(named(&idle), Some(("idle", Band::Warn)));
    assert_eq!(named(&Evidence { settled: Settled::No, ..idle.clone() }), None, "it has only begun");
    assert_eq!(named(&Evidence { attempts_5m: 1, ..idle }), None);
}

#[test]
fn the_call_limit_is_named_above_eighty_percent() {
    let judged = |active| KpiId::CacUtilisation.get().read_ratio(Ratio::new(active, 1_000)).band;
    let calls = |active| Evidence { active, cac_limit: Some(1_000), cac_band: judged(active), ..well() };
    assert_eq!(named(&calls(800)), None);
    assert_eq!(named(&calls(801)), Some(("call_limit", Band::Critical)));
    assert_eq!(diagnose(&calls(801)).map(|f| f.figures[1].value.clone()).as_deref(), Some("80.1 %"));
    let both = Evidence { rate_limited: Some(true), ..calls(801) };
    assert_eq!(named(&both), Some(("call_limit", Band::Critical)));
    assert_eq!(named(&Evidence { active: 10, cac_band: Band::Ok, ..both }), Some(("rate_limited", Band::Warn)));
}

#[test]
fn who_only_takes_calls_is_not_asked_why_he_does_not_dial() {
    let silent = Evidence { attempts_5m: 0, destinations: None, pending: None, ..well() };
    assert_eq!(named(&silent), Some(("idle", Band::Warn)), "it takes calls, and was to make some");
    let only = Evidence { only_inbound: true, ..silent };
    assert_eq!(named(&only), None);
    assert_eq!(named(&Evidence { workers: Workers::None, worker_heard: "14:26".into(), ..only.clone() }), None);
    let away = Evidence { break_band: Band::Warn, agents_on_break: 10, ..only.clone() };
    assert_eq!(named(&away), Some(("staffing", Band::Warn)), "his agents are missed all the same");
    let out = |band| CallersEvidence { label: "Queue abandonment", value: "11 % of 100".into(), band };
    let callers = vec![out(Band::Warn), out(Band::Critical)];
    assert_eq!(named(&Evidence { callers: callers.clone(), ..only }), Some(("queue", Band::Critical)));
    assert_eq!(named(&Evidence { callers, ..well() }), Some(("queue", Band::Critical)), "also of one that dials");
}
