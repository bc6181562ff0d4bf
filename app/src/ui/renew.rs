//! Asks for a page's figures anew, where no stream brings them: when the next ones are due, when the tab comes back, when
//! the reader asks, and at once where the page has begun without any.
//!
//! Between two answers the server is only looked at: once it is gone the page says so, however new its figures are. Ages are
//! by the server's clock, as its answers tell it. One slow ticker drives all of it, and ends with the page.

use super::feed::Feed;
use crate::domain::Moment;
use crate::view::wire::WireError;

/// What takes the figures in, and answers with the server time they are of.
pub type Take = Box<dyn Fn(&str) -> Result<Moment, WireError>>;

/// What is asked for, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub address: String,
    pub when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The page has nothing to show, or what it showed when the reader left it.
    AtOnce,
    /// What it shows has just come.
    WhenDue,
}

/// Asks while the calling page is shown. Call it from an effect, again for another address: on the server there is nothing
/// to ask for.
#[cfg(not(feature = "hydrate"))]
pub fn follow(_feed: Feed, _every_ms: i64, _asked: Asked, _take: Take) {}

#[cfg(feature = "hydrate")]
pub use browser::follow;

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Asked, Feed, Take, When};
    use crate::domain::{Moment, Span};
    use crate::ui::pace::{BackOff, Clocks, Link, Received};
    use crate::ui::{http, links};
    use gloo_net::http::Method;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use std::cell::RefCell;
    use std::rc::{Rc, Weak};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::Closure;
    use web_sys::VisibilityState;

    /// Between looks at the clock.
    const TICK_MS: i32 = 500;
    /// Between looks at the server.
    const LOOK_EVERY_MS: i64 = 10_000;
    /// An answer is waited for no longer.
    const PATIENCE_MS: i64 = 20_000;
    /// Figures that are due are asked for no sooner than this after the last ones.
    const REST_MS: i64 = 10_000;
    /// A floor of screens does not ask in one instant.
    const APART_MS: f64 = 5_000.0;
    /// An answer tells the second only: what differs by less says nothing against what is reckoned.
    const GRAIN_MS: i64 = 1_500;

    fn clocks() -> Clocks {
        let steady_ms = window().performance().map_or(0.0, |performance| performance.now());
        Clocks { wall_ms: js_sys::Date::now(), steady_ms }
    }

    fn is_hidden() -> bool {
        document().visibility_state() == VisibilityState::Hidden
    }

    /// What is under way.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Under {
        Nothing,
        Figures,
        Look,
    }

    /// All that ends with the page.
    struct Asker {
        feed: Feed,
        every_ms: i64,
        address: String,
        take: Take,
        under: Under,
        /// Counts what was begun: of several answers only that of the last one is taken.
        turn: u32,
        /// When something was last begun.
        begun: Clocks,
        /// Figures are due so long after that…
        wait_ms: i64,
        /// …moment.
        since: Clocks,
        back_off: BackOff,
        seen_wishes: u32,
        was_hidden: bool,
        ticker: Option<Ticker>,
    }

    /// The interval and the tab's visibility; both stop when dropped.
    struct Ticker {
        interval: i32,
        on_tick: Closure<dyn FnMut()>,
    }

    impl Drop for Ticker {
        fn drop(&mut self) {
            window().clear_interval_with_handle(self.interval);
            // Removing a listener that was added does not fail.
            let _ = document()
                .remove_event_listener_with_callback("visibilitychange", self.on_tick.as_ref().unchecked_ref());
        }
    }

    type Shared = Rc<RefCell<Asker>>;

    pub fn follow(feed: Feed, every_ms: i64, asked: Asked, take: Take) {
        let Asked { address, when } = asked;
        let now = clocks();
        let asker = Rc::new(RefCell::new(Asker {
            feed,
            every_ms,
            address,
            take,
            under: Under::Nothing,
            turn: 0,
            begun: now,
            wait_ms: every_ms,
            since: now,
            back_off: BackOff::default(),
            seen_wishes: feed.pulse.with_untracked(|pulse| pulse.wishes),
            was_hidden: is_hidden(),
            ticker: None,
        }));
        let ticker = start_ticker(&asker);
        asker.borrow_mut().ticker = ticker;
        match when {
            When::AtOnce => begin(&asker, Under::Figures),
            // The server's clock is not known before its first answer.
            When::WhenDue => begin(&asker, Under::Look),
        }
        // The effect's owner holds the only strong reference: when the page goes, or the address changes, so does this.
        let held = StoredValue::new_local(asker);
        // A wish is acted on at once, not at the next tick.
        let wishes = Memo::new(move |_| feed.pulse.with(|pulse| pulse.wishes));
        Effect::new(move |_| {
            let wishes = wishes.get();
            held.with_value(|asker| {
                if asker.borrow().seen_wishes != wishes {
                    tick(asker);
                }
            });
        });
    }

    fn start_ticker(asker: &Shared) -> Option<Ticker> {
        let weak = Rc::downgrade(asker);
        let on_tick = Closure::<dyn FnMut()>::new(move || {
            if let Some(asker) = weak.upgrade() {
                tick(&asker);
            }
        });
        let callback = on_tick.as_ref().unchecked_ref();
        let interval = window().set_interval_with_callback_and_timeout_and_arguments_0(callback, TICK_MS).ok()?;
        document().add_event_listener_with_callback("visibilitychange", callback).ok()?;
        Some(Ticker { interval, on_tick })
    }

    /// Looks at the clock: the age, what is due, whether anyone looks.
    fn tick(asker: &Shared) {
        let now = clocks();
        let hidden = is_hidden();
        let next = {
            let mut a = asker.borrow_mut();
            let came_back = std::mem::replace(&mut a.was_hidden, hidden) && !hidden;
            let wishes = a.feed.pulse.with_untracked(|pulse| pulse.wishes);
            let is_asked = std::mem::replace(&mut a.seen_wishes, wishes) != wishes;
            let waited = now.since_ms(a.begun);
            let is_late = a.under != Under::Nothing && waited > PATIENCE_MS;
            let is_due = now.since_ms(a.since) >= a.wait_ms;
            match a.under {
                _ if hidden => Next::Rest,
                _ if is_late => Next::GiveUp,
                Under::Figures => Next::Rest,
                Under::Nothing | Under::Look if is_asked || came_back || is_due => Next::Begin(Under::Figures),
                Under::Nothing if waited >= LOOK_EVERY_MS => Next::Begin(Under::Look),
                Under::Nothing | Under::Look => Next::Rest,
            }
        };
        match next {
            Next::Begin(under) => begin(asker, under),
            Next::GiveUp => lose(asker),
            Next::Rest => {}
        }
        age(&asker.borrow(), now);
    }

    enum Next {
        Begin(Under),
        GiveUp,
        Rest,
    }

    fn begin(asker: &Shared, under: Under) {
        let (turn, address) = {
            let mut a = asker.borrow_mut();
            a.turn = a.turn.wrapping_add(1);
            a.under = under;
            a.begun = clocks();
            (a.turn, a.address.clone())
        };
        let weak = Rc::downgrade(asker);
        spawn_local(async move {
            let answer = match under {
                Under::Figures => http::get(&address).await,
                Under::Look | Under::Nothing => http::send(Method::HEAD, "/healthz", &[]).await,
            };
            answered(&weak, turn, under, answer);
        });
    }

    fn answered(weak: &Weak<RefCell<Asker>>, turn: u32, under: Under, answer: Option<http::Answer>) {
        let Some(asker) = weak.upgrade().filter(|asker| asker.borrow().turn == turn) else { return };
        let Some(answer) = answer.filter(|answer| answer.status < 500 && answer.status != 429) else {
            return lose(&asker);
        };
        asker.borrow_mut().under = Under::Nothing;
        reckon(&asker.borrow(), &answer);
        match (under, answer.status) {
            (Under::Figures, 200) => take(&asker, &answer.text),
            // Who asks is to say who they are, or there is no such page: its document says so.
            (Under::Figures, _) => links::load_anew(),
            (Under::Look | Under::Nothing, _) => {
                let was_lost = link_of(&asker) == Link::Lost;
                let has_none = asker.borrow().feed.top.with_untracked(|top| top.received) == Received::Nothing;
                if was_lost || has_none {
                    begin(&asker, Under::Figures);
                } else {
                    set_link(&asker, Link::Open);
                }
            }
        }
        age(&asker.borrow(), clocks());
    }

    /// Sets the server's clock, where it is not known better.
    fn reckon(a: &Asker, answer: &http::Answer) {
        let (Some(at), now) = (answer.at, clocks()) else { return };
        let known = a.feed.server.get_value().map(|(then, came)| then + Span::millis(now.since_ms(came)));
        let is_off = known.is_none_or(|known| (known - at).as_millis().abs() > GRAIN_MS);
        if is_off {
            a.feed.server.set_value(Some((at, now)));
        }
    }

    fn take(asker: &Shared, text: &str) {
        let taken = (asker.borrow().take)(text);
        let now = clocks();
        match taken {
            Ok(as_of) => {
                let mut a = asker.borrow_mut();
                a.back_off.succeeded();
                a.since = now;
                let age = server_now(&a, now).map_or(0, |server| server.since(as_of).as_millis());
                a.wait_ms = (a.every_ms - age).max(REST_MS) + apart();
                drop(a);
                set_link(asker, Link::Open);
            }
            Err(reason) => {
                leptos::logging::warn!("the figures could not be read: {reason}");
                lose(asker);
            }
        }
    }

    #[allow(clippy::cast_possible_truncation)] // a few seconds
    fn apart() -> i64 {
        (js_sys::Math::random() * APART_MS) as i64
    }

    /// No answer, or none that can be used: the page says so, and it is tried again.
    fn lose(asker: &Shared) {
        {
            let mut a = asker.borrow_mut();
            a.turn = a.turn.wrapping_add(1);
            a.under = Under::Nothing;
            a.since = clocks();
            a.wait_ms = a.back_off.next_wait_ms(js_sys::Math::random());
        }
        set_link(asker, Link::Lost);
        age(&asker.borrow(), clocks());
    }

    fn link_of(asker: &Shared) -> Link {
        asker.borrow().feed.pulse.with_untracked(|pulse| pulse.link)
    }

    fn set_link(asker: &Shared, link: Link) {
        let feed = asker.borrow().feed;
        if feed.pulse.with_untracked(|pulse| pulse.link) != link {
            feed.pulse.update(|pulse| pulse.link = link);
        }
    }

    fn server_now(a: &Asker, now: Clocks) -> Option<Moment> {
        a.feed.server.get_value().map(|(at, came)| at + Span::millis(now.since_ms(came)))
    }

    /// The age of what is shown. Where the server's time is not known the figures are at least as old as this page.
    #[allow(clippy::cast_possible_truncation)]
    fn age(a: &Asker, now: Clocks) {
        let (as_of, link) =
            (a.feed.top.with_untracked(|top| top.as_of), a.feed.pulse.with_untracked(|pulse| pulse.link));
        let server = match (server_now(a, now), link) {
            (Some(server), _) => server,
            (None, Link::Painted | Link::Opening) => return,
            (None, Link::Open | Link::Lost | Link::Hidden) => as_of + Span::millis(now.steady_ms as i64),
        };
        let age_ms = Some(server.since(as_of).as_millis());
        a.feed.pulse.update(|pulse| (pulse.now, pulse.age_ms) = (Some(server), age_ms));
    }
}
