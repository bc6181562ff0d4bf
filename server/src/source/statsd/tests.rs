//! What is gathered of packets, and what of it is handed on.
#![allow(clippy::unwrap_used)]

use super::*;
use app::domain::Span;

const START: Moment = Moment::from_secs(1_000);

fn gathering() -> Gathering {
    Gathering::new(StatsdTable::default().checked().unwrap().names, START)
}

fn wrong(gathering: &mut Gathering, text: &str) -> Vec<String> {
    let mut all = Vec::new();
    gathering.packet(text, &mut |why| all.push(why.to_owned()));
    all
}

fn told(gathering: &mut Gathering, seconds: i64) -> Vec<(String, f64)> {
    let of = |event: Event| match event.data {
        Data::MetricSample(told) => (format!("{} {}", told.component, told.name.get()), told.value),
        other => unreachable!("{other:?}"),
    };
    gathering.gathered(START + Span::secs(seconds)).into_iter().map(of).collect()
}

#[test]
fn a_gauge_is_what_it_was_last_and_a_counter_so_many_a_second() {
    let mut gathering = gathering();
    let packet =
        "media-1.cpu:0.9|g\nmedia-1.cpu:0.5|g\nmedia-1.cpu:-0.25|g\n\nmedia-1.net_in:600|c\nmedia-1.net_in:40|c|@0.1\n";
    assert_eq!(wrong(&mut gathering, packet), Vec::<String>::new());
    let of = |name: &str, value| (format!("media-1 {name}"), value);
    assert_eq!(told(&mut gathering, 10), [of("cpu", 0.25), of("net_in", 100.0)]);
    assert_eq!(told(&mut gathering, 20), [], "who says nothing more is not told on");
    wrong(&mut gathering, "media-1.cpu:+0.25|g");
    assert_eq!(told(&mut gathering, 30), [of("cpu", 0.5)], "but remembered");
}

#[test]
fn a_line_that_is_wrong_is_told_and_the_others_of_its_packet_are_taken() {
    let mut gathering = gathering();
    let said = wrong(&mut gathering, "media-1.cpu:x|g\nmedia-1.cpu:0.5|g\nmedia-1.load:1|g");
    assert!(said.len() == 2 && said[0].contains("no number") && said[1].contains("shown nowhere"), "{said:?}");
    assert_eq!(told(&mut gathering, 10).len(), 1);
}

#[test]
fn names_that_somebody_makes_up_are_bounded() {
    let mut gathering = gathering();
    let refused: usize = (0..MOST_SERIES + 5).map(|n| wrong(&mut gathering, &format!("c{n}.cpu:1|g")).len()).sum();
    assert_eq!(refused, 5);
    assert_eq!(wrong(&mut gathering, "c0.cpu:1|g"), Vec::<String>::new(), "what is known goes on");
    assert_eq!(told(&mut gathering, 10).len(), MOST_SERIES);
}
