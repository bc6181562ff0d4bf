//! The rooms of the server stand on one another as its list says: what a room is made of lies below it. Read from the
//! sources, so that an import against the flow fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up, and what each is for: a room may use those before it. A room of one file is named by it.
const ROOMS: [(&str, &str); 25] = [
    ("version", "which version this is"),
    ("say", "what is said on the terminal"),
    ("clock", "the clock, the system's or one set by hand"),
    ("vital", "what a server can't go on without"),
    ("kit", "secrets, masking, token buckets, sheets"),
    ("telemetry", "counters, and the log"),
    ("client", "the way out to other servers"),
    ("law", "dated facts of calls, agents and components, and whose sums they are"),
    ("board", "what is live, as sums, and the frames made of it"),
    ("audit", "what somebody changed, and the chain of it"),
    ("store", "reading and writing halves; the only room with SQL"),
    ("ingest", "one writer: a queue, commits, acknowledgements"),
    ("live", "the task that owns the board, and the hub of its frames"),
    ("figures", "the read path: figures by key and over time, days, trends, replays"),
    ("access", "who asks, what they may, and how much one client may have"),
    ("source", "what vendors say, made events; nobody else but `control` knows them"),
    ("control", "pause and resume, out to the dialer"),
    ("import", "files of the past"),
    ("tools", "verify, rebuild, and the audit of figures beside the server"),
    ("http", "every route, its limits and who may"),
    ("config", "the file, the environment, the command line"),
    ("measures", "what `/metrics` tells of all rooms"),
    ("command", "the commands that are no server, and what `demo` adds to one"),
    ("main", "the assembly"),
    ("lib", "the list of modules"),
];
/// Where the README has the list, and how to write it there anew.
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const BEGIN: &str = "<!-- rooms: `cargo test -p app -p server --test all rooms -- --ignored` writes this list -->\n";
const END: &str = "<!-- end of rooms -->";

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
fn the_readme_lists_the_rooms_as_they_are() -> Result<(), Box<dyn Error>> {
    let readme = fs::read_to_string(README)?;
    let (_, listed, _) = around_the_list(&readme)?;
    assert_eq!(
        listed,
        list()?,
        "the README's list of rooms is not that of the sources; its first line says how to mend it"
    );
    Ok(())
}

/// No test: it writes the README's list of rooms.
#[test]
#[ignore = "writes README.md"]
fn write_the_readmes_list_of_rooms() -> Result<(), Box<dyn Error>> {
    let readme = fs::read_to_string(README)?;
    let (before, _, after) = around_the_list(&readme)?;
    fs::write(README, format!("{before}{}{after}", list()?))?;
    Ok(())
}

/// The README up to its list of rooms, the list, and the rest.
fn around_the_list(readme: &str) -> Result<(&str, &str, &str), &'static str> {
    let begin = readme.find(BEGIN).ok_or("the README has no list of rooms")? + BEGIN.len();
    let end = begin + readme[begin..].find(END).ok_or("the README's list of rooms has no end")?;
    Ok((&readme[..begin], &readme[begin..end], &readme[end..]))
}

/// The rooms from the top down, what each is for, and which it uses, as the sources say.
fn list() -> Result<String, Box<dyn Error>> {
    let mut uses: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (path, text) in sources()? {
        let room = room_of(&path);
        let mut others = used(outside_tests(&text));
        others.remove(&room);
        uses.entry(room).or_default().extend(others.iter().filter_map(|other| place(other)));
    }
    let mut list = "| room | what it is for | uses |\n| --- | --- | --- |\n".to_owned();
    for (room, what) in ROOMS.iter().rev() {
        let used = uses.get(*room).into_iter().flatten().rev().map(|place| ROOMS[*place].0);
        list += &format!("| `{room}` | {what} | {} |\n", used.collect::<Vec<_>>().join(", "));
    }
    Ok(list)
}

#[test]
fn what_is_read_are_the_imports() {
    let text = "use crate::kit::mask::Veil;\n#[cfg(test)]\nmod testing;\nuse super::x;\nlet a = crate::store::read::X;\n#[cfg(test)]\nmod tests {\n use crate::http;\n}";
    assert_eq!(used(outside_tests(text)), BTreeSet::from(["kit".to_owned(), "store".to_owned()]));
    assert!(place("kit") < place("store") && place("nowhere").is_none());
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(each, _)| *each == room)
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
    // The binary names the library by its name.
    let named = text.split("crate::").skip(1).chain(text.split("use server::").skip(1));
    named.map(of).filter(|room| !room.is_empty()).collect()
}
