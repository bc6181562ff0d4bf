//! KPIs that will be out of band if they go on as they do, with the day.

use super::{Days, drawn};
use crate::kpi::catalog::{KpiId, Unit};
use crate::kpi::{Ratio, format};
use crate::ui::parts::figure::{still_shape, text, tone};
use crate::ui::parts::framed::{Files, nothing, panel};
use crate::ui::parts::{dates, digits};
use crate::view::TrendPanel;
use crate::view::trend::Leading;
use leptos::prelude::*;

pub fn view(days: Days) -> AnyView {
    let head = drawn::head(TrendPanel::Leading, days, Files::of(super::csv(days, "leading")));
    let rows = Memo::new(move |_| days.with(|frame| frame.leading.rows.clone()));
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let body = move || match is_empty.get() {
        true => nothing(text(|| drawn::missing(TrendPanel::Leading).to_owned())),
        false => {
            let lines = move || rows.with(|rows| rows.iter().map(line).collect_view());
            // Its lines may need to be scrolled, so it is reached by the keyboard.
            view! { <div class="leading-box" tabindex="0" role="region" aria-label="On the way out of band"><ul class="leading">{lines}</ul></div> }
                .into_any()
        }
    };
    panel(head, "drawn", body.into_any())
}

fn line(row: &Leading) -> AnyView {
    let (now, slope, edge) = told(row);
    let days = if row.in_days == 1 { "tomorrow".to_owned() } else { format!("in {} days", row.in_days) };
    view! {
        <li>
            <b>{subject(row)}</b>
            <strong class=tone(row.reaches)>{still_shape(row.reaches)} {dates::day(&row.on)} <small>{days}</small></strong>
            <span>{format::kept(format!("{now} now, {slope} a day, reaches {edge}"))}</span>
        </li>
    }
    .into_any()
}

/// "Abandon rate of Solar West".
pub fn subject(row: &Leading) -> String {
    let label = KpiId::from_id(&row.kpi).map_or(row.kpi.as_str(), |kpi| kpi.get().label);
    let name = if row.name.is_empty() { &row.key } else { &row.name };
    if name.is_empty() { label.to_owned() } else { format!("{label} of {name}") }
}

/// Value, slope and edge with their units. A fitted line is no count: it is printed to what can be read of it.
fn told(row: &Leading) -> (String, String, String) {
    let known = KpiId::from_id(&row.kpi);
    let size = Ratio::new(row.slope.part.saturating_abs(), row.slope.whole);
    let (now, slope, edge) = match known.map(|kpi| (kpi, kpi.get().unit)) {
        Some((_, Unit::Share)) => (
            format::percent(row.now, 2, None),
            format::percent(size, 2, None).replace(" %", " points"),
            format::percent(row.edge, 1, None),
        ),
        Some((kpi, Unit::Ms)) => (digits::value(kpi, row.now), digits::value(kpi, size), digits::value(kpi, row.edge)),
        Some((
            _,
            Unit::Calls
            | Unit::CallsPerMinute
            | Unit::CallsPerHour
            | Unit::Agents
            | Unit::State
            | Unit::Money
            | Unit::NumbersPerDay,
        ))
        | None => (format::per_minute(row.now), format::per_minute(size), format::per_minute(row.edge)),
    };
    let sign = if row.slope.part < 0 { "−" } else { "+" };
    (now, format!("{sign}{slope}"), edge)
}
