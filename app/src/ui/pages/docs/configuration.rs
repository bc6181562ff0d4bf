//! Every key of the configuration, and where what one may look for is set elsewhere.

use super::{ConfigKey, part, row, table};
use crate::ui::parts::code::{code, worded};
use leptos::prelude::*;

const FILE: &str = "listen = \"127.0.0.1:8080\"
zone = \"America/New_York\"        # days begin by it, times are shown in it

[trunks.carrier-a]               # the trunk as its samples call it
route = \"alpha\"                  # whose channels and state these are
capacity = 120                   # channels, where samples don’t say

[links]
media-1 = \"https://grafana.example/d/media-1\"
";

/// What is no key of the file.
const ELSEWHERE: [(&str, &str); 4] = [
    (
        "thresholds",
        "Bands are those of `/api/v1/kpis`, which says each with its source; they are the same for everybody and no key changes them. A campaign’s own limit of abandoned calls is told by `campaign.updated`, `limit`: it moves the budget of calls that may still be abandoned, not the colours of the rate. From when on the worker counts as slow is told by `source.worker[].slow_ms`",
    ),
    ("zone", "`zone`: kept in the database; another one is taken by `ringside rebuild --zone`"),
    (
        "names",
        "What campaigns and routes are called is told by `campaign.updated` and `route.updated`, `name`; what VICIdial calls a campaign stands in `control.vicidial[].names`",
    ),
    (
        "secrets",
        "Each also comes from a file (`…_file`) or the environment (`RINGSIDE_INGEST_KEY`, `RINGSIDE_READ_KEY`, `RINGSIDE_CONTROL_KEY`, `RINGSIDE_DATABASE_PASSWORD`, each also with `_FILE`)",
    ),
];

pub(super) fn view(keys: &[ConfigKey]) -> AnyView {
    let rows =
        keys.iter().map(|key| row(Some(format!("config-{}", key.path)), key.path, &[key.takes, key.words])).collect();
    let elsewhere = ELSEWHERE.iter().map(|(name, words)| row(None, name, &[words])).collect();
    let body = view! {
        <p>
            {worded("A TOML file, named by `--config FILE` or `RINGSIDE_CONFIG`. The command line goes before the environment, and that before the file. `ringside check` prints what is in force, `ringside --help` names every key; an unknown one is an error that names its neighbour.")}
        </p>
        {code("config-file".to_owned(), "a configuration file", FILE.to_owned())}
        {table(&["Key", "Takes", "What it says"], "Keys of the configuration".to_owned(), rows)}
        <h3>"Where to look for"</h3>
        {table(&["What", "Where"], "Where to look for".to_owned(), elsewhere)}
    };
    part("configuration", body.into_any())
}
