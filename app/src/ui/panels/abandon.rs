//! Panel 3 (S23): are we dropping people? The last hour against 2.0 and 2.8 %, the legal figure of the period, and how
//! many calls its budget still holds.

use super::as_shown;
use crate::chart::{BarsData, Labels};
use crate::kpi::band::ENOUGH;
use crate::kpi::{Band, KpiId, Ratio, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::clock;
use crate::ui::parts::figure::{name_of, text};
use crate::ui::parts::panel::{Head, bars, panel};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::{AbandonRow, LiveFrame};
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Abandon,
    question: "Are we dropping people?",
    window: "60 min · period",
    figure: "abandon_rate",
    footnote: "2.0 and 2.8 % marked · calls left to the period’s limit",
    nothing: "No live answers in the last 60 minutes",
};
const COLUMNS: &[Column] = &[
    Column::new("Campaign", "", Look::Name),
    Column::new("60 · 15 · 5 min", "abandon_rate", Look::Figure),
    Column::new("Period", "abandon_budget", Look::Figure),
];

pub fn show(rows: &Table<AbandonRow>, frame: &LiveFrame) -> Shown {
    Shown {
        lines: rows.rows.iter().map(|row| line(row, frame)).collect(),
        notes: vec![Cell::of(notes(&rows.rows))],
        more: rows.more,
    }
}

/// What the reader must know of how these were judged.
fn notes(rows: &[AbandonRow]) -> String {
    let unknown = rows.iter().filter(|row| row.unknown_mode > 0).count();
    let unjudged: i64 = rows.iter().map(|row| row.unjudged_live).sum();
    let mut note = String::new();
    if unknown > 0 {
        note.push_str(&format!(" · {unknown} judged without a known mode"));
    }
    if unjudged > 0 {
        note.push_str(&format!(" · {} answers not judged: no source sees their agents", format::count(unjudged)));
    }
    note
}

/// Said where nobody has answered: no share of nothing, and no budget of it.
const NO_ANSWERS: &str = "no answers yet";

fn line(row: &AbandonRow, frame: &LiveFrame) -> Line {
    let bands = KpiId::AbandonRate.get().bands();
    let share = |band: Band, part: i64, whole: i64, beyond: Option<Ratio>| match band {
        Band::TooFew => format::too_few(beyond),
        Band::None | Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            format::percent(Ratio::new(part, whole), 2, bands)
        }
    };
    let of = |part: i64, whole: i64| format!("{} of {}", format::count(part), format::count(whole));
    let period_band = row.budget_band;
    let left = match period_band {
        Band::None | Band::TooFew if row.period_live == 0 => NO_ANSWERS.to_owned(),
        Band::TooFew => of(row.period_abandoned, row.period_live),
        Band::None | Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => left_of(row, frame),
    };
    let cells = vec![
        Cell::of(name_of(&row.name, row.campaign.as_str())).band(row.band.max(row.budget_band).max(row.pacing_band)),
        Cell::of(share(row.band, row.abandoned, row.answered_live, row.hour_beyond()))
            .band(row.band)
            .under(lately(row))
            .under_band(row.pacing_band),
        Cell::of(share(period_band, row.period_abandoned, row.period_live, row.period_beyond()))
            .band(period_band)
            .under(left)
            .under_band(period_band),
    ];
    Line { key: row.campaign.to_string(), cells }
}

/// The last 15 and 5 minutes beside it: is it over, or only beginning?
fn lately(row: &AbandonRow) -> String {
    let rate = |ratio: Ratio| match ratio.whole {
        ..ENOUGH => "few".to_owned(),
        ENOUGH.. => format::percent(ratio, 1, KpiId::AbandonRate.get().bands()),
    };
    if row.last_15m.whole == 0 && row.answered_live == 0 {
        return NO_ANSWERS.to_owned();
    }
    format!("{} · {}", rate(row.last_15m), rate(row.last_5m))
}

/// Calls left in the period's budget, and where the pace is surely too high until when, with its day; or what is owed.
fn left_of(row: &AbandonRow, frame: &LiveFrame) -> String {
    match (row.budget, row.used_up_at.filter(|_| row.used_up_to.is_some())) {
        (None, _) => String::new(),
        (Some(left), _) if left < 0 => format!("{} clean owed", format::count(left.saturating_neg())),
        (Some(left), Some(at)) => {
            format!("{} left · gone by {}", format::count(left), clock::hm_with_day(at, frame.as_of, &frame.site))
        }
        (Some(left), None) => format!("{} left", format::count(left)),
    }
}

pub fn view(live: Live) -> AnyView {
    let here = live.panel(PanelId::Abandon);
    let data = move || {
        let (keys, count) = (here.keys(), here.count());
        live.with_shown(|frame| {
            let rows = frame.panels.abandon.as_ref().map_or(&[][..], |table| &table.rows);
            Sketch::Bars(BarsData::abandon(&as_shown(rows, &keys, count), Labels::None))
        })
    };
    let head = view! { <span></span><span></span> }.into_any();
    let body = bars(here, PanelId::Abandon, COLUMNS, head, drawing(data, (150, 320)));
    let note = text(move || here.notes[0].with(|note| note.text.clone()));
    panel(live, HEAD, body, note.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CampaignId;
    use crate::ui::store::nothing_yet;

    fn row(abandoned: i64, live: i64) -> AbandonRow {
        let rate = Ratio::new(abandoned, live);
        let budget = crate::compliance::Budget::of(rate, crate::compliance::DEFAULT_LIMIT_PPM);
        AbandonRow {
            campaign: CampaignId::trusted("solar-west"),
            name: "Solar West".into(),
            abandoned,
            answered_live: live,
            unjudged_live: 0,
            last_15m: rate,
            last_5m: rate,
            pacing_band: crate::kpi::band::pacing(rate),
            band: KpiId::AbandonRate.get().read_ratio(rate).band,
            since: None,
            period_from: None,
            period_abandoned: abandoned,
            period_live: live,
            limit_ppm: budget.limit_ppm,
            budget: budget.calls_left(),
            budget_band: budget.band(),
            used_up_at: None,
            used_up_from: None,
            used_up_to: None,
            unknown_mode: 0,
            ungreeted: 0,
        }
    }

    fn cells(abandoned: i64, live: i64) -> Vec<(String, String)> {
        let cells = line(&row(abandoned, live), &nothing_yet()).cells.into_iter().skip(1);
        cells.map(|cell| (cell.text, cell.under)).collect()
    }

    /// The sentence names such a campaign: its row must not say that nothing can be said.
    #[test]
    fn what_too_few_answers_show_beyond_chance_is_said_of_them() {
        let said = |text: &str, under: &str| (text.to_owned(), under.to_owned());
        let over = cells(45, 71);
        assert_eq!(over[0].0, "over 2.8 %");
        assert_eq!(over[1], said("over 3.0 %", "45 of 71"));
        let chance = cells(2, 71);
        assert_eq!((chance[0].0.as_str(), &chance[1]), ("too few", &said("too few", "2 of 71")));
        assert_eq!(cells(9, 19)[0].0, "too few", "of these nothing can be said");
        assert_eq!(cells(45, 171)[0].0, "26.32 %", "enough to be judged");
    }
}
