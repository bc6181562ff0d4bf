//! Files in the shapes that people have, each imported by the built program: what becomes of each row, in the import's own
//! words; and twice is once.
#![allow(clippy::unwrap_used)]

use app::domain::outcome::Outcome;
use app::domain::{Call, CannotTell, Moment};
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
    assert!(imported.rows[4].ends_with(": `30/04/2024 06:27:28`"), "{:?}", imported.rows);
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

/// The fates of all rows, as the import tells them.
fn assert_fates(imported: &Imported, expected: &[&str]) {
    assert_eq!(imported.rows, expected, "{}", imported.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_a_freepbx_is_read_and_each_row_names_its_call() {
    let told: Vec<&str> = US.into_iter().chain(["--carrier", "trunk-a=a", "--carrier", "trunk-b=b"]).collect();
    let (imported, calls) = twice(&shapes().join("freepbx_cdr.csv"), &told, 0).await;
    assert_fates(
        &imported,
        &[
            "1 header: names the columns",
            // Two telephones rang, and one was picked up.
            "2 told: 1795946400.1: inbound, route a, answered, agent 1002, ended",
            "3 with_others: belongs to 1795946400.1, told with line 2",
            // Both sides of one dialling.
            "4 told: 1795946460.5: outbound, route a, answered, agent 1042, ended",
            "5 with_others: belongs to 1795946460.5, told with line 4",
            "6 no_call: between telephones of the house",
            // Refused before it had a channel.
            "7 told: 1795946580.8/PJSIP/trunk-a@1795946580: outbound, route a, failed, ended",
            // A queue answered, and nobody took it.
            "8 told: 1795946640.9: inbound, route a, queued, answered, ended",
            // An announcement is nobody.
            "9 told: 1795946700.10: inbound, route a, no_answer, ended",
            // Dialled by two carriers at once.
            "10 told: 1795946760.11/PJSIP/trunk-b-0000000d: outbound, route b, answered, agent 1042, ended",
            "11 with_others: belongs to 1795946760.11/PJSIP/trunk-b-0000000d, told with line 10",
            "12 told: 1795946820.14: of no direction, route a, answered, agent 1001, ended",
        ],
    );
    assert!(imported.said.contains("freepbx_cdr.csv: 11 rows: 7 events new"), "a header is no row: {}", imported.said);
    let given_up = &calls["1795946640.9"];
    assert_eq!((given_up.agent.get(), given_up.bridged_at, given_up.outcome.get()), (None, None, None));
    assert_eq!((calls.len(), calls["1795946700.10"].answered_at), (7, None));
    assert!(
        imported.said.contains("Of no direction: 1 calls") && imported.said.contains("--inbound-context"),
        "{}",
        imported.said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_cdr_custom_with_semicolons_and_offsets() {
    let told: Vec<&str> = US.into_iter().chain(["--carrier", "SIP/c1=c1"]).collect();
    let (imported, calls) = twice(&shapes().join("custom_cdr.csv"), &told, 3).await;
    assert_fates(
        &imported,
        &[
            "1 told: 1795946400.2/SIP/c1-40: outbound, route c1, answered, agent 1042, ended",
            "2 told: 1795946520.4/SIP/c1-41: outbound, route c1, busy, ended",
            "3 rejected: start: its year comes last, so that day and month can't be told apart: say with --dates which comes first: `29/11/2026 10:03:00`",
        ],
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclosed_quote_in_a_cdr_names_the_lines_that_it_took() {
    let told: Vec<&str> = US.into_iter().chain(["--carrier", "SIP/c1=c1"]).collect();
    let (imported, calls) = twice(&shapes().join("unclosed_cdr.csv"), &told, 3).await;
    assert_fates(
        &imported,
        &[
            "1 told: 1795946400.2/SIP/c1-40: outbound, route c1, no_answer, ended",
            "2 rejected: disposition: `DOCUMENTATION` is unknown",
            "3 rejected: a quote in it is never closed: it took line 4 for a part of it; what it took is read anew: `\"`",
            "4 told: 1795946580.8/SIP/c1-43: outbound, route c1, busy, ended",
        ],
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_event_log_with_a_header() {
    let told: Vec<&str> = US.into_iter().chain(["--carrier", "t=a"]).collect();
    let (imported, calls) = twice(&shapes().join("freepbx_cel.csv"), &told, 3).await;
    assert_fates(
        &imported,
        &[
            "1 header: names the columns",
            "2 with_others: belongs to 1795946400.2, told with line 3",
            "3 told: 1795946400.2: outbound, route a, no_answer, ended",
            "4 with_others: belongs to 1795946400.2, told with line 3",
            "5 with_others: belongs to 1795946400.2, told with line 3",
            "6 told: 1795946460.3: of no direction, route a, answered, ended",
            "7 with_others: belongs to 1795946460.3, told with line 6",
            "8 no_call: an event that tells nothing of a call",
            "9 with_others: belongs to 1795946460.3, told with line 6",
            "10 no_call: an event of a channel that is no carrier's",
            "11 no_call: an event of a channel that is no carrier's",
            "12 rejected: eventtype: `CHAN_SMART` is unknown",
            "13 no_call: an event of a call that is over, and told",
        ],
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn freeswitch_legs_feature_codes_names_with_quotes_and_a_row_cut_short() {
    let told: Vec<&str> = US.into_iter().chain(["--format", "freeswitch-csv"]).collect();
    let (imported, calls) = twice(&shapes().join("freeswitch.csv"), &told, 3).await;
    assert_fates(
        &imported,
        &[
            "1 told: 00000000-0000-4000-a000-000000000011: outbound, answered, ended",
            "2 with_others: belongs to 00000000-0000-4000-a000-000000000011, told with line 1",
            "3 no_call: within the house: a telephone, a feature code or a menu",
            "4 told: 00000000-0000-4000-a000-000000000019: outbound, busy, ended",
            "5 rejected: 7 columns; the template has 15",
        ],
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_log_tells_of_calls_and_agents_line_by_line() {
    let (imported, calls) = twice(&shapes().join("queue_log"), &US, 0).await;
    assert_fates(
        &imported,
        &[
            "1 told: agent.state",
            "2 told: agent.state",
            "3 told: call.queued of 1795946500.1; call.updated of 1795946500.1",
            "4 told: call.ended of 1795946500.1",
            "5 told: call.queued of 1795946600.2; call.updated of 1795946600.2",
            "6 told: call.bridged of 1795946600.2; agent.state",
            "7 told: call.ended of 1795946600.2; agent.state",
            "8 no_call: an event of a queue that tells of no call's course and no agent's state",
            "9 no_call: an event of a queue that tells of no call's course and no agent's state",
        ],
    );
    // Nobody had answered him, as far as the log tells.
    assert_eq!(calls["1795946500.1"].outcome.get(), Some(&Outcome::Cancelled));
    assert_eq!(calls["1795946600.2"].agent.get().unwrap().as_str(), "1001");
    assert!(imported.said.contains("Of no direction: 2 calls"), "{}", imported.said);
    assert_eq!(calls.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_read_are_named_and_one_may_say_what_a_row_cannot_tell() {
    let told: Vec<&str> = US.into_iter().chain(["--map", "cannot_tell=Blind To"]).collect();
    let (imported, calls) = twice(&shapes().join("columns.csv"), &told, 3).await;
    assert_fates(
        &imported,
        &[
            "2 told: a: of no direction, answered, ended",
            "3 told: b: of no direction, ended",
            "4 rejected: cannot_tell: must be some of agent, progress, queue, answered_by: `weather`",
        ],
    );
    assert_eq!(calls.len(), 2);
    assert!(imported.said.contains("Of no direction: 2 calls"), "{}", imported.said);
    let hidden = |call: &str| calls[call].cannot_tell.get().copied();
    assert_eq!((hidden("a"), hidden("b")), (Some(CannotTell::AGENT.and(CannotTell::QUEUE)), None));
    assert!(imported.said.contains("Columns that are not read: Notes, Lead ••••. If one"), "{}", imported.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_carrier_the_endpoints_of_the_file_are_named_and_what_to_write() {
    let bench = Bench::new();
    for (file, named) in [
        ("freepbx_cdr.csv", "PJSIP/trunk-a (8), PJSIP/trunk-b (1), PJSIP/1042 (5)"),
        ("freepbx_cel.csv", "PJSIP/t (7), PJSIP/1042 (4)"),
    ] {
        let imported = bench.import(&shapes().join(file), &US);
        assert_eq!(imported.code, Some(1), "{}", imported.said);
        assert!(imported.said.contains(named), "{file}: {}", imported.said);
        assert!(imported.said.contains("--carrier PJSIP/t"), "{}", imported.said);
    }
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
