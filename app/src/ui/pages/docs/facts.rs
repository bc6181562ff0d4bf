//! What is counted: every fact, whose it is and by which moment it is dated, and what codes make of a call.

use super::{part, row, table};
use crate::contract::{CodeWords, q850_causes, sip_codes};
use crate::domain::Fact;
use leptos::prelude::*;

pub(super) fn view() -> AnyView {
    let facts = Fact::ALL
        .iter()
        .map(|fact| {
            let (whose, dated) = (fact.whose().words(), fact.dated().words());
            row(Some(format!("fact-{}", fact.name())), fact.name(), &[whose, dated, fact.help()])
        })
        .collect();
    let codes = |rows: Vec<CodeWords>| rows.iter().map(|c| row(None, &c.codes, &[&c.outcome, &c.fault])).collect();
    let body = view! {
        <p>
            "Every figure is made of these counts: "<code>"/api/v1/facts"</code>". A call adds to each once, in the bucket of the moment by which "
            "the fact is dated; when a late event changes it, what it added is taken back. Who waits now is no fact: that is "
            "the figure " <code>"callers_waiting"</code> "."
        </p>
        {table(&["Fact", "Calls", "Dated by", "Counts"], "Facts".to_owned(), facts)}
        <h3 id="codes">"What codes make of a call that was never answered"</h3>
        <p>
            "The outcome that is told goes before; else the SIP response decides, and where that means nothing by itself the Q.850 cause. An "
            "inbound call that would be failed without a fault of the network is no_answer. Route faults are of the SIP response alone, and "
            "where none is known of cause 102: other causes may come from either end. Telling the SIP response as well tells them apart."
        </p>
        {table(&["SIP response", "Outcome", "Route fault"], "SIP responses".to_owned(), codes(sip_codes()))}
        {table(&["Q.850 cause", "Outcome", "Route fault, no SIP response known"], "Q.850 causes".to_owned(), codes(q850_causes()))}
    };
    part("facts", body.into_any())
}
