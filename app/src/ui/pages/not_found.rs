//! What stands where no page is. The server answers 404 with it.

use super::HOME;
use leptos::prelude::*;

pub fn page() -> AnyView {
    view! {
        <section class="plain">
            <h1>"There is no page at this address"</h1>
            <p>"It may have moved, or the link may be incomplete. " <a href=HOME>"Go to the live view"</a> "."</p>
        </section>
    }
    .into_any()
}
