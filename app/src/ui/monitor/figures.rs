//! The six figures of a campaign (S49), and those of its callers where it takes calls: the bands are the server's, the digits never contradict them.

use super::card::of_callers;
use super::totals::one;
use crate::kpi::{Band, KpiId, Ratio, format};
use crate::ui::cells::{Cell, Line, LiveLine, LivePanel};
use crate::ui::parts::clock;
use crate::ui::parts::each::each;
use crate::ui::parts::rows::{Column, Look};
use crate::view::monitor::CampaignCard;
use crate::view::monitor_campaign::CampaignFrame;
use leptos::prelude::*;

pub const PANEL: &str = "figures";

const ACTIVE: Column = Column::new("", "active_calls", Look::Figure);
const CAC: Column = Column::new("", "cac_utilisation", Look::State);
const PACE: Column = Column::new("", "calls_per_minute", Look::Figure);
const ANSWER: Column = Column::new("", "answer_rate", Look::Figure);
const DURATION: Column = Column::new("", "average_call_duration", Look::Figure);
const RATE: Column = Column::new("", "rate_limited", Look::State);
const WAITING: Column = Column::new("", "callers_waiting", Look::Figure);
const INBOUND: Column = Column::new("", "inbound_answer_rate", Look::Figure);
const GAVE_UP: Column = Column::new("", "queue_abandon_rate", Look::Figure);
const ASA: Column = Column::new("", "asa", Look::Figure);

pub fn lines(frame: &CampaignFrame) -> Vec<Line> {
    let (card, figures) = (&frame.card, &frame.figures);
    let limit =
        card.cac_limit.map_or_else(|| "no limit told".to_owned(), |limit| format!("of {}", format::count(limit)));
    let rate = rate(card);
    let out = vec![
        figure("active", "Active calls", Cell::of(format::count(card.active)).under(limit)),
        figure(
            "cac",
            "CAC utilisation",
            Cell::of(format::percent(card.cac(), 1, KpiId::CacUtilisation.get().bands())).band(card.cac_band),
        ),
        figure(
            "pace",
            "Calls a minute",
            Cell::of(format::count(figures.attempts_1m))
                .under(format!("{} over 5 min", format::per_minute(Ratio::new(figures.attempts_5m, 5)))),
        ),
        figure(
            "answer",
            "Answer rate",
            Cell::of(format::percent(figures.answer, 1, None))
                .under(format!("of {}", format::count(figures.answer.whole))),
        ),
        figure("duration", "Average call duration", Cell::of(average(figures.duration)).under("completed calls")),
        figure("rate", "Rate limit", rate),
    ];
    let callers = of_callers(card.inbound.as_ref());
    // Of one that makes no calls, what is told of those says nothing.
    let mut lines: Vec<Line> =
        out.into_iter().filter(|line| card.dials || !OF_DIALING.contains(&line.key.as_str())).collect();
    if let Some(inbound) = &card.inbound {
        let lately = |ratio: Ratio| format!("of {} in 60 min", format::count(ratio.whole));
        let under = [
            inbound
                .first
                .map_or_else(String::new, |first| format!("the first since {}", clock::hm(first, &frame.site))),
            lately(inbound.answered),
            lately(inbound.queue_abandoned),
            lately(inbound.asa),
        ];
        let cells = CALLERS.into_iter().zip(callers).zip(under);
        lines.extend(cells.map(|(((key, label), cell), under)| figure(key, label, cell.under(under))));
    }
    lines
}

/// Whether its dialer holds calls back, and how many a second it may set off: either may be all that was told.
fn rate(card: &CampaignCard) -> Cell {
    let a_second = card.cps_limit_milli.map(cps_of);
    let at_most = a_second.as_ref().map_or_else(String::new, |cps| format!("at most {cps} a second"));
    match (card.rate_limited, a_second) {
        (Some(false), _) => Cell::of("OK").band(Band::Ok).under(at_most),
        (Some(true), _) => Cell::of("Limited").band(Band::Warn).under(at_most),
        (None, Some(cps)) => Cell::of(cps).under("a second at most"),
        (None, None) => Cell::of("Not told"),
    }
}

/// Figures of dialing.
const OF_DIALING: [&str; 4] = ["cac", "pace", "answer", "rate"];
/// Those of callers, in the order in which cards have them.
const CALLERS: [(&str, &str); 4] = [
    ("waiting", "Callers waiting"),
    ("inbound", "Inbound answer rate"),
    ("gave_up", "Queue abandonment"),
    ("asa", "Average speed of answer"),
];

fn figure(key: &str, label: &str, figure: Cell) -> Line {
    Line { key: key.to_owned(), cells: vec![Cell::of(label), figure] }
}

/// Thousandths as people write them: `2.5`.
pub fn cps_of(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// ms over calls, as `m:ss`, to the nearest second.
pub fn average(ratio: Ratio) -> String {
    if ratio.whole <= 0 {
        return format::NO_DATA.to_owned();
    }
    let whole = ratio.whole.saturating_mul(1_000);
    format::duration(ratio.part.saturating_add(whole / 2) / whole)
}

pub fn view(figures: LivePanel) -> AnyView {
    let card = |line: LiveLine| {
        let column = match line.key.as_str() {
            "active" => &ACTIVE,
            "cac" => &CAC,
            "pace" => &PACE,
            "answer" => &ANSWER,
            "duration" => &DURATION,
            "waiting" => &WAITING,
            "inbound" => &INBOUND,
            "gave_up" => &GAVE_UP,
            "asa" => &ASA,
            _ => &RATE,
        };
        one(line, column)
    };
    view! {
        <ul class="cards six" aria-label="Key figures" data-panel=PANEL>
            {each(move || figures.lines.get(), card)}
        </ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialers_pace_limit_is_told_as_it_is() {
        assert_eq!([2_500, 10_000, 250, 100_000].map(cps_of), ["2.5", "10", "0.25", "100"]);
    }

    #[test]
    fn a_pace_limit_alone_is_the_rate_that_is_known() {
        let nothing = crate::ui::monitor::store::no_campaign().card;
        let said = |rate_limited, cps_limit_milli| {
            let cell = rate(&CampaignCard { rate_limited, cps_limit_milli, ..nothing.clone() });
            format!("{} {}", cell.text, cell.under)
        };
        assert_eq!(said(None, Some(1_500)), "1.5 a second at most");
        assert_eq!(said(Some(true), Some(1_500)), "Limited at most 1.5 a second");
        assert_eq!(said(None, None), "Not told ");
    }

    #[test]
    fn the_average_call_is_told_to_the_nearest_second() {
        assert_eq!(average(Ratio::new(192_499, 1)), "3:12");
        assert_eq!(average(Ratio::new(385_000, 2)), "3:13");
        assert_eq!(average(Ratio::new(0, 0)), "—");
    }
}
