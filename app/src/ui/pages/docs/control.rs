//! What a dialer of one's own is asked when somebody pauses a campaign, and what it answers.

use super::part;
use crate::contract::{ASKED, ASKED_HEADERS};
use crate::ui::parts::code::{code, worded};
use leptos::prelude::*;

const FILE: &str = "[[control.http]]\nurl = \"https://dialer.example/api/campaigns/{{ campaign }}/{{ action }}\"\n";

pub(super) fn view() -> AnyView {
    let body = view! {
        <p>
            {worded("A campaign can be paused on the monitor once its dialer can be asked. The least that one needs, in the file of `--config`; every key is under Configuration:")}
        </p>
        {code("control-file".to_owned(), "a dialer that can be asked", FILE.to_owned())}
        <p>{worded("Then `POST /api/v1/campaigns/solar-west/pause`, or a tap on the switch, makes this request:")}</p>
        {code("control-request".to_owned(), "what the dialer is asked", format!("{ASKED_HEADERS}\n{ASKED}\n"))}
        <p>
            {worded("`Idempotency-Key` and `request` are the same: the request’s id, by which a dialer that heard it twice can tell. `action` is `pause` or `resume`, `at` when it was asked. Another body, method or header is a template of the table; what is in braces brings its own quotes in JSON.")}
        </p>
        <p>
            {worded("`confirm` says what counts as the dialer’s word. Without it `event`: the answer 200 or 202 means that it was heard, and `campaign.updated` with `status` `paused` or `active` that it is done; until then the page says requested. With `confirm = \"answer\"` 200 is its word, and 202 is not.")}
        </p>
    };
    part("control", body.into_any())
}
