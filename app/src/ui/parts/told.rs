//! Explanations of a report, which need no scripts: a figure is a button that opens a popover beside it in the page.
//!
//! What a KPI is stands once a column or card; what one row's figures are made of stands once a row.

use crate::kpi::Band;
use crate::kpi::catalog::Kpi;
use crate::kpi::format::kept;
use crate::ui::parts::figure::{still_shape, tone, word};
use leptos::prelude::*;

/// What a popover says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Unique on the page.
    pub id: String,
    pub title: String,
    pub subject: String,
    /// Large, with its state; nothing where empty.
    pub value: String,
    pub band: Band,
    pub pairs: Vec<(String, String)>,
    pub notes: Vec<String>,
}

impl Told {
    /// With what the catalogue says of a KPI.
    #[must_use]
    pub fn of(id: impl Into<String>, kpi: &Kpi) -> Self {
        let mut pairs = vec![("How".to_owned(), kpi.formula.to_owned())];
        if !kpi.bands_in_words.is_empty() {
            pairs.push(("Judged".to_owned(), kpi.bands_in_words.to_owned()));
        }
        pairs.push(("From".to_owned(), kpi.source.to_owned()));
        Self { id: id.into(), title: kpi.label.to_owned(), pairs, ..Self::default() }
    }

    /// The popover itself: anywhere in the page, shown by its [`opener`].
    pub fn view(self) -> AnyView {
        let title_id = format!("{}-title", self.id);
        let (labelled_by, target) = (title_id.clone(), self.id.clone());
        let pair = |(label, value): (String, String)| view! { <div><dt>{label}</dt><dd>{kept(value)}</dd></div> };
        let value = (!self.value.is_empty()).then(|| {
            let state = if self.band == Band::None { "" } else { word(self.band) };
            view! { <p class=format!("value {}", tone(self.band))>{still_shape(self.band)} {kept(self.value)} <small>{state}</small></p> }
        });
        let subject = (!self.subject.is_empty()).then(|| view! { <p class="subject">{self.subject}</p> });
        let notes = self.notes.into_iter().map(|note| view! { <p class="note">{kept(note)}</p> }).collect_view();
        view! {
            <div class="explain" popover="auto" id=self.id role="dialog" aria-labelledby=labelled_by>
                <h2 id=title_id>{self.title}</h2>
                {subject}
                {value}
                <dl>{self.pairs.into_iter().map(pair).collect_view()}</dl>
                {notes}
                <button type="button" class="close" popovertarget=target popovertargetaction="hide">"Close"</button>
            </div>
        }
        .into_any()
    }
}

/// A figure that opens the popover of that id.
pub fn opener(id: &str, text: impl Into<String>, band: Band) -> AnyView {
    let tone = if band.is_out() || band.is_hatched() { tone(band) } else { "" };
    let shape = band.is_out().then(|| still_shape(band));
    view! { <button type="button" class=format!("n {tone}") popovertarget=id.to_owned()>{shape} <span>{text.into()}</span></button> }
        .into_any()
}
