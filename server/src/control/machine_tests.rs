//! Stories that a floor manager can read, and the law that no sequence breaks: nothing is confirmed but by the dialer.
#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const PATIENCE: Patience = Patience { answer: Span::secs(10), word: Span::secs(30) };
const START: Moment = Moment::from_secs(1_795_000_000);

fn at(seconds: i64) -> Moment {
    START + Span::secs(seconds)
}

fn active() -> Machine {
    let mut machine = Machine::new(PATIENCE);
    machine.hear(at(-100), Word { status: CampaignStatus::Active, at: at(-100) });
    machine
}

fn asked(machine: &mut Machine, id: &str, action: Action, seconds: i64) -> (AskOutcome, Vec<String>) {
    let (asked, effects) = machine.ask(Request::new(id.into(), action, "ops".into(), "::1".into(), at(seconds)));
    (asked, told(&effects))
}

/// Effects as words: `send p1`, `p1 confirmed`.
fn told(effects: &[Effect]) -> Vec<String> {
    let word = |effect: &Effect| match effect {
        Effect::Send { request, .. } => format!("send {request}"),
        Effect::Note { request, step, .. } => format!("{} {}", request.id, step.word()),
    };
    effects.iter().map(word).collect()
}

fn phase(machine: &Machine) -> Phase {
    machine.newest().unwrap().phase
}

fn says(machine: &mut Machine, status: CampaignStatus, seconds: i64) -> Vec<String> {
    told(&machine.hear(at(seconds), Word { status, at: at(seconds) }))
}

const TAKEN: DialerAnswer = DialerAnswer::Taken { note: None };

#[test]
fn a_pause_is_requested_confirmed_drained_and_done() {
    let mut m = active();
    assert_eq!(
        asked(&mut m, "p1", Action::Pause, 0),
        (AskOutcome::Requested, vec!["p1 asked".into(), "send p1".into()])
    );
    assert_eq!(told(&m.answer(at(1), "p1", &TAKEN)), Vec::<String>::new());
    assert_eq!(phase(&m), Phase::Requested, "that it was taken is not yet the word");
    assert_eq!(says(&mut m, CampaignStatus::Paused, 2), ["p1 confirmed"]);
    assert_eq!((phase(&m), m.drains_before()), (Phase::Confirmed, Some(at(2))));
    assert!(m.tick(at(3), Some(7)).is_empty());
    assert_eq!(m.control(at(3)).unwrap().draining, Some(7));
    assert!(m.tick(at(4), None).is_empty(), "what was not counted is not none");
    assert_eq!(told(&m.tick(at(60), Some(0))), ["p1 done"]);
    let control = m.control(at(9_999)).unwrap();
    assert_eq!((control.phase, control.confirmed_at, control.draining), (Phase::Done, Some(at(2)), None));
}

#[test]
fn tapped_twice_or_done_it_goes_out_once() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    assert_eq!(asked(&mut m, "p2", Action::Pause, 1), (AskOutcome::Same, vec!["p1 repeated".into()]));
    m.answer(at(2), "p1", &DialerAnswer::Confirmed);
    assert_eq!(asked(&mut m, "p3", Action::Pause, 3).0, AskOutcome::Same);
    m.tick(at(4), Some(0));
    assert_eq!(asked(&mut m, "p4", Action::Pause, 500).0, AskOutcome::Same);
    // And where the dialer paused it by itself.
    let mut m = active();
    says(&mut m, CampaignStatus::Paused, 1);
    assert_eq!(asked(&mut m, "p1", Action::Pause, 2), (AskOutcome::Already, vec!["p1 already".into()]));
    assert_eq!(m.control(at(2)), None);
}

#[test]
fn taking_back_waits_for_the_answer_so_that_the_dialer_hears_both_in_order() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    let taken_back = asked(&mut m, "r2", Action::Resume, 2);
    assert_eq!(taken_back, (AskOutcome::Requested, vec!["p1 overtaken".into(), "r2 asked".into()]));
    assert_eq!(says(&mut m, CampaignStatus::Active, 3), Vec::<String>::new(), "not the answer to what waits");
    assert_eq!(told(&m.answer(at(5), "p1", &DialerAnswer::Confirmed)), ["p1 confirmed", "send r2"]);
    assert_eq!(phase(&m), Phase::Requested);
    assert_eq!(told(&m.answer(at(6), "r2", &DialerAnswer::Confirmed)), ["r2 confirmed"]);
    assert_eq!((phase(&m), m.newest().unwrap().id.as_str()), (Phase::Done, "r2"));
}

#[test]
fn what_has_not_left_is_overtaken_and_never_leaves() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    asked(&mut m, "r2", Action::Resume, 1);
    asked(&mut m, "p3", Action::Pause, 2);
    assert_eq!(told(&m.answer(at(5), "p1", &DialerAnswer::Confirmed)), ["p3 confirmed"]);
    // The same where the dialer's word comes before its answer.
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    asked(&mut m, "r2", Action::Resume, 1);
    asked(&mut m, "p3", Action::Pause, 9);
    assert!(says(&mut m, CampaignStatus::Paused, 3).is_empty());
    assert_eq!(told(&m.answer(at(9), "p1", &TAKEN)), ["p3 confirmed"]);
}

#[test]
fn a_refusal_puts_it_back_and_can_be_tried_again() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    assert_eq!(told(&m.answer(at(1), "p1", &DialerAnswer::Refused("no".into()))), ["p1 refused"]);
    let control = m.control(at(1)).unwrap();
    assert_eq!((control.phase, control.why.as_deref(), control.undo_until), (Phase::Refused, Some("no"), None));
    assert_eq!(m.word().unwrap().status, CampaignStatus::Active);
    assert_eq!(m.control(at(600)), None, "told for a while");
    assert_eq!(asked(&mut m, "p2", Action::Pause, 2).0, AskOutcome::Requested);
}

#[test]
fn silence_is_told_as_such_and_a_late_word_mends_it() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    assert_eq!(told(&m.tick(at(32), None)), ["p1 timed_out"]);
    assert_eq!(asked(&mut m, "r2", Action::Resume, 33).0, AskOutcome::Requested, "it may have been paused");
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    m.answer(at(1), "p1", &TAKEN);
    assert!(m.tick(at(30), None).is_empty());
    assert_eq!(told(&m.tick(at(31), None)), ["p1 timed_out"]);
    assert!(m.newest().unwrap().why.as_deref().unwrap().contains("within 30 s"));
    assert_eq!(says(&mut m, CampaignStatus::Paused, 40), ["p1 confirmed"]);
}

#[test]
fn an_old_word_confirms_nothing() {
    let mut m = Machine::new(PATIENCE);
    asked(&mut m, "p1", Action::Pause, 0);
    assert!(told(&m.hear(at(1), Word { status: CampaignStatus::Paused, at: at(-6) })).is_empty());
    assert_eq!(phase(&m), Phase::Requested);
    assert_eq!(told(&m.hear(at(2), Word { status: CampaignStatus::Paused, at: at(-1) })), ["p1 confirmed"]);
}

#[test]
fn the_dialer_may_think_otherwise_later() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    m.answer(at(1), "p1", &DialerAnswer::Confirmed);
    assert_eq!(says(&mut m, CampaignStatus::Active, 100), ["p1 overruled"]);
    assert_eq!(m.control(at(100)), None);
    assert_eq!(asked(&mut m, "p2", Action::Pause, 101).0, AskOutcome::Requested);
}

#[test]
fn taking_back_is_offered_for_ten_seconds() {
    let mut m = active();
    asked(&mut m, "p1", Action::Pause, 0);
    assert_eq!(m.control(at(9)).unwrap().undo_until, Some(at(10)));
    assert_eq!(m.control(at(10)).unwrap().undo_until, None);
}

#[test]
fn after_a_restart_what_was_open_is_unknown_until_the_dialer_speaks_or_does_not() {
    let open = Request::new("p1".into(), Action::Pause, "ops".into(), "::1".into(), at(0));
    let mut m = Machine::restored(PATIENCE, None, Some(open.clone()), at(20));
    assert_eq!(phase(&m), Phase::Unknown);
    assert_eq!(says(&mut m, CampaignStatus::Paused, 21), ["p1 confirmed"]);
    let mut m = Machine::restored(PATIENCE, None, Some(open.clone()), at(20));
    assert!(m.tick(at(59), None).is_empty());
    assert_eq!(told(&m.tick(at(60), None)), ["p1 timed_out"]);
    let mut m = Machine::restored(PATIENCE, None, Some(open), at(20));
    let again = asked(&mut m, "p2", Action::Pause, 21);
    assert_eq!(again.1, ["p1 overtaken", "p2 asked", "send p2"], "nobody knows whether p1 had left");
    let done =
        Request::new("p1".into(), Action::Pause, "ops".into(), "::1".into(), at(0)).told(Phase::Done, at(9), None);
    let word = Word { status: CampaignStatus::Paused, at: at(1) };
    let mut m = Machine::restored(PATIENCE, Some(word), Some(done), at(20));
    assert_eq!(asked(&mut m, "p2", Action::Pause, 21).0, AskOutcome::Same);
}

/// What may happen next, at random.
#[derive(Debug, Clone)]
enum Happens {
    Ask(Action),
    /// To the request that is on its way, or (late) to the one before it.
    Answer(usize, DialerAnswer),
    Say(CampaignStatus, i64),
    Wait(i64, Option<u64>),
    Restart,
}

fn happens() -> impl Strategy<Value = Happens> {
    let action = prop_oneof![Just(Action::Pause), Just(Action::Resume)];
    let why = || SmolStr::new_static("why");
    let answer = prop_oneof![
        Just(DialerAnswer::Confirmed),
        Just(TAKEN),
        Just(DialerAnswer::Refused(why())),
        Just(DialerAnswer::NotReached(why())),
        Just(DialerAnswer::NoAnswer(why())),
    ];
    let status = prop_oneof![Just(CampaignStatus::Paused), Just(CampaignStatus::Active), Just(CampaignStatus::Ended)];
    prop_oneof![
        4 => action.prop_map(Happens::Ask),
        4 => (0usize..2, answer).prop_map(|(back, answer)| Happens::Answer(back, answer)),
        2 => (status, -40i64..3).prop_map(|(status, ago)| Happens::Say(status, ago)),
        2 => (0i64..15, prop::option::of(0u64..4)).prop_map(|(seconds, draining)| Happens::Wait(seconds, draining)),
        1 => Just(Happens::Restart),
    ]
}

#[test]
fn what_was_said_while_a_request_waited_is_no_answer_to_it() {
    let mut m = Machine::new(PATIENCE);
    let ask =
        |m: &mut Machine, id: &str, action, now| m.ask(Request::new(id.into(), action, "o".into(), "a".into(), now));
    ask(&mut m, "q1", Action::Pause, START);
    ask(&mut m, "q2", Action::Resume, START);
    m.hear(START, Word { status: CampaignStatus::Active, at: START });
    // Only now does the resume leave: the dialer may have paused meanwhile.
    let later = START + Span::secs(6);
    m.answer(later, "q1", &DialerAnswer::Taken { note: None });
    m.answer(later, "q2", &DialerAnswer::Taken { note: None });
    assert_eq!(m.newest().map(|newest| newest.phase), Some(Phase::Requested));
    m.hear(later, Word { status: CampaignStatus::Active, at: later });
    assert_eq!(m.newest().map(|newest| newest.phase), Some(Phase::Done));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever comes: nothing is told as confirmed unless the dialer said so after it was asked, by its answer to that
    /// action or by the campaign's status; one request is on its way at a time; and what is asked leaves at most once.
    #[test]
    fn nothing_is_confirmed_without_the_dialers_word(story in prop::collection::vec(happens(), 1..60)) {
        let (mut m, mut now, mut n) = (Machine::new(PATIENCE), START, 0);
        let mut sent: Vec<(SmolStr, Action, Moment)> = Vec::new();
        let mut on_the_wire = 0_usize;
        // What the dialer said: that an action is done, and at what time that holds.
        let mut words: Vec<(CampaignStatus, Moment)> = Vec::new();
        // Open when the server was stopped: nobody knows whether it had left.
        let mut unknown: Vec<SmolStr> = Vec::new();
        for next in story {
            let effects = match next {
                Happens::Ask(action) => {
                    n += 1;
                    m.ask(Request::new(smol_str::format_smolstr!("q{n}"), action, "o".into(), "a".into(), now)).1
                }
                Happens::Answer(back, answer) => {
                    let Some((id, action, _)) = sent.iter().rev().nth(back).cloned() else { continue };
                    if answer == DialerAnswer::Confirmed {
                        words.push((action.wanted(), now));
                    }
                    if m.wire.as_ref().is_some_and(|(request, _)| request.id == id) {
                        on_the_wire -= 1;
                    }
                    m.answer(now, &id, &answer)
                }
                Happens::Say(status, ago) => {
                    let at = now + Span::secs(ago);
                    words.push((status, at));
                    m.hear(now, Word { status, at })
                }
                Happens::Wait(seconds, draining) => {
                    now = now + Span::secs(seconds);
                    let lost = m.wire.as_ref().is_some_and(|(_, until)| *until <= now);
                    on_the_wire -= usize::from(lost);
                    m.tick(now, draining)
                }
                Happens::Restart => {
                    on_the_wire = 0;
                    unknown.extend(m.newest.as_ref().filter(|r| r.phase.is_open()).map(|r| r.id.clone()));
                    m = Machine::restored(PATIENCE, m.word, m.newest.clone(), now);
                    Vec::new()
                }
            };
            for effect in &effects {
                match effect {
                    Effect::Send { request, action } => {
                        prop_assert!(sent.iter().all(|(id, ..)| id != request), "{request} left twice");
                        sent.push((request.clone(), *action, now));
                        on_the_wire += 1;
                    }
                    Effect::Note { request, step: Step::Confirmed, .. } => {
                        let said = words.iter().any(|(status, at)| {
                            *status == request.action.wanted() && *at >= request.asked_at - CLOCKS_APART
                        });
                        // One that rides on another's journey is answered by what that one was told.
                        let ridden = sent.iter().any(|(_, action, left)| {
                            *action == request.action
                                && words.iter().any(|(s, at)| *s == action.wanted() && *at >= *left - CLOCKS_APART)
                        });
                        prop_assert!(said || ridden, "{request:?}");
                        let left = sent.iter().any(|(_, action, _)| *action == request.action);
                        prop_assert!(left || unknown.contains(&request.id), "never asked");
                    }
                    Effect::Note { .. } => {}
                }
            }
            prop_assert!(on_the_wire <= 1);
            if let Some(control) = m.last(now).filter(|control| control.phase.is_confirmed()) {
                prop_assert_eq!(m.word.map(|word| word.status), Some(control.action.wanted()), "told against its word");
                prop_assert!(control.confirmed_at.is_some());
            }
        }
    }
}
