//! What months have cost, and the form that says so: a plain one, which works without scripts.

use super::{Days, KEPT, money};
use crate::domain::outcome::CostKind;
use crate::kpi::format;
use crate::ui::address::Address;
use crate::ui::app::Here;
use crate::ui::kept::Arrival;
use crate::ui::parts::clock;
use crate::ui::parts::dates;
use crate::ui::parts::figure::text;
use crate::ui::parts::framed::{Files, Head, panel};
use crate::view::daily::DayState;
use crate::view::trend::{MonthCost, TrendFrame};
use crate::view::wire;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where the form goes.
pub const ADDRESS: &str = "/trend/costs";

/// What became of the form that was just sent, and what the form needs; provided by the server as a context. It crosses into
/// the browser inside the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostForm {
    /// Why it was not taken. What was taken stands in the page's address: the answer to a form leads there.
    pub refused: Option<String>,
    /// As they were sent, to be mended: month, kind, amount, currency.
    pub fields: [String; 4],
    pub key: Key,
}

impl CostForm {
    pub fn of_this_document() -> Self {
        wire::read(&SharedValue::new_str(Self::provided).into_inner()).unwrap_or_default()
    }

    #[cfg(feature = "ssr")]
    fn provided() -> String {
        use_context::<Self>().and_then(|form| serde_json::to_string(&form).ok()).unwrap_or_default()
    }

    /// It is in the document.
    #[cfg(not(feature = "ssr"))]
    fn provided() -> String {
        String::new()
    }

    /// What is asked for alone: on a page that was not the answer to the form.
    fn anew(self) -> Self {
        Self { key: self.key, ..Self::default() }
    }
}

/// Which key the server asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key {
    /// One that may send events.
    Asked,
    /// One that may tell costs.
    OfCosts,
    #[default]
    NotAsked,
}

/// `told=2026-11.telephony` in the address.
fn taken(address: &Address) -> Option<(String, CostKind)> {
    let (month, kind) = address.parameter("told")?.split_once('.')?;
    let kind = [CostKind::Telephony, CostKind::Infrastructure].into_iter().find(|each| each.word() == kind)?;
    dates::is_month(month).then(|| (month.to_owned(), kind))
}

/// The form as the page begins with it, and what was taken of it.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    form: StoredValue<CostForm>,
    taken: StoredValue<Option<(String, CostKind)>>,
}

impl Told {
    pub fn of_this_page(here: Here, arrival: Arrival) -> Self {
        let form = expect_context::<CostForm>();
        let form = match arrival {
            Arrival::Document => form,
            Arrival::InApp => form.anew(),
        };
        let taken = here.address.with_untracked(taken);
        if taken.is_some() {
            Effect::new(move |_| forget_what_was_told(here));
        }
        Self { form: StoredValue::new(form), taken: StoredValue::new(taken) }
    }
}

/// What a form's answer says is said once: the address that says so goes.
#[cfg(feature = "hydrate")]
fn forget_what_was_told(here: Here) {
    use super::{TREND, with_parameter};
    let address = here.address.with_untracked(|address| with_parameter(TREND, address, &KEPT, "", ""));
    let history = window().history();
    // Refused only where an address is of another site.
    let _ =
        history.and_then(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address)));
}

#[cfg(not(feature = "hydrate"))]
fn forget_what_was_told(_here: Here) {}

pub fn view(days: Days, here: Here, told: Told) -> AnyView {
    let head = Head {
        id: "costs",
        question: "What does it cost?",
        window: text(|| "by month".to_owned()),
        footnote: text(|| {
            "A month’s cost counts day by day, as time passes; the last entry for a month and kind holds · makes: so far ÷ the month’s contacts or minutes so far"
            .to_owned()
        }),
        files: Files::of(super::csv(days, "costs")),
    };
    let body = view! {
        {move || days.with(|frame| Some(months(frame)))}
        {entry(days, here, told)}
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

/// What is typed stays, whatever comes meanwhile: only what a field begins with is the frame's.
fn entry(days: Days, here: Here, told: Told) -> AnyView {
    let CostForm { refused, fields: [month, kind, amount, currency], key } = told.form.get_value();
    let or = |given: String, else_: String| if given.is_empty() { else_ } else { given };
    let (this_month, known) = untrack(|| {
        days.with(|frame| {
            let month = frame.days.rows.last().and_then(|day| day.date.get(..7)).map(str::to_owned);
            let currency = frame.costs.rows.last().map(|row| row.so_far.currency.to_string());
            (month.unwrap_or_default(), currency.unwrap_or_default())
        })
    });
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
    let kept = move || {
        here.address.with(|address| {
            let field = |name: &'static &'static str| {
                let value = address.parameter(name)?.to_owned();
                Some(view! { <input type="hidden" name=*name value=value /> })
            };
            KEPT.iter().filter_map(field).collect_view()
        })
    };
    view! {
        {said(refused, told.taken.get_value())}
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

fn said(refused: Option<String>, taken: Option<(String, CostKind)>) -> Option<AnyView> {
    match (refused, taken) {
        (Some(why), _) => {
            Some(view! { <p class="note crit" role="alert">{format!("Not taken: {why}")}</p> }.into_any())
        }
        (None, Some((month, kind))) => {
            let month = dates::month(&month);
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
