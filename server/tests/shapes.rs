//! Files in the shapes that people have, each imported by the built program: what becomes of each row, in the import's own
//! words; and twice is once.
#![allow(clippy::unwrap_used)]

use app::domain::{Call, Moment};
use server::store::any::{self, Database};
use server::store::read::{CallQuery, Reader};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with a database, whose calls are kept as long as files may be old.
struct Bench {
    folder: TempDir,
}

/// What an import came to.
struct Imported {
    code: Option<i32>,
    said: String,
    /// What became of each row, as `LINE FATE: WORDS`.
    rows: Vec<String>,
}

fn shapes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("ringside.toml"), "[retention]\ncalls_days = 36500\n").unwrap();
        Self { folder }
    }

    fn command(&self, file: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringside"));
        command.arg("import").arg(file).args(["--database", "sqlite:floor.db", "--config", "ringside.toml"]);
        command.args(["--explain", "explained.csv"]).args(args);
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn import(&self, file: &Path, args: &[&str]) -> Imported {
        let output = self.command(file, args).output().unwrap();
        let explained = std::fs::read_to_string(self.folder.path().join("explained.csv")).unwrap_or_default();
        let mut rows = csv::Reader::from_reader(explained.as_bytes());
        let row = |row: csv::StringRecord| format!("{} {}: {}", &row[1], &row[2], &row[3]);
        let rows = rows.records().map(|record| row(record.unwrap())).collect();
        Imported { code: output.status.code(), said: said(&output), rows }
    }

    async fn calls(&self) -> BTreeMap<String, Call> {
        let database = Database::Sqlite(self.folder.path().join("floor.db"));
        let (_writer, reader) = any::open(&database, chrono_tz::UTC).await.unwrap();
        let all = reader.calls(&CallQuery { limit: 1_000, ..CallQuery::default() }).await.unwrap();
        all.into_iter().map(|filed| (filed.name.call_id.to_string(), filed.call)).collect()
    }
}

/// Imports a file twice, and sees that the second time changes nothing.
async fn twice(file: &Path, args: &[&str], code: i32) -> (Imported, BTreeMap<String, Call>) {
    let bench = Bench::new();
    let first = bench.import(file, args);
    assert_eq!(first.code, Some(code), "{}", first.said);
    let calls = bench.calls().await;
    let again = bench.import(file, args);
    assert!(again.said.contains(": 0 events new, ") || again.said.contains(" 0 events new, "), "{}", again.said);
    assert_eq!((again.code, &again.rows), (Some(code), &first.rows));
    let after = bench.calls().await;
    assert_eq!(after.keys().collect::<Vec<_>>(), calls.keys().collect::<Vec<_>>());
    (first, calls)
}

const US: [&str; 6] = ["--source", "p", "--file-zone", "UTC", "--country", "US"];

fn at(text: &str) -> Option<Moment> {
    Some(Moment::parse(text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_has_many_names() {
    let (imported, calls) = twice(&shapes().join("zeros.csv"), &US, 0).await;
    let answered: Vec<&str> =
        calls.iter().filter(|(_, call)| call.answered_at.is_some()).map(|(name, _)| name.as_str()).collect();
    assert_eq!((calls.len(), answered), (4, vec!["b"]), "{}", imported.said);
    assert_eq!(calls["c"].started_at, at("2026-11-29T10:00:00Z"));
    assert_eq!(calls["d"].ended_at, None);
    assert!(imported.said.contains("Warning: 1 calls begin and do not end in the file"), "{}", imported.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_read_as_people_write_them_and_headers_in_any_case() {
    let (imported, calls) = twice(&shapes().join("times.csv"), &US, 3).await;
    for (call, start) in [
        ("slashes", "2024-04-30T06:27:28Z"),
        ("short", "2020-02-10T22:41:00Z"),
        ("utc", "2026-11-29T10:00:00Z"),
        ("west", "2026-11-29T09:59:54.23216Z"),
    ] {
        assert_eq!(calls[call].started_at, at(start), "{call}");
    }
    assert_eq!((calls.len(), calls["west"].answered_at), (4, at("2026-11-29T10:00:04.5Z")));
    assert!(imported.rows[4].starts_with("6 rejected: started_at: its year comes last"), "{:?}", imported.rows);
    assert!(imported.rows[4].ends_with(": `##/##/#### ##:##:##`"), "{:?}", imported.rows);
    assert_eq!(imported.rows[5], "7 rejected: started_at: missing");
    assert!(
        imported.said.contains("Not taken: 2 of the 6 rows that tell of calls, more than 5 %"),
        "{}",
        imported.said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn latin_1_is_read_and_said_and_bytes_may_be_packed() {
    let (imported, calls) = twice(&shapes().join("latin.csv"), &US, 0).await;
    assert_eq!(calls["1"].disposition.get().unwrap().as_str(), "répondu");
    assert_eq!(calls["1"].sip_reason.get().unwrap().as_str(), "Numéro occupé");
    assert!(imported.said.contains("1 rows are no UTF-8 and were read as Latin-1"), "{}", imported.said);

    let folder = TempDir::new().unwrap();
    let packed = folder.path().join("latin.csv.gz");
    let mut gz = flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::default());
    gz.write_all(&std::fs::read(shapes().join("latin.csv")).unwrap()).unwrap();
    gz.finish().unwrap();
    let told: Vec<&str> = US.into_iter().chain(["--encoding", "latin1", "--delimiter", ";"]).collect();
    let (imported, calls) = twice(&packed, &told, 0).await;
    assert_eq!(calls["1"].disposition.get().unwrap().as_str(), "répondu");
    assert!(!imported.said.contains("UTF-8"), "{}", imported.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_kept_in_a_file() {
    let mapping = shapes().join("freepbx.toml");
    let (imported, calls) = twice(&shapes().join("freepbx.csv"), &["--mapping", mapping.to_str().unwrap()], 3).await;
    let answered = &calls["1795946400.2"];
    assert_eq!((answered.answered_at, answered.ended_at), (at("2026-11-29T10:00:12Z"), at("2026-11-29T10:01:47Z")));
    assert_eq!(
        (answered.campaign.get().unwrap().as_str(), answered.to.get().unwrap().reveal()),
        ("SPRING", "+12025550140")
    );
    assert_eq!(calls["1795946520.4"].answered_at, None);
    assert!(
        imported.rows[2].starts_with("4 rejected: outcome:") && imported.rows[2].ends_with("`GONE`"),
        "{:?}",
        imported.rows
    );
    // What is told goes before what is kept.
    let told = [
        "--mapping",
        mapping.to_str().unwrap(),
        "--map",
        "outcome=disposition:GONE=failed,ANSWERED=answered",
        "--set",
        "campaign=X",
    ];
    let (imported, calls) = twice(&shapes().join("freepbx.csv"), &told, 0).await;
    assert_eq!(
        (calls.len(), calls["1795946580.6"].campaign.get().unwrap().as_str()),
        (3, "SPRING"),
        "{}",
        imported.said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_shown_twice_is_placed_by_the_ids_own_seconds() {
    let rome = ["--source", "p", "--file-zone", "Europe/Rome", "--country", "US", "--carrier", "SIP/c1=c1"];
    let (imported, calls) = twice(&shapes().join("doubled.csv"), &rome, 0).await;
    let mut starts: Vec<Option<Moment>> = calls.values().map(|call| call.started_at).collect();
    starts.sort();
    assert_eq!(starts, [at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")]);
    assert!(imported.said.contains("2 by the second of their id"), "{}", imported.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclosed_quote_names_the_lines_that_it_took_and_they_are_read() {
    let (imported, calls) = twice(&shapes().join("unclosed.csv"), &US, 3).await;
    assert_eq!(calls.keys().collect::<Vec<_>>(), ["a", "c", "d", "f"]);
    assert_eq!(calls["d"].disposition.get().unwrap().as_str(), "two\nlines");
    let rejected: Vec<&String> = imported.rows.iter().filter(|row| row.contains(" rejected: ")).collect();
    assert!(
        rejected[0].starts_with("3 rejected: a quote in it is never closed: it took line 4 for a part"),
        "{rejected:?}"
    );
    assert!(
        rejected[1].starts_with("7 rejected: a quote in it is never closed: it took line 8 for a part"),
        "{rejected:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_no_route_are_listed_with_what_they_name_and_the_option_that_would_take_them() {
    let told: Vec<&str> = US.into_iter().chain(["--carrier", "SIP/c1=c1"]).collect();
    let (imported, calls) = twice(&shapes().join("no_route.csv"), &told, 3).await;
    assert_eq!(calls.len(), 1);
    assert!(imported.said.contains("Of no call of ours: 1: between telephones of the house"), "{}", imported.said);
    assert!(imported.said.contains("Of no route: 2 calls; they name "), "{}", imported.said);
    assert!(imported.said.contains("PJSIP/trunk") && imported.said.contains("--carrier "), "{}", imported.said);
    assert!(!imported.said.contains("2025550141"), "a person's number: {}", imported.said);
    assert!(
        imported.rows.iter().any(|row| row.starts_with("4 no_route: names ") && row.contains("PJSIP/trunk")),
        "{:?}",
        imported.rows
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_read_as_people_write_them() {
    let (imported, calls) = twice(&shapes().join("numbers.csv"), &US, 3).await;
    let to = |call: &str| calls[call].to.get().map(|number| number.reveal().to_owned());
    let from = |call: &str| calls[call].from.get().map(|number| number.reveal().to_owned());
    assert_eq!((to("1").as_deref(), from("1").as_deref()), (Some("+442079460018"), Some("+12025550113")));
    assert_eq!((to("2"), from("2"), to("3"), from("3")), (None, None, None, None));
    assert!(
        imported.rows[3].starts_with("5 rejected: to: not a number") && !imported.rows[3].contains("2025550187"),
        "{:?}",
        imported.rows
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_may_go() {
    let bench = Bench::new();
    let args: Vec<&str> = US.into_iter().collect();
    let mut child = bench
        .command(&shapes().join("times.csv"), &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody reads a word of either.
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(3), "as where somebody listens, and no panic (101)");
    assert_eq!(bench.calls().await.len(), 4);
}
