//! The law as stories that a floor manager can read.
//!
//! A line is `at SECONDS WHAT [field=value …]` (one event of `call=N`, by default call 1), `campaign mode=… max_attempts=…`
//! (what the campaign's settings say), `now SECONDS` (the clock) or `expect FACT N, …` (summed over all calls).
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use app::domain::{Facts, parse};
use std::collections::BTreeMap;

#[derive(Default)]
struct Story {
    calls: BTreeMap<String, Call>,
    judgement: Judgement,
}

/// The clock's zero in stories.
const ZERO: i64 = 1_795_262_400;

fn seconds(text: &str) -> Moment {
    let millis: f64 = text.trim_end_matches('s').parse::<f64>().unwrap() * 1_000.0;
    Moment::from_secs(ZERO) + Span::millis(millis.round() as i64)
}

impl Story {
    fn tell(story: &str) {
        let mut told = Self::default();
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (verb, rest) = line.split_once(' ').unwrap();
            match verb {
                "at" => told.hear(rest),
                "campaign" => told.set(rest),
                "now" => told.judgement.at = seconds(rest),
                "expect" => told.expect(rest),
                other => panic!("no such line: {other}"),
            }
        }
    }

    fn hear(&mut self, rest: &str) {
        let mut words = rest.split_whitespace();
        let (time, what) = (seconds(words.next().unwrap()), words.next().unwrap());
        let mut call = "1".to_owned();
        let mut data = serde_json::Map::new();
        for (name, value) in words.map(|word| word.split_once('=').unwrap()) {
            if name == "call" {
                call = value.to_owned();
            } else {
                let text = value.replace('_', if name == "sip_reason" { " " } else { "_" });
                data.insert(name.to_owned(), serde_json::from_str(value).unwrap_or(serde_json::Value::String(text)));
            }
        }
        data.insert("call_id".to_owned(), call.clone().into());
        if what == "started" {
            data.entry("direction").or_insert("outbound".into());
            data.insert("from".to_owned(), "+12025550142".into());
            data.insert("to".to_owned(), "+442079460018".into());
        }
        if what == "bridged" {
            data.insert("agent".to_owned(), "ann".into());
        }
        let json = serde_json::json!({
            "specversion": "1.0", "id": "e", "source": "s", "type": format!("call.{what}"), "time": time.to_rfc3339(), "data": data,
        });
        let (_, told) = Call::told_by(&parse::event(&json.to_string()).unwrap()).unwrap();
        self.calls.entry(call).or_default().merge(&told);
        self.judgement.at = self.judgement.at.max(time);
    }

    fn set(&mut self, rest: &str) {
        for (name, value) in rest.split_whitespace().map(|word| word.split_once('=').unwrap()) {
            match name {
                "mode" => self.judgement.campaign_mode = Mode::from_word(value),
                "max_attempts" => self.judgement.max_attempts = value.parse().ok(),
                other => panic!("no such setting: {other}"),
            }
        }
    }

    fn expect(&self, rest: &str) {
        let mut sum = Facts::default();
        for call in self.calls.values() {
            contribute(call, &self.judgement).iter().for_each(|(_, tally)| sum += tally);
        }
        for (name, n) in rest.split(", ").map(|part| part.split_once(' ').unwrap()) {
            let fact = Fact::ALL.iter().find(|fact| fact.name() == name).unwrap_or_else(|| panic!("no fact {name}"));
            assert_eq!(sum[*fact].to_string(), n.trim(), "{name} in: expect {rest}");
        }
    }
}

macro_rules! stories {
    ($($name:ident: $story:literal;)*) => { $(#[test] fn $name() { Story::tell($story); })* };
}

stories! {
    nobody_within_two_seconds_is_abandoned_five_seconds_after_the_deadline: "
        at 0s started mode=predictive
        at 6s answered by=human
        expect answered_live 1, abandoned 0
        now 12.999s
        expect abandoned 0
        now 13s
        expect abandoned 1, answered_live 1, resolved 1, ungreeted_basis 1
        at 20s bridged
        expect abandoned 1, bridged 1";
    a_later_word_of_the_call_decides_at_once: "
        at 0s started mode=predictive
        at 6s answered by=human
        at 8s updated disposition=x
        expect abandoned 0
        at 8.001s updated disposition=y
        expect abandoned 1";
    an_agent_at_the_very_deadline_is_in_time: "
        at 0s started mode=progressive
        at 6s answered by=human
        at 8s bridged
        at 30s ended outcome=completed
        expect abandoned 0, bridged 1, completed 1, talk_ms 22000";
    an_agent_just_after_the_deadline_is_not: "
        at 0s started mode=progressive
        at 6s answered by=human
        at 8.001s bridged
        expect abandoned 1";
    an_earlier_agent_told_late_takes_it_back: "
        at 0s started mode=predictive
        at 6s answered by=human
        now 60s
        expect abandoned 1
        at 7s bridged
        expect abandoned 0, bridged 1";
    the_clock_starts_when_the_greeting_ends: "
        at 0s started mode=predictive
        at 6s answered by=human
        at 9s greeted
        at 10.5s bridged
        at 40s ended
        expect abandoned 0, ungreeted_basis 0";
    who_hangs_up_before_the_deadline_was_not_abandoned: "
        at 0s started mode=predictive
        at 6s answered by=human
        at 7.999s ended hung_up_by=person
        now 60s
        expect abandoned 0, answered_live 1, ended 1, connected 1, completed 0";
    who_hangs_up_at_the_deadline_was: "
        at 0s started mode=predictive
        at 6s answered by=human
        at 8s ended hung_up_by=person
        now 60s
        expect abandoned 1";
    a_dialer_that_hangs_up_before_the_deadline_abandons: "
        at 0s started mode=predictive
        at 6s answered by=human
        at 7s ended hung_up_by=dialer
        now 60s
        expect abandoned 1";
    a_machine_is_not_abandoned_and_a_late_verdict_takes_it_back: "
        at 0s started mode=predictive
        at 6s answered
        now 60s
        expect abandoned 1, answered_live 1
        at 61s updated by=machine
        expect abandoned 0, answered_live 0, answered_machine 1, ungreeted_basis 0";
    an_unknown_mode_is_judged_as_predictive_and_said_so: "
        at 0s started
        at 6s answered by=human
        now 60s
        expect abandoned 1, unknown_mode 1
        campaign mode=preview
        expect abandoned 0, unknown_mode 0
        at 61s updated mode=predictive
        expect abandoned 1, unknown_mode 0";
    in_preview_only_the_dialers_own_word_counts: "
        campaign mode=preview
        at 0s started
        at 6s answered by=human
        at 60s ended outcome=answered
        now 90s
        expect abandoned 0, ungreeted_basis 0
        at 91s updated outcome=abandoned
        expect abandoned 1";
    inbound_is_never_abandoned_by_this_rule: "
        at 0s started direction=inbound mode=predictive
        at 6s answered by=human
        at 60s ended outcome=abandoned
        now 90s
        expect abandoned 0, attempts 0, resolved 0, inbound 1, ended 1";
    answered_by_outcome_only_adds_no_durations: "
        at 0s started mode=predictive
        at 9s ended outcome=completed
        now 60s
        expect answered 1, answered_live 1, abandoned 0, ring_ms 0, connected_ms 0, progressed 0, connected 1
        at 61s updated outcome=abandoned
        expect answered 1, abandoned 1";
    post_dial_delay_runs_from_the_start_to_ringback_or_the_answer: "
        at 0s started call=1
        at 1.25s progress call=1
        at 9s answered call=1
        at 0s started call=2
        at 4s answered call=2
        expect progressed 2, pdd_ms 5250, ring_ms 13000";
    a_call_whose_start_was_never_reported_adds_no_delay_and_no_ring_time: "
        at 5s progress
        at 9s answered by=human
        at 9s updated direction=outbound
        expect attempts 1, progressed 0, pdd_ms 0, ring_ms 0, answered 1";
    moments_in_an_odd_order_count_as_nothing: "
        at 9s started
        at 6s answered
        at 3s bridged
        at 5s ended hung_up_by=person
        expect pdd_ms 0, ring_ms 0, connected_ms 0, talk_ms 2000, progressed 1";
    each_way_of_never_being_answered_has_its_outcome: "
        at 0s started call=1
        at 5s ended call=1 sip_code=486
        at 0s started call=2
        at 2s progress call=2
        at 30s ended call=2 sip_code=487
        at 0s started call=3
        at 5s ended call=3 sip_code=487
        at 0s started call=4
        at 5s ended call=4 sip_code=503
        at 0s started call=5
        at 5s ended call=5 q850=19
        at 0s started call=6
        at 5s ended call=6
        expect resolved 6, busy 1, no_answer 2, cancelled 1, congestion 1, failed 1, answered 0
        expect sip_4xx 3, sip_5xx 1, timeouts 0, route_faults 1
        expect ended 6, ended_busy 1, ended_no_answer 2, ended_cancelled 1, ended_congestion 1, ended_failed 1";
    the_outcome_told_goes_before_the_codes: "
        at 0s started
        at 5s ended sip_code=486 outcome=failed
        expect failed 1, busy 0, sip_4xx 1, route_faults 0";
    a_number_refused_as_unwanted_is_blocked_and_not_the_routes_fault: "
        at 0s started call=1
        at 5s ended call=1 sip_code=607
        at 0s started call=2
        at 5s ended call=2 sip_code=603 sip_reason=Network_Blocked
        at 0s started call=3
        at 5s ended call=3 sip_code=603 sip_reason=Decline
        expect blocked 2, sip_6xx 3, route_faults 0";
    a_time_out_is_the_networks_only_where_it_never_rang: "
        at 0s started call=1
        at 30s ended call=1 sip_code=408
        at 0s started call=2
        at 3s progress call=2
        at 30s ended call=2 sip_code=408
        at 0s started call=3
        at 30s ended call=3 q850=102
        expect timeouts 3, route_faults 2, sip_4xx 0, failed 2, no_answer 1";
    what_failed_without_a_code_is_nobodys_fault_and_counted: "
        at 0s started call=1
        at 5s ended call=1 outcome=failed
        at 0s started call=2
        at 5s ended call=2 q850=34
        at 0s started call=3
        at 5s ended call=3 outcome=congestion q850=41
        at 0s started call=4
        at 5s ended call=4
        expect failed 2, congestion 2, unjudged_faults 4, route_faults 0, sip_5xx 0, timeouts 0";
    whose_fault_it_was_is_told_by_a_code_a_class_or_a_cause_of_the_person: "
        at 0s started call=1
        at 5s ended call=1 outcome=failed sip_code=404
        at 0s started call=2
        at 5s ended call=2 outcome=failed q850=1
        at 0s started call=3
        at 5s ended call=3 outcome=failed q850=28
        at 0s started call=4
        at 5s ended call=4 q850=102
        at 0s started call=5
        at 5s ended call=5 outcome=busy
        at 0s started call=6
        at 5s ended call=6 q850=17
        at 0s started call=7
        at 5s ended call=7 outcome=cancelled
        at 0s started call=8 direction=inbound
        at 5s ended call=8 outcome=failed
        expect failed 4, busy 2, cancelled 1, unjudged_faults 0, route_faults 1, timeouts 1";
    the_queue_counts_who_waits_who_gives_up_and_how_long: "
        at 0s started call=1 direction=inbound
        at 4s answered call=1
        at 5s queued call=1 queue=sales
        at 25s bridged call=1
        at 60s ended call=1
        at 0s started call=2 direction=inbound
        at 4s answered call=2
        at 5s queued call=2 queue=sales
        at 65s ended call=2 hung_up_by=person
        at 0s started call=3 direction=inbound
        at 10s answered call=3
        at 30s ended call=3
        expect queued 2, queue_abandoned 1, waited 2, wait_ms 80000
        expect inbound 3, inbound_answered 2, inbound_ring_ms 14000, inbound_wait_ms 20000";
    how_long_who_waited_nobody_could_tell_is_no_data: "
        at 0s started call=1 direction=inbound cannot_tell=[\"queue\"]
        at 4s answered call=1
        at 5s queued call=1 queue=sales
        at 25s bridged call=1
        at 60s ended call=1
        at 0s started call=2 direction=inbound cannot_tell=[\"queue\"]
        at 5s queued call=2 queue=sales
        at 65s ended call=2
        at 0s started call=3 direction=inbound
        at 10s answered call=3
        at 30s ended call=3
        expect queued 2, queue_abandoned 0, waited 0, wait_ms 0
        expect inbound 3, inbound_answered 2, inbound_untimed 1, inbound_ring_ms 10000, inbound_wait_ms 0";
    whether_who_left_the_queue_was_served_nobody_could_tell_is_no_data: "
        at 0s started call=1 direction=inbound cannot_tell=[\"agent\"]
        at 4s answered call=1
        at 5s queued call=1 queue=sales
        expect queued 1, unjudged_queued 0
        at 65s ended call=1
        expect queued 1, queue_abandoned 0, wait_ms 0, unjudged_queued 1
        at 0s started call=2 direction=inbound cannot_tell=[\"agent\"]
        at 5s queued call=2 queue=sales
        at 35s ended call=2 outcome=abandoned
        expect queued 2, queue_abandoned 1, wait_ms 30000, unjudged_queued 1
        at 0s started call=3 direction=inbound cannot_tell=[\"agent\"]
        at 5s queued call=3 queue=sales
        at 9s bridged call=3
        at 60s ended call=3
        expect queued 3, queue_abandoned 1, wait_ms 34000, unjudged_queued 1
        at 0s started call=4 direction=inbound cannot_tell=[\"queue\"]
        at 5s queued call=4 queue=sales
        at 65s ended call=4
        expect queued 4, queue_abandoned 1, waited 2, wait_ms 34000, unjudged_queued 2
        at 0s started call=5 direction=inbound
        at 5s queued call=5 queue=sales
        expect queued 5, waited 2, wait_ms 34000
        expect inbound 4, inbound_answered 1, unjudged_inbound 2";
    a_contact_needs_an_answer: "
        at 0s started call=1
        at 5s ended call=1 sip_code=486 right_party=true
        at 0s started call=2
        at 5s answered call=2
        at 30s ended call=2 right_party=true
        expect ended 2, right_party 1";
    who_waits_in_a_queue_is_neither_answered_nor_lost_yet: "
        at 0s started call=1 direction=inbound
        at 4s answered call=1
        expect inbound 1, inbound_answered 1, unjudged_inbound 0
        at 5s queued call=1 queue=sales
        expect inbound 1, inbound_answered 0, unjudged_inbound 1
        at 25s bridged call=1
        expect inbound 1, inbound_answered 1, unjudged_inbound 0
        at 30s started call=2 direction=inbound
        at 34s answered call=2
        at 35s queued call=2 queue=sales
        expect inbound 2, inbound_answered 1, unjudged_inbound 1
        at 95s ended call=2
        expect inbound 2, inbound_answered 1, unjudged_inbound 0";
    who_was_bridged_without_an_answer_rang_until_the_queue_or_the_agent: "
        at 0s started call=1 direction=inbound
        at 7s bridged call=1
        at 60s ended call=1
        expect inbound_answered 1, inbound_untimed 0, inbound_ring_ms 7000
        at 0s started call=2 direction=inbound
        at 3s queued call=2 queue=sales
        at 7s bridged call=2
        expect inbound_answered 2, inbound_untimed 0, inbound_ring_ms 10000, inbound_wait_ms 4000, wait_ms 4000
        at 4s answered call=1
        at 2s answered call=2
        expect inbound_answered 2, inbound_untimed 0, inbound_ring_ms 6000, inbound_wait_ms 4000
        at 0s started call=3 direction=inbound
        at 9s ended call=3 outcome=completed
        expect inbound_answered 3, inbound_untimed 1, inbound_ring_ms 6000";
    where_the_line_is_answered_only_by_the_agent_the_wait_is_no_ringing_too: "
        at 0s started call=1 direction=inbound
        at 2s queued call=1 queue=sales
        at 50s answered call=1
        at 50s bridged call=1
        at 90s ended call=1
        expect inbound_answered 1, inbound_ring_ms 2000, inbound_wait_ms 48000, wait_ms 48000";
    a_caller_who_abandons_was_answered_by_nobody: "
        at 0s started call=1 direction=inbound
        at 2s queued call=1 queue=sales
        at 50s ended call=1 outcome=abandoned
        expect inbound 1, inbound_answered 0, queued 1, queue_abandoned 1, connected 0, ended_no_answer 1
        at 0s started call=2 direction=inbound
        at 9s ended call=2 outcome=abandoned
        at 0s started call=3 direction=inbound
        at 9s ended call=3
        at 0s started call=4 direction=inbound
        at 9s ended call=4 sip_code=503
        at 0s started call=6 direction=inbound
        at 9s ended call=6 outcome=abandoned q850=16
        at 0s started call=7 direction=inbound
        at 9s ended call=7 sip_code=487
        at 0s started call=8 direction=inbound
        at 9s ended call=8 sip_code=500
        expect inbound 7, inbound_answered 0, connected 0, ended_no_answer 4, ended_congestion 1, ended_cancelled 1, ended_failed 1
        at 0s started call=5 mode=predictive
        at 9s ended call=5 outcome=abandoned
        expect answered 1, abandoned 1, connected 1";
    what_a_call_whose_start_nobody_told_waited_is_its_time_in_the_queue: "
        at 4s answered call=1
        at 4s updated call=1 direction=inbound
        expect inbound_answered 1, inbound_untimed 1, inbound_ring_ms 0
        at 5s queued call=2 queue=sales
        at 5s updated call=2 direction=inbound
        at 9s bridged call=2
        expect inbound_answered 2, inbound_untimed 1, inbound_ring_ms 0, inbound_wait_ms 4000";
    a_greeting_alone_is_no_answer: "
        at 0s started mode=predictive
        at 9s greeted
        at 40s ended
        now 90s
        expect resolved 1, answered 0, failed 1, abandoned 0, connected 0
        at 6s answered
        expect answered 1, failed 0, abandoned 1, ungreeted_basis 0
        at 11s bridged
        expect abandoned 0, bridged 1";
    who_was_transferred_without_an_answer_is_in_no_rate_of_transfers: "
        at 0s started
        at 5s transferred kind=blind target=desk
        at 9s ended
        expect transferred 0, connected 0
        at 4s answered
        expect transferred 1, connected 1";
    each_ended_call_has_exactly_one_disposition: "
        at 0s started call=1 mode=predictive
        at 4s answered call=1
        at 5s bridged call=1
        at 60s ended call=1 hold_ms=5000 wrap_ms=9000 right_party=true
        at 0s started call=2 mode=predictive
        at 4s answered call=2 by=machine
        at 8s ended call=2
        at 0s started call=3 mode=agentless
        at 4s answered call=3
        at 24s ended call=3
        at 0s started call=4
        at 9s ended call=4 outcome=busy
        expect ended 4, connected 3, completed 2, handled 1, ended_busy 1
        expect connected_ms 80000, completed_ms 76000, talk_ms 50000, hold_ms 5000, wrap_ms 9000, right_party 1";
    a_destination_is_done_when_completed_final_or_out_of_attempts: "
        campaign max_attempts=3
        at 0s started call=1 attempt=3
        at 9s ended call=1 outcome=busy
        at 0s started call=2 attempt=2
        at 9s ended call=2 outcome=busy
        at 0s started call=3 attempt=1
        at 9s ended call=3 outcome=busy final=true
        at 0s started call=4 attempt=3
        at 4s answered call=4
        at 5s bridged call=4
        at 9s ended call=4
        expect destinations_failed 2, destinations_completed 1, attempts 4, first_attempts 1";
    four_hours_of_silence_close_a_call_as_lost: "
        at 0s started
        at 6s answered by=human
        now 14405.999s
        expect lost 0
        now 14406s
        expect lost 1, ended 0, answered 1
        at 20000s ended hung_up_by=person
        expect lost 0, ended 1";
    a_call_that_only_an_update_tells_of_waits: "
        at 5s updated mode=predictive disposition=sold
        now 90000s
        expect attempts 0, lost 0
        at 6s ended outcome=busy
        at 6s updated direction=outbound
        expect attempts 1, ended 1, resolved 1";
    a_call_without_a_direction_is_in_no_other_fact: "
        at 2s queued queue=sales
        at 5s progress
        at 9s answered by=human
        at 30s ended outcome=failed hold_ms=3 right_party=true
        expect undirected 1, attempts 0, inbound 0, queued 0, resolved 0, ended 0, right_party 0, answered_live 0, failed 0
        now 90000s
        expect undirected 1, lost 0
        at 31s updated direction=inbound
        expect undirected 0, inbound 1, queued 1, ended 1, attempts 0";
    whose_source_sees_no_agents_is_judged_neither_abandoned_nor_handled: "
        at 0s started mode=predictive cannot_tell=[\"agent\"]
        at 6s answered by=human
        at 60s ended hung_up_by=dialer
        now 90s
        expect answered_live 1, unjudged_live 1, abandoned 0, handled 0, completed 0, connected 1, ungreeted_basis 0
        at 61s updated outcome=abandoned
        expect answered_live 1, unjudged_live 0, abandoned 1";
    an_agent_told_by_whoever_sees_one_is_believed: "
        at 0s started mode=predictive cannot_tell=[\"agent\",\"queue\"]
        at 6s answered by=human
        at 60s ended
        expect unjudged_live 1
        at 7s bridged
        expect unjudged_live 0, abandoned 0, bridged 1, handled 1, completed 1";
    a_machine_is_judged_a_machine_whatever_its_source_sees: "
        at 0s started cannot_tell=[\"agent\"]
        at 6s answered by=machine
        expect answered_machine 1, answered_live 0, unjudged_live 0";
    whose_source_hears_no_ringing_has_no_delay: "
        at 0s started call=1 cannot_tell=[\"progress\"]
        at 9s answered call=1
        at 0s started call=2 cannot_tell=[\"progress\"]
        at 2s progress call=2
        at 9s answered call=2
        expect answered 2, progressed 1, pdd_ms 2000, ring_ms 18000";
    an_agent_on_the_line_means_that_it_was_answered_by_then: "
        at 0s started mode=predictive
        at 7s bridged
        at 60s ended outcome=failed
        now 90s
        expect answered 1, answered_live 1, failed 0, abandoned 0, bridged 1, completed 1, talk_ms 53000, connected_ms 53000
        expect ring_ms 0, progressed 0
        at 4s answered
        expect answered 1, ring_ms 4000, progressed 1, connected_ms 56000";
    hold_and_wrap_up_are_parts_of_handling_only: "
        at 0s started
        at 9s ended outcome=busy hold_ms=5000 wrap_ms=9000
        expect hold_ms 0, wrap_ms 0, talk_ms 0, handled 0";
}

#[test]
fn time_alone_alters_a_call_at_the_instant_told() {
    let at = seconds("6s");
    let outbound = app::domain::LastWrite::at(Direction::Outbound, at);
    let call = Call { direction: outbound, started_at: Some(seconds("0s")), answered_at: Some(at), ..Call::default() };
    let judged = |moment| Judgement { at: moment, ..Judgement::default() };
    let verdict = next_change(&call, &judged(at)).unwrap();
    assert_eq!(verdict, seconds("13s"));
    assert_ne!(contribute(&call, &judged(verdict)), contribute(&call, &judged(verdict - Span::millis(1))));
    let silence = next_change(&call, &judged(verdict)).unwrap();
    assert!(silence >= at + SILENCE && silence - (at + SILENCE) < SILENCE_GRAIN);
    assert_ne!(contribute(&call, &judged(silence)), contribute(&call, &judged(verdict)));
    assert_eq!(next_change(&call, &judged(silence)), None);
}

mod properties {
    use super::*;
    use app::domain::facts::Dated;
    use app::domain::{CannotTell, LastWrite, event::SipCode};
    use proptest::prelude::*;

    fn moment() -> impl Strategy<Value = Option<Moment>> {
        prop::option::of((0..40i64).prop_map(|s| Moment::from_secs(ZERO + s)))
    }

    fn told<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = LastWrite<T>> + use<T> {
        let at = Moment::from_secs(ZERO);
        prop::option::of(prop::sample::select(values.to_vec()))
            .prop_map(move |value| value.map_or_else(LastWrite::default, |value| LastWrite::at(value, at)))
    }

    prop_compose! {
        fn call()(
            moments in prop::array::uniform8(moment()),
            direction in told(Direction::ALL), mode in told(Mode::ALL), by in told(AnsweredBy::ALL),
            outcome in told(Outcome::ALL), hung_up_by in told(HungUpBy::ALL),
            sip_code in told(&[200, 404, 408, 486, 487, 503, 603, 607].map(|c| SipCode::new(c).unwrap())),
            cannot_tell in told(&[CannotTell::NOTHING, CannotTell::AGENT, CannotTell::PROGRESS, CannotTell::QUEUE]),
            right_party in told(&[true, false]), wrap_ms in told(&[0u64, 500]), hold_ms in told(&[0u64, 90_000]),
        ) -> Call {
            let [started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at] = moments;
            Call { started_at, progress_at, answered_at, greeted_at, queued_at, bridged_at, transferred_at, ended_at,
                direction, mode, by, outcome, hung_up_by, sip_code, cannot_tell, right_party, wrap_ms, hold_ms, ..Call::default() }
        }
    }

    proptest! {
        #[test]
        fn parts_are_no_more_than_their_whole_and_bear_its_date(call in call(), judged in 0..20_000i64) {
            let judgement = Judgement { at: Moment::from_secs(ZERO + judged), ..Judgement::default() };
            for (moment, tally) in contribute(&call, &judgement) {
                let get = |fact: Fact| tally.get(fact);
                prop_assert!(tally.iter().all(|(_, n)| n > 0), "nothing is counted below zero");
                // What is said of each fact, whose it is and when it is dated, is so.
                for fact in tally.iter().filter_map(|(slot, _)| slot.fact()) {
                    prop_assert!(fact.whose().counts(call.direction.value()), "{fact:?} of {:?}", call.direction);
                    let dated = match fact.dated() {
                        Dated::Started | Dated::FirstMoment => call.start(),
                        Dated::Progress => call.progress_at.or(call.answered_at),
                        Dated::Answered => call.answer(),
                        Dated::Resolved => call.answer().or(call.ended_at),
                        Dated::Queued => call.queued_at,
                        Dated::Ended => call.ended_at,
                        Dated::LastMoment => call.last_moment(),
                        Dated::Passing | Dated::Happened => None,
                    };
                    prop_assert_eq!(dated, Some(moment), "{:?}", fact);
                }
                for (part, whole) in [
                    (Fact::Answered, Fact::Resolved), (Fact::AnsweredLive, Fact::Answered), (Fact::Abandoned, Fact::AnsweredLive),
                    (Fact::RouteFaults, Fact::Resolved), (Fact::Failed, Fact::Resolved), (Fact::QueueAbandoned, Fact::Queued),
                    (Fact::InboundAnswered, Fact::Inbound), (Fact::Transferred, Fact::Connected), (Fact::Completed, Fact::Connected),
                    (Fact::Connected, Fact::Ended), (Fact::FirstAttempts, Fact::Attempts), (Fact::UnknownMode, Fact::AnsweredLive),
                    (Fact::UnjudgedLive, Fact::AnsweredLive), (Fact::InboundUntimed, Fact::InboundAnswered), (Fact::UnjudgedQueued, Fact::Queued),
                    (Fact::UnjudgedInbound, Fact::Inbound), (Fact::Waited, Fact::Queued), (Fact::RightParty, Fact::Connected),
                ] {
                    prop_assert!(get(part) <= get(whole), "{part:?} of {whole:?} at {moment:?}");
                    prop_assert!(part.dated() == whole.dated() || (part.dated() == Dated::Answered && whole.dated() == Dated::Resolved));
                }
                prop_assert!(get(Fact::Abandoned) <= get(Fact::AnsweredLive) - get(Fact::UnjudgedLive));
                prop_assert!(get(Fact::QueueAbandoned) <= get(Fact::Queued) - get(Fact::UnjudgedQueued));
                prop_assert!(get(Fact::WaitMs) == 0 || get(Fact::Waited) > 0, "a mean has whom it is of");
                prop_assert!(get(Fact::InboundAnswered) <= get(Fact::Inbound) - get(Fact::UnjudgedInbound));
                prop_assert!(get(Fact::Undirected) == 0 || tally.len() == 1);
                let unanswered = [Fact::EndedBusy, Fact::EndedNoAnswer, Fact::EndedFailed, Fact::EndedCancelled, Fact::EndedCongestion];
                let dispositions: i64 = unanswered.iter().map(|fact| get(*fact)).sum::<i64>() + get(Fact::Connected);
                prop_assert_eq!(dispositions, get(Fact::Ended));
                let outcomes = [Fact::Busy, Fact::NoAnswer, Fact::Failed, Fact::Cancelled, Fact::Congestion, Fact::Answered];
                prop_assert_eq!(outcomes.iter().map(|fact| get(*fact)).sum::<i64>(), get(Fact::Resolved));
                let errors = [Fact::Sip4xx, Fact::Sip5xx, Fact::Sip6xx, Fact::Timeouts].iter().map(|f| get(*f)).sum::<i64>();
                prop_assert!(errors <= get(Fact::Resolved) && get(Fact::RouteFaults) <= errors);
                prop_assert!(errors + get(Fact::UnjudgedFaults) <= get(Fact::Resolved));
                prop_assert!(get(Fact::UnjudgedFaults) <= get(Fact::Failed) + get(Fact::Congestion));
                let pdd: i64 = tally.iter().filter(|(slot, _)| slot.is_pdd_bucket()).map(|(_, n)| n).sum();
                prop_assert_eq!(pdd, get(Fact::Progressed));
            }
        }

        #[test]
        fn nothing_changes_by_time_before_the_instant_told(call in call(), judged in 0..20_000i64, later in 0..20_000i64) {
            let judgement = Judgement { at: Moment::from_secs(ZERO + judged), ..Judgement::default() };
            let next = next_change(&call, &judgement);
            let then = Judgement { at: judgement.at + Span::secs(later), ..judgement };
            if next.is_none_or(|next| then.at < next - SILENCE_GRAIN) {
                prop_assert_eq!(contribute(&call, &then), contribute(&call, &judgement));
            }
        }
    }
}
