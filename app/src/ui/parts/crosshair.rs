//! What answers over a drawing: a crosshair with the exact values of every series at one moment, by pointer, by touch and by
//! keys, at the same moment on all charts of a page.
//!
//! It stands over the drawing and never has it drawn again; a step to another moment moves a line and sets a few words. It
//! is a slider for those who do not see it: one tab stop, whose value is read out as it changes. Use it so: the page begins
//! with [`Crosshair::of_this_page`], and its charts answer by themselves.

use super::clock;
use super::figure::text;
use crate::chart::Scales;
use crate::chart::scales::Reading;
use crate::domain::{Moment, Span};
use crate::kpi::format::{NO_DATA, kept};
use crate::ui::feed::Feed;
use crate::view::live::Site;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

/// The moment that is read, if any: the begin of a step of the chart that is pointed at.
#[derive(Debug, Clone, Copy)]
pub struct Crosshair(RwSignal<Option<Moment>>);

impl Crosshair {
    /// All charts of the page that begins share it.
    pub fn of_this_page() {
        provide_context(Self(RwSignal::new(None)));
    }

    fn set(self, at: Option<Moment>) {
        if self.0.get_untracked() != at {
            self.0.set(at);
        }
    }
}

/// What a drawing answers with: its scales at the size it has now, and nothing before it has one.
pub type Answers = Memo<Option<Scales>>;

/// A moment of one drawing.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    step: usize,
    x: f64,
    /// The plot's head, and its height.
    height: (f64, f64),
    /// Whether the words stand at the line's left.
    before: bool,
    interval: String,
    readings: Vec<Reading>,
}

impl Told {
    fn of(scales: &Scales, at: Moment, site: &Site) -> Option<Self> {
        let step = scales.step_of(at)?;
        let (begin, end) = (scales.begin(step), scales.begin(step + 1));
        Some(Self {
            step,
            x: scales.x(step),
            height: scales.height(),
            before: step > scales.last() / 2,
            interval: interval(begin, end, scales.step, site),
            readings: scales.read(step),
        })
    }

    /// For those who hear it.
    fn said(&self) -> String {
        let said = |reading: &Reading| {
            let figure = if reading.figure == NO_DATA { "no data" } else { reading.figure.as_str() };
            let between = if reading.counts.is_empty() { "" } else { ", " };
            format!("{} {figure}{between}{}", reading.name, reading.counts)
        };
        let all: Vec<String> = self.readings.iter().map(said).collect();
        format!("{}: {}", self.interval, all.join("; "))
    }
}

/// `14:31–14:32`, with seconds where steps are shorter than a minute.
fn interval(begin: Moment, end: Moment, step: Span, site: &Site) -> String {
    let clock = if step < Span::minutes(1) { clock::hms } else { clock::hm };
    format!("{}–{}", clock(begin, site), clock(end, site))
}

/// Where a key leads from a moment; `None` for a key that means nothing here.
fn by_key(key: &str, scales: &Scales, at: Option<Moment>) -> Option<Option<Moment>> {
    let now = at.and_then(|at| scales.step_of(at));
    let step = match key {
        "ArrowLeft" | "ArrowDown" => now.map_or(scales.last(), |step| step.saturating_sub(1)),
        "ArrowRight" | "ArrowUp" => now.map_or(scales.last(), |step| (step + 1).min(scales.last())),
        "Home" => 0,
        "End" => scales.last(),
        "Escape" if now.is_some() => return Some(None),
        _ => return None,
    };
    Some(Some(scales.begin(step)))
}

/// Over a drawing, as large as its box; nothing on a page whose charts do not answer.
pub fn over(answers: Answers) -> AnyView {
    let (Some(crosshair), Some(feed)) = (use_context::<Crosshair>(), use_context::<Feed>()) else {
        return ().into_any();
    };
    // The moment first: as long as nothing is pointed at no scales are made.
    let told = Memo::new(move |_| {
        let at = crosshair.0.get()?;
        answers.with(|scales| feed.with_site(|site| Told::of(scales.as_ref()?, at, site)))
    });
    let point = move |event: &PointerEvent| {
        let x = f64::from(event.offset_x());
        if let Some(at) = answers.with_untracked(|scales| scales.as_ref().map(|scales| scales.begin(scales.nearest(x))))
        {
            crosshair.set(Some(at));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        let at = crosshair.0.get_untracked();
        let to = answers.with_untracked(|scales| by_key(&event.key(), scales.as_ref()?, at));
        if let (Some(to), true) = (to, is_plain) {
            event.prevent_default();
            event.stop_propagation();
            crosshair.set(to);
        }
    };
    // A finger that is lifted leaves the moment it has set.
    let on_leave = move |event: PointerEvent| {
        if event.pointer_type() != "touch" {
            crosshair.set(None);
        }
    };
    let number = move |of: fn(&Told) -> usize| told.with(|told| told.as_ref().map_or(0, of));
    let last =
        move || told.with(|told| told.as_ref().map_or(0, |_| answers.with(|s| s.as_ref().map_or(0, Scales::last))));
    let said = text(move || {
        told.with(|told| told.as_ref().map_or_else(|| "no moment, arrow keys choose one".to_owned(), Told::said))
    });
    view! {
        <div
            class="answer needs-js"
            role="slider"
            tabindex="0"
            aria-label="Values by moment"
            aria-valuemin="0"
            aria-valuemax=last
            aria-valuenow=move || number(|told| told.step)
            aria-valuetext=said
            on:pointerdown=move |event| point(&event)
            on:pointermove=move |event| point(&event)
            on:pointerleave=on_leave
            on:keydown=on_key
            on:blur=move |_| crosshair.set(None)
        >
            {move || told.get().map(shown)}
        </div>
    }
    .into_any()
}

fn shown(told: Told) -> AnyView {
    let (top, height) = told.height;
    let line = format!("left:{:.1}px;top:{top:.1}px;height:{height:.1}px", told.x);
    // Between the line and the box's edge, wherever there is more room.
    let words = if told.before {
        format!("right:calc(100% - {x:.1}px + 10px);max-width:calc({x:.1}px - 10px)", x = told.x)
    } else {
        format!("left:{x:.1}px;margin-left:10px;max-width:calc(100% - {x:.1}px - 10px)", x = told.x)
    };
    let dot = |reading: &Reading| {
        let y = reading.y?;
        let style = format!("left:{:.1}px;top:{y:.1}px;background:var({})", told.x, reading.ink.token());
        Some(view! { <i class="answer-dot" style=style></i> })
    };
    let row = |reading: &Reading| {
        let swatch = format!("background:var({})", reading.ink.token());
        let figure = if reading.figure == NO_DATA { "no data".to_owned() } else { kept(reading.figure.clone()) };
        view! {
            <li>
                <i style=swatch></i>
                <span>{reading.name.clone()}</span>
                <b>{figure}</b>
                <small>{kept(reading.counts.clone())}</small>
            </li>
        }
    };
    view! {
        <i class="answer-line" style=line></i>
        {told.readings.iter().map(dot).collect_view()}
        <div class="answer-words" style=words aria-hidden="true">
            <b>{told.interval.clone()}</b>
            <ul>{told.readings.iter().map(row).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The series' names, of which one can be shown alone, and all again.
pub fn names(
    names: impl Fn() -> Vec<(String, &'static str)> + Send + 'static,
    alone: RwSignal<Option<String>>,
) -> AnyView {
    let button = move |(name, token): (String, &'static str)| {
        let is_alone = {
            let name = name.clone();
            move || alone.with(|alone| alone.as_ref() == Some(&name))
        };
        let pressed = {
            let is_alone = is_alone.clone();
            move || if is_alone() { "true" } else { "false" }
        };
        let press = {
            let name = name.clone();
            move |_| alone.set((!is_alone()).then(|| name.clone()))
        };
        let swatch = format!("background:var({token})");
        let title = format!("Show {name} alone, or all again");
        view! {
            <button type="button" aria-pressed=pressed title=title on:click=press>
                <i style=swatch></i>
                {name}
            </button>
        }
    };
    view! {
        <div class="series needs-js" role="group" aria-label="Show one alone">
            {move || names().into_iter().map(button).collect_view()}
        </div>
    }
    .into_any()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chart::{Drawing, LinesData};
    use crate::domain::Country;
    use crate::kpi::{Band, Ratio};
    use crate::view::Table;
    use crate::view::live::{PddPanel, PddPoint, PddRow};

    /// Delays of one country in each minute but the third.
    fn scales() -> Scales {
        let country = Country::new("GB").unwrap();
        let row = PddRow {
            country,
            pdd_ms: 110_400,
            progressed: 23,
            p95_ms: None,
            before: Ratio::default(),
            band: Band::Ok,
            since: None,
        };
        let points = (0..60).filter(|minute| *minute != 2).map(|minute| PddPoint {
            country,
            t: Moment::from_secs(minute * 60),
            pdd_ms: 110_400,
            progressed: 23,
        });
        let panel = PddPanel {
            countries: Table { rows: vec![row], more: 0 },
            points: Table { rows: points.collect(), more: 0 },
        };
        LinesData::of(&panel, Moment::from_secs(59 * 60 + 30), &Site::default()).scales((400.0, 190.0)).unwrap()
    }

    #[test]
    fn keys_lead_from_step_to_step_and_out() {
        let scales = scales();
        let at = |step| Some(scales.begin(step));
        let to = |key, from| by_key(key, &scales, from);
        assert_eq!(to("ArrowLeft", None), Some(at(59)), "the newest first");
        assert_eq!([to("ArrowLeft", at(7)), to("ArrowRight", at(7))], [Some(at(6)), Some(at(8))]);
        assert_eq!([to("ArrowLeft", at(0)), to("ArrowRight", at(59))], [Some(at(0)), Some(at(59))]);
        assert_eq!([to("Home", at(7)), to("End", at(7))], [Some(at(0)), Some(at(59))]);
        assert_eq!([to("Escape", at(7)), to("Escape", None), to("a", at(7))], [Some(None), None, None]);
    }

    #[test]
    fn a_moment_is_said_with_its_interval_both_counts_and_its_gaps() {
        let (scales, site) = (scales(), Site::default());
        let said = |secs| Told::of(&scales, Moment::from_secs(secs), &site).map(|told| told.said());
        assert_eq!(said(70).as_deref(), Some("00:01–00:02: GB 4.8 s, 1:50 over 23 calls"));
        assert_eq!(said(120).as_deref(), Some("00:02–00:03: GB no data"));
        assert_eq!(said(3_600), None, "what is not shown is not told");
    }
}
