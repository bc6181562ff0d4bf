//! The event stream into the page's store. The only place that knows EventSource, timers and the browser's clocks.
//!
//! One connection while someone looks. It resumes by the last event's id, tries again for ever with growing waits, takes
//! a silent connection for a dead one, and reckons server time from each event, so that a wrong clock in the browser
//! changes no age; that is kept from page to page (`feed.rs`). One slow ticker drives all of it; everything it holds ends
//! with the page that follows the stream.

use super::feed::Feed;
use super::kept::Brings;
use crate::domain::Moment;
use crate::view::wire::WireError;

/// What takes an event of the stream in, and answers with the server time of the newest frame.
pub type Take = Box<dyn Fn(Brings, &str) -> Result<Moment, WireError>>;

/// Follows a view's stream while the calling page is shown; `view` is what the stream is asked for (`live`,
/// `monitor&campaign=…`). Call it from an effect: on the server and before hydration there is nothing to follow.
#[cfg(not(feature = "hydrate"))]
pub fn follow(_feed: Feed, _view: String, _take: Take) {}

#[cfg(feature = "hydrate")]
pub use browser::follow;

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Brings, Feed, Take};
    use crate::domain::{Moment, Span};
    use crate::ui::pace::{BackOff, Clocks, Link, Received};
    use leptos::prelude::*;
    use std::cell::RefCell;
    use std::rc::{Rc, Weak};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;
    use web_sys::{EventSource, MessageEvent};

    /// Between looks at the clock.
    const TICK_MS: i32 = 500;

    fn clocks() -> Clocks {
        let steady_ms = web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now());
        Clocks { wall_ms: js_sys::Date::now(), steady_ms }
    }

    /// Everything that must end with the page.
    struct Follower {
        feed: Feed,
        view: String,
        take: Rc<Take>,
        source: Option<Source>,
        last_id: Option<String>,
        back_off: BackOff,
        /// When the last event of the stream came, or the connection was begun.
        heard: Clocks,
        /// Wait from `heard` until the next attempt, while the link is lost.
        wait_ms: i64,
        seen_wishes: u32,
        cadence: crate::ui::pace::Cadence,
        ticker: Option<Ticker>,
    }

    /// An open EventSource; closed when dropped.
    struct Source {
        source: EventSource,
        _on_event: Closure<dyn FnMut(MessageEvent)>,
        _on_error: Closure<dyn FnMut()>,
    }

    impl Drop for Source {
        fn drop(&mut self) {
            self.source.set_onerror(None);
            self.source.close();
        }
    }

    /// The interval and the tab's visibility; both stop when dropped.
    struct Ticker {
        interval: i32,
        on_tick: Closure<dyn FnMut()>,
    }

    impl Drop for Ticker {
        fn drop(&mut self) {
            if let Some(window) = web_sys::window() {
                window.clear_interval_with_handle(self.interval);
                if let Some(document) = window.document() {
                    // Removing a listener that was added does not fail.
                    let _ = document
                        .remove_event_listener_with_callback("visibilitychange", self.on_tick.as_ref().unchecked_ref());
                }
            }
        }
    }

    type Shared = Rc<RefCell<Follower>>;

    pub fn follow(feed: Feed, view: String, take: Take) {
        let follower = Rc::new(RefCell::new(Follower {
            feed,
            view,
            take: Rc::new(take),
            source: None,
            last_id: None,
            back_off: BackOff::default(),
            heard: clocks(),
            wait_ms: 0,
            seen_wishes: feed.pulse.with_untracked(|pulse| pulse.wishes),
            cadence: feed.pulse.with_untracked(|pulse| pulse.cadence),
            ticker: None,
        }));
        let ticker = start_ticker(&follower);
        follower.borrow_mut().ticker = ticker;
        open(&follower, Link::Opening);
        // The page's owner holds the only strong reference: when the page goes, so does the stream.
        let held = StoredValue::new_local(follower.clone());
        drop(follower);
        // A wish or a new cadence is acted on at once, not at the next tick.
        let wanted = Memo::new(move |_| feed.pulse.with(|pulse| (pulse.wishes, pulse.cadence)));
        Effect::new(move |_| {
            let wanted = wanted.get();
            held.with_value(|follower| {
                let (wishes, cadence) = (follower.borrow().seen_wishes, follower.borrow().cadence);
                if (wishes, cadence) != wanted {
                    tick(follower);
                }
            });
        });
    }

    fn start_ticker(follower: &Shared) -> Option<Ticker> {
        let window = web_sys::window()?;
        let weak = Rc::downgrade(follower);
        let on_tick = Closure::<dyn FnMut()>::new(move || {
            if let Some(follower) = weak.upgrade() {
                tick(&follower);
            }
        });
        let callback = on_tick.as_ref().unchecked_ref();
        let interval = window.set_interval_with_callback_and_timeout_and_arguments_0(callback, TICK_MS).ok()?;
        // A tab that comes back shows its age and reconnects now.
        window.document()?.add_event_listener_with_callback("visibilitychange", callback).ok()?;
        Some(Ticker { interval, on_tick })
    }

    fn link_of(feed: Feed) -> Link {
        feed.pulse.with_untracked(|pulse| pulse.link)
    }

    fn set_link(feed: Feed, link: Link) {
        if link_of(feed) != link {
            feed.pulse.update(|pulse| pulse.link = link);
        }
    }

    fn is_hidden() -> bool {
        web_sys::window()
            .and_then(|window| window.document())
            .is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Hidden)
    }

    /// Looks at the clock: ages, what is overdue, whether anyone looks.
    fn tick(follower: &Shared) {
        let now = clocks();
        let feed = follower.borrow().feed;
        if is_hidden() {
            if link_of(feed) != Link::Hidden {
                follower.borrow_mut().source = None;
                set_link(feed, Link::Hidden);
            }
            return;
        }
        age(follower, now);
        let (wishes, cadence) =
            (feed.pulse.with_untracked(|pulse| pulse.wishes), feed.pulse.with_untracked(|pulse| pulse.cadence));
        let (asked, other_cadence, silent_ms, wait_ms, patience) = {
            let mut f = follower.borrow_mut();
            let asked = f.seen_wishes != wishes;
            let other = f.cadence != cadence;
            f.seen_wishes = wishes;
            f.cadence = cadence;
            (asked, other, now.since_ms(f.heard), f.wait_ms, cadence.patience_ms())
        };
        if asked || other_cadence {
            // Another topic, or a snapshot is wanted: ids of before say nothing there.
            follower.borrow_mut().last_id = None;
            let lost = link_of(feed) == Link::Lost;
            open(follower, if lost { Link::Lost } else { Link::Opening });
            return;
        }
        match link_of(feed) {
            Link::Hidden => open(follower, Link::Opening),
            Link::Lost if silent_ms >= wait_ms && follower.borrow().source.is_none() => open(follower, Link::Lost),
            Link::Painted | Link::Opening | Link::Open | Link::Lost => {
                if silent_ms >= patience && follower.borrow().source.is_some() {
                    lose(follower);
                }
            }
        }
    }

    /// Reckons server time and the age of what is shown. Before the first event the browser's own clock has to do.
    #[allow(clippy::cast_possible_truncation)]
    fn age(follower: &Shared, now: Clocks) {
        let f = follower.borrow();
        let (as_of, received) = f.feed.top.with_untracked(|top| (top.as_of, top.received));
        let server_now = match f.feed.server.get_value() {
            Some((at, came)) => at + Span::millis(now.since_ms(came)),
            None if received == Received::Figures => {
                // The page was painted with `as_of` as it was then; it is at least as old as the script's run.
                as_of + Span::millis(now.steady_ms as i64)
            }
            None => Moment::from_millis(now.wall_ms as i64),
        };
        f.feed.pulse.update(|pulse| {
            pulse.now = Some(server_now);
            pulse.age_ms = Some(server_now.since(as_of).as_millis());
        });
    }

    /// Opens the stream anew; `link` is what the page says until the first event.
    fn open(follower: &Shared, link: Link) {
        let feed = {
            let mut f = follower.borrow_mut();
            f.source = None;
            f.heard = clocks();
            f.feed
        };
        set_link(feed, link);
        let source = connect(follower);
        let failed = source.is_none();
        follower.borrow_mut().source = source;
        if failed {
            lose(follower);
        }
    }

    fn connect(follower: &Shared) -> Option<Source> {
        let (view, every, last_id) = {
            let f = follower.borrow();
            (f.view.clone(), f.feed.pulse.with_untracked(|pulse| pulse.cadence).every(), f.last_id.clone())
        };
        // A connection of our own making cannot send the header, so the id goes as a parameter too.
        let resume = last_id.map_or_else(String::new, |id| {
            format!("&last_event_id={}", String::from(js_sys::encode_uri_component(&id)))
        });
        let source = EventSource::new(&format!("/api/v1/stream?view={view}&every={every}{resume}")).ok()?;
        let weak = Rc::downgrade(follower);
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new({
            let weak = weak.clone();
            move |event: MessageEvent| heard(&weak, &event)
        });
        let on_error = Closure::<dyn FnMut()>::new(move || {
            if let Some(follower) = weak.upgrade() {
                lose(&follower);
            }
        });
        for name in ["snapshot", "delta"] {
            source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).ok()?;
        }
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Source { source, _on_event: on_event, _on_error: on_error })
    }

    /// The connection broke, or was silent for too long: the page says so, and it is tried again.
    fn lose(follower: &Shared) {
        let (feed, source) = {
            let mut f = follower.borrow_mut();
            f.wait_ms = f.back_off.next_wait_ms(js_sys::Math::random());
            f.heard = clocks();
            (f.feed, f.source.take())
        };
        if let Some(source) = source {
            source.source.close();
            // Its closures may be what is running now: they go once this turn is over.
            leptos::task::spawn_local(async move { drop(source) });
        }
        set_link(feed, Link::Lost);
    }

    /// An event of the stream. One that cannot be read costs a fresh snapshot, nothing else.
    fn heard(weak: &Weak<RefCell<Follower>>, event: &MessageEvent) {
        let Some(follower) = weak.upgrade() else { return };
        let (feed, take) = (follower.borrow().feed, follower.borrow().take.clone());
        let text = event.data().as_string().unwrap_or_default();
        let brings = if event.type_() == "snapshot" { Brings::Snapshot } else { Brings::Delta };
        let taken = take(brings, &text);
        let now = clocks();
        let newest = match taken {
            Ok(newest) => newest,
            Err(reason) => {
                leptos::logging::warn!("an event of the stream could not be read, asking for a snapshot: {reason}");
                follower.borrow_mut().last_id = None;
                lose(&follower);
                return;
            }
        };
        {
            let mut f = follower.borrow_mut();
            f.back_off.succeeded();
            f.heard = now;
            f.last_id = Some(event.last_event_id()).filter(|id| !id.is_empty());
            f.feed.server.set_value(Some((newest, now)));
        }
        set_link(feed, Link::Open);
        age(&follower, now);
    }
}
