//! A clock that is set back, by an operator or a time server: what was told of the time after is then still to come.
//!
//! The live state's time never goes back by itself, and would stand still until the clock has come up to it. Instead it
//! begins anew at the time that the clock shows, with what the store holds, as after a restart. What was judged by the later
//! time stays so; dates of events are their senders'.

use super::ledger::Ledger;
use super::live_feed::LiveFeed;
use crate::clock::Clock;
use crate::law::change::Anew;
use crate::store::write::WriteStore;
use app::domain::Span;

/// A clock that goes back by less is waited for.
const WAITED_FOR: Span = Span::secs(2);

/// Looks whether the clock was set back, and if so has the live state begin anew.
pub(super) async fn mind_the_clock<S: WriteStore>(clock: &Clock, ledger: &mut Ledger<S>, live: &LiveFeed) {
    // Not only what this task has seen of it: a clock that was ahead for a moment has moved the live state on.
    let (now, latest) = (clock.now(), clock.latest_shown());
    if now >= latest - WAITED_FOR || !ledger.is_trusted() {
        return;
    }
    match ledger.last_hour(now).await {
        Ok(mut all) => {
            let seconds = (latest - now).as_secs();
            tracing::warn!(seconds, "the clock was set back; the live state begins anew at the time it shows now");
            clock.forget_later(now);
            all.begins_anew = Some(Anew::SetBack(now));
            live.tell(all).await;
        }
        Err(error) => {
            ledger.distrust();
            tracing::warn!(%error, "the clock was set back, and the last hour could not be read; it is tried again");
        }
    }
}
