//! What months have cost, and the form that says so: a plain one, which works without scripts.

use super::money;
use crate::domain::outcome::CostKind;
use crate::kpi::format;
use crate::ui::address::Address;
use crate::ui::parts::clock;
use crate::ui::still::dates;
use crate::ui::still::panel::{Files, Head, panel};
use crate::view::daily::DayState;
use crate::view::trend::{MonthCost, TrendFrame};
use leptos::prelude::*;

/// Where the form goes.
pub const ADDRESS: &str = "/trend/costs";

/// What became of the form that was just sent, and what the form needs; provided by the server as a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostForm {
    /// Why it was not taken. What was taken stands in the page's address: the answer to a form leads there.
    pub refused: Option<String>,
    /// As they were sent, to be mended: month, kind, amount, currency.
    pub fields: [String; 4],
    pub key: Key,
}

/// Which key the server asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Key {
    /// One that may send events.
    Asked,
    /// One that may tell costs.
    OfCosts,
    #[default]
    NotAsked,
}

/// `told=2026-11.telephony` in the address.
fn taken(address: &Address) -> Option<(&str, CostKind)> {
    let (month, kind) = address.parameter("told")?.split_once('.')?;
    let kind = [CostKind::Telephony, CostKind::Infrastructure].into_iter().find(|each| each.word() == kind)?;
    dates::is_month(month).then_some((month, kind))
}

pub fn view(frame: &TrendFrame, address: &Address) -> AnyView {
    let head = Head {
        id: "costs",
        question: "What does it cost?",
        window: "by month".to_owned(),
        footnote: "A month’s cost counts day by day, as time passes; the last entry for a month and kind holds · makes: so far ÷ the month’s contacts or minutes so far"
            .to_owned(),
        files: Files::of(super::csv(frame, "costs")),
    };
    let form = use_context::<CostForm>().unwrap_or_default();
    let body = view! {
        {months(frame)}
        {entry(form, frame, address)}
    };
    panel(head, "spent", body.into_any())
}

fn months(frame: &TrendFrame) -> AnyView {
    if frame.costs.rows.is_empty() {
        return view! { <p class="quiet">"No cost has been told for these months."</p> }.into_any();
    }
    let line = |row: &MonthCost| {
        let (per, whole) = match row.kind {
            CostKind::Telephony => {
                ("a right-party contact", format!("{} right-party contacts", format::count(row.whole)))
            }
            CostKind::Infrastructure => {
                ("a connected minute", format!("{} connected minutes", format::count(row.whole / 60_000)))
            }
        };
        let so_far = match row.state {
            DayState::Running => money(&row.so_far),
            DayState::Over => "whole".to_owned(),
        };
        let each =
            row.each.as_ref().map_or_else(|| format::NO_DATA.to_owned(), |each| format!("{} {per}", money(each)));
        let told = clock::hm_near(row.told_at, frame.as_of, &frame.site);
        view! {
            <tr>
                <th scope="row">{dates::month(&row.month)}</th>
                <td>{row.kind.word()}</td>
                <td title=format!("told {told}")>{format!("{} {}", grouped(&row.amount), row.so_far.currency)}</td>
                <td>{so_far}</td>
                <td class="makes" title=whole>{each}</td>
            </tr>
        }
    };
    let rows = frame.costs.rows.iter().rev().map(line).collect_view();
    view! {
        <div class="rows" role="region" aria-label="Costs by month" tabindex="0">
            <table>
                <thead>
                    <tr>
                        {["Month", "Kind", "Amount", "So far", "Makes"]
                            .map(|title| view! { <th scope="col">{title}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// As it was told, with its thousands apart: `27,141.00`.
fn grouped(amount: &str) -> String {
    let (whole, cents) = amount.split_at(amount.find('.').unwrap_or(amount.len()));
    whole.parse().map_or_else(|_| amount.to_owned(), |whole| format!("{}{cents}", format::count(whole)))
}

fn entry(form: CostForm, frame: &TrendFrame, address: &Address) -> AnyView {
    let CostForm { refused, fields: [month, kind, amount, currency], key } = form;
    let or = |given: String, else_: Option<String>| if given.is_empty() { else_.unwrap_or_default() } else { given };
    let this_month = frame.days.rows.last().and_then(|day| day.date.get(..7)).map(str::to_owned);
    let known = frame.costs.rows.last().map(|row| row.so_far.currency.to_string());
    let kinds = [CostKind::Telephony, CostKind::Infrastructure].map(|each| {
        let chosen = kind == each.word();
        view! { <option value=each.word() selected=chosen>{each.word()}</option> }
    });
    let asked = match key {
        Key::Asked => Some("Ingest key"),
        Key::OfCosts => Some("Key for costs"),
        Key::NotAsked => None,
    };
    let key = asked.map(|label| {
        view! {
            <label>
                {label}
                <input type="password" name="key" autocomplete="off" required />
            </label>
        }
    });
    let kept = super::KEPT.iter().filter_map(|name| {
        let value = address.parameter(name)?.to_owned();
        Some(view! { <input type="hidden" name=*name value=value /> })
    });
    let kept = kept.collect_view();
    view! {
        {said(refused, taken(address))}
        <form method="post" action=ADDRESS class="costs">
            <label>
                "Month"
                <input type="month" name="month" value=or(month, this_month) placeholder="2026-11" pattern="[0-9]{4}-[0-9]{2}" required />
            </label>
            <label>"Kind" <select name="kind">{kinds.into_iter().collect_view()}</select></label>
            <label>
                "Amount"
                <input type="text" name="amount" value=amount inputmode="decimal" placeholder="1200.00" autocomplete="off" required />
            </label>
            <label>
                "Currency"
                <input type="text" name="currency" value=or(currency, known) placeholder="EUR" maxlength="3" size="4" required />
            </label>
            {key}
            {kept}
            <button type="submit">"Save cost"</button>
        </form>
    }
    .into_any()
}

fn said(refused: Option<String>, taken: Option<(&str, CostKind)>) -> Option<AnyView> {
    match (refused, taken) {
        (Some(why), _) => {
            Some(view! { <p class="note crit" role="alert">{format!("Not taken: {why}")}</p> }.into_any())
        }
        (None, Some((month, kind))) => {
            let month = dates::month(month);
            let words = format!("Taken: the {} cost of {month}. It counts in the figures from now on.", kind.word());
            Some(view! { <p class="note ok" role="status">{words}</p> }.into_any())
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_its_thousands_apart_and_its_cents_as_told() {
        assert_eq!(["27141.00", "30087.5", "980", "x"].map(grouped), ["27,141.00", "30,087.5", "980", "x"]);
    }
}
