//! The rooms of the server stand on one another as its list says: what a room is made of lies below it. Read from the
//! sources, so that an import against the flow fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up: a room may use those before it. A room of one file is named by it.
const ROOMS: [&str; 25] = [
    "version",
    "say",
    "clock",
    "vital",
    "kit",
    "telemetry",
    "client", // small things that all rooms need
    "law",    // dated facts of calls, agents, components
    "board",  // what is live, as sums, and the frames made of it
    "audit",  // what somebody changed, and the chain of it
    "store",  // the only room with SQL
    "ingest",
    "live",    // one writer, one board
    "figures", // the read path
    "access",  // who asks
    "source",  // the only room, with `control`, that knows vendors
    "control", // out to the dialer
    "import",  // files of the past
    "tools",   // verify, rebuild, and the audit beside the server
    "http",
    "config",
    "measures",
    "command",
    "main",
    "lib",
];

#[test]
fn no_room_uses_one_above_it() -> Result<(), Box<dyn Error>> {
    let mut unlisted = BTreeSet::new();
    let mut upwards = BTreeMap::new();
    for (path, text) in sources()? {
        let room = room_of(&path);
        let Some(place) = place(&room) else {
            unlisted.insert(room);
            continue;
        };
        for used in used(outside_tests(&text)) {
            // What is no room is a macro of the crate's root: `say!`, `aside!`.
            if self::place(&used).is_some_and(|other| other > place) {
                upwards.entry(format!("{room} uses {used}")).or_insert(path.clone());
            }
        }
    }
    assert!(unlisted.is_empty(), "rooms that are not in the list: {unlisted:?}");
    assert!(upwards.is_empty(), "against the flow: {upwards:#?}");
    Ok(())
}

/// Rooms that answer to whoever asks, whatever the wire.
const WITHOUT_HTTP: [&str; 6] = ["law", "board", "store", "ingest", "live", "figures"];

#[test]
fn below_the_edge_nobody_knows_of_http() -> Result<(), Box<dyn Error>> {
    let knows = |text: &str| outside_tests(text).split("axum").skip(1).any(|rest| rest.starts_with("::"));
    let knowing = sources()?.into_iter().filter(|(_, text)| knows(text)).map(|(path, _)| path);
    let wrong: Vec<PathBuf> = knowing.filter(|path| WITHOUT_HTTP.contains(&room_of(path).as_str())).collect();
    assert!(wrong.is_empty(), "these speak HTTP: {wrong:?}");
    Ok(())
}

#[test]
fn what_is_read_are_the_imports() {
    let text = "use crate::kit::mask::Veil;\n#[cfg(test)]\nmod testing;\nuse super::x;\nlet a = crate::store::read::X;\n#[cfg(test)]\nmod tests {\n use crate::http;\n}";
    assert_eq!(used(outside_tests(text)), BTreeSet::from(["kit".to_owned(), "store".to_owned()]));
    assert!(place("kit") < place("store") && place("nowhere").is_none());
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|each| *each == room)
}

/// The sources by their paths below `src`, without those that are tests alone.
fn sources() -> Result<Vec<(PathBuf, String)>, Box<dyn Error>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![src.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if is_test(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push((path.strip_prefix(&src)?.to_owned(), fs::read_to_string(&path)?));
            }
        }
    }
    assert!(sources.len() > 100, "the sources are not where they were");
    Ok(sources)
}

/// Files and folders that are compiled for tests only.
fn is_test(name: &str) -> bool {
    matches!(name, "tests" | "testing" | "fuzz" | "fixtures") || name.ends_with("_tests") || name.ends_with("_script")
}

fn room_of(path: &Path) -> String {
    let first = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// A file's tests stand at its end. Modules of tests that have files of their own are declared anywhere, and skipped.
fn outside_tests(text: &str) -> &str {
    let opens = |rest: &str| {
        let declared = rest.lines().skip(1).find(|line| !line.starts_with("#["));
        declared.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
    };
    let end = text.match_indices("#[cfg(test)]\n").map(|(at, _)| at).find(|at| opens(&text[*at..]));
    &text[..end.unwrap_or(text.len())]
}

/// The rooms that a text names.
fn used(text: &str) -> BTreeSet<String> {
    let of = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    text.split("crate::").skip(1).map(of).filter(|room| !room.is_empty()).collect()
}
