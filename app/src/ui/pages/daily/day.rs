//! Which day this is, what it is compared with, and the way to other days.

use super::Day;
use crate::domain::{Moment, Span};
use crate::ui::links::Ways;
use crate::ui::pages::DAILY;
use crate::ui::parts::clock;
use crate::ui::parts::dates;
use crate::ui::parts::figure::text;
use crate::view::daily::{DailyFrame, DayState};
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

/// A day that runs is counted by so much.
const EVERY: Span = Span::minutes(5);

pub fn view(day: Day, ways: Ways) -> AnyView {
    // The field keeps what is typed into it, whatever comes meanwhile; another day is shown in it.
    let field = NodeRef::<Input>::new();
    let date = Memo::new(move |_| day.with(|frame| frame.day.date.to_string()));
    let show = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = field.get_untracked().map(|field| field.value()).filter(|date| !date.is_empty());
        if let Some(date) = wanted {
            ways.to(&format!("{DAILY}?date={date}"));
        }
    };
    view! {
        <div class="which">
            {move || day.with(|frame| Some(ways_on(frame)))} <p>{text(move || day.with(said))}</p>
            <form method="get" action=DAILY on:submit=show>
                <label>
                    <span class="hidden-label">"Another day"</span>
                    <input
                        type="date"
                        name="date"
                        value=date.get_untracked()
                        prop:value=move || date.get()
                        max=move || day.with(latest)
                        required
                        node_ref=field
                    />
                </label>
                <button type="submit">"Show"</button>
            </form>
        </div>
    }
    .into_any()
}

/// The days of the field end with today: frames are of today's five minutes, whatever day they show.
fn latest(frame: &DailyFrame) -> String {
    (frame.as_of + Span::secs(i64::from(frame.site.utc_offset_s))).to_utc().date_naive().to_string()
}

/// The day, and the ways to those beside it.
fn ways_on(frame: &DailyFrame) -> AnyView {
    let day = &frame.day;
    let link = |date: Option<String>, arrow: &'static str, label: &'static str, key: &'static str| {
        let href = format!("/daily?date={}", date.unwrap_or_default());
        view! { <a class="step" href=href aria-label=label title=label aria-keyshortcuts=key>{arrow}</a> }
    };
    let earlier = dates::shifted(&day.date, -1);
    let later = dates::shifted(&day.date, 1);
    let before = link(earlier, "‹", "The day before", "[");
    let after = match day.state {
        DayState::Over => link(later, "›", "The day after", "]").into_any(),
        DayState::Running => view! { <span class="step off" aria-hidden="true">"›"</span> }.into_any(),
    };
    let today = (day.state == DayState::Over).then(|| view! { <a href="/daily">"Today"</a> });
    view! { <nav aria-label="Days">{before} <strong>{dates::long(&day.date)}</strong> {after} {today}</nav> }.into_any()
}

/// "Today so far, counted to 14:30, next at 14:35 · compared with Sat 14 Nov to 14:30 · revised Mon 23 Nov, 09:12".
fn said(frame: &DailyFrame) -> String {
    let day = &frame.day;
    let before = dates::day(&day.before_date);
    let mut parts = match day.state {
        DayState::Running => {
            let so_far = counted(frame).unwrap_or_default();
            vec![format!("Today so far, {so_far}"), format!("compared with {before} to {}", until(frame))]
        }
        DayState::Over => vec!["The whole day".to_owned(), format!("compared with {before}")],
    };
    let revised = |at: Moment| clock::hm_near(at, frame.as_of, &frame.site);
    parts.extend(day.revised_at.map(|at| format!("revised {}: late events came in", revised(at))));
    parts.extend(day.before_revised_at.map(|at| format!("{before} revised {}", revised(at))));
    parts.join(" · ")
}

/// "counted to 11:30, next at 11:35": what has happened since stands on the live page alone. Nothing of a day that is over.
pub fn counted(frame: &DailyFrame) -> Option<String> {
    let next = frame.day.until + EVERY;
    (frame.day.state == DayState::Running)
        .then(|| format!("counted to {}, next at {}", until(frame), clock::hm(next, &frame.site)))
}

/// That there is nothing, and of a day that runs up to when.
pub fn nothing(frame: &DailyFrame, words: &str) -> String {
    match frame.day.state {
        DayState::Running => format!("{words} by {}", until(frame)),
        DayState::Over => words.to_owned(),
    }
}

/// The time of day that the figures reach to, by the site's clocks.
pub fn until(frame: &DailyFrame) -> String {
    match frame.day.state {
        DayState::Running => clock::hm(frame.day.until, &frame.site),
        DayState::Over => "24:00".to_owned(),
    }
}
