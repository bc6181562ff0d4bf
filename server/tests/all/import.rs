//! Imports by the built program: a day as CSV gives the sums that its events gave, twice as well as once, killed or not; and
//! the same frames in every kind of store.
#![allow(clippy::unwrap_used)]

use crate::floor::Floor;
use crate::floor::place::{Kind, Look, Place};
use crate::frames::{Frames, frames};
use crate::process::Server;
use app::domain::{Call, CallName, CampaignScope, Data, Dimension, Event, Moment, Span};
use server::clock::Clock;
use server::ingest::{Opened, StoreConfig, open};
use server::law::grain::Grain;
use server::source::simulator::{FloorPlan, SOURCE, World};
use server::store::any::{self, Database, Store};
use server::store::read::{Reader, SumQuery};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn ringside(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringside"));
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn ran(folder: &Path, args: &[&str]) -> Output {
    ringside(folder, args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs it and sees it succeed.
fn done(folder: &Path, args: &[&str]) -> String {
    let output = ran(folder, args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    said(&output)
}

/// The day before yesterday: imports go by the true clock, which keeps ninety days.
fn day() -> Moment {
    (Clock::system().now() - Span::days(2)).floor(Span::days(1))
}

/// A day of a floor, one call in six: what it tells of calls, and the rest.
fn told() -> (Vec<Event>, Vec<Event>) {
    let mut world = World::new(11, FloorPlan::scaled(0.1), day());
    let mut events = world.advance(day() + Span::days(1));
    events.retain(|event| {
        !matches!(
            event.data,
            Data::ChannelsSample(_) | Data::TrunkStatus(_) | Data::HealthSample(_) | Data::MetricSample(_)
        )
    });
    let one_in_six = |name: CallName| name.call_id.as_str().bytes().map(u32::from).sum::<u32>() % 6 == 0;
    events.retain(|event| Call::told_by(event).is_none_or(|(name, _)| one_in_six(name)));
    events.into_iter().partition(|event| Call::told_by(event).is_some())
}

fn merged(events: &[Event]) -> BTreeMap<CallName, Call> {
    let mut calls: BTreeMap<CallName, Call> = BTreeMap::new();
    for (name, told) in events.iter().filter_map(Call::told_by) {
        calls.entry(name).or_default().merge(&told);
    }
    calls
}

/// Writes calls as a CSV under names of its own; times as a clock in `zone` showed them.
fn export(path: &Path, calls: &BTreeMap<CallName, Call>, zone: chrono_tz::Tz) {
    let mut out = csv::Writer::from_path(path).unwrap();
    let fields = "Call,Began,Rang,Answered,Greeted,Queued,Bridged,Transferred,Ended,direction,campaign,mode,route,from,to,country,list,\
        attempt,by,queue,agent,outcome,sip_code,q850,hung_up_by,final,right_party,wrap_ms,hold_ms";
    out.write_record(fields.split(',')).unwrap();
    for (name, call) in calls {
        let time = |at: Option<Moment>| {
            at.map(|at| at.to_utc().with_timezone(&zone).naive_local().to_string()).unwrap_or_default()
        };
        let mut row = vec![name.call_id.to_string()];
        let moments = [
            call.started_at,
            call.progress_at,
            call.answered_at,
            call.greeted_at,
            call.queued_at,
            call.bridged_at,
            call.transferred_at,
            call.ended_at,
        ];
        row.extend(moments.map(time));
        let text = |value: Option<&dyn std::fmt::Display>| value.map(ToString::to_string).unwrap_or_default();
        row.push(call.direction.value().map(|w| w.word().to_owned()).unwrap_or_default());
        row.push(text(call.campaign.get().map(|v| v as _)));
        row.push(call.mode.value().map(|w| w.word().to_owned()).unwrap_or_default());
        row.push(text(call.route.get().map(|v| v as _)));
        row.push(call.from.get().map(|n| n.reveal().to_owned()).unwrap_or_default());
        row.push(call.to.get().map(|n| n.reveal().to_owned()).unwrap_or_default());
        row.push(text(call.country.get().map(|v| v as _)));
        row.push(text(call.list.get().map(|v| v as _)));
        row.push(text(call.attempt.get().map(|v| v as _)));
        row.push(call.by.value().map(|w| w.word().to_owned()).unwrap_or_default());
        row.push(text(call.queue.get().map(|v| v as _)));
        row.push(text(call.agent.get().map(|v| v as _)));
        row.push(call.outcome.value().map(|w| w.word().to_owned()).unwrap_or_default());
        row.push(call.sip_code.get().map(|c| c.get().to_string()).unwrap_or_default());
        row.push(call.q850.get().map(|c| c.get().to_string()).unwrap_or_default());
        row.push(call.hung_up_by.value().map(|w| w.word().to_owned()).unwrap_or_default());
        row.push(text(call.is_final.get().map(|v| v as _)));
        row.push(text(call.right_party.get().map(|v| v as _)));
        row.push(text(call.wrap_ms.get().map(|v| v as _)));
        row.push(text(call.hold_ms.get().map(|v| v as _)));
        out.write_record(row).unwrap();
    }
    out.flush().unwrap();
}

const MAP: [&str; 18] = [
    "--map",
    "call_id=Call",
    "--map",
    "started_at=Began",
    "--map",
    "progress_at=Rang",
    "--map",
    "answered_at=Answered",
    "--map",
    "greeted_at=Greeted",
    "--map",
    "queued_at=Queued",
    "--map",
    "bridged_at=Bridged",
    "--map",
    "transferred_at=Transferred",
    "--map",
    "ended_at=Ended",
];

type Sums = Vec<(Grain, Dimension, Moment, String, Vec<(u8, i64)>)>;

/// Every sum of calls and of agents' time, by bucket.
async fn sums(database: &Database) -> Sums {
    let (_writer, reader) = any::open(database, chrono_tz::UTC).await.unwrap();
    let mut all = Vec::new();
    for grain in Grain::ALL {
        for dimension in Dimension::ALL {
            let (from, to) = (day() - Span::days(1), day() + Span::days(2));
            let query = SumQuery { dimension: *dimension, key: None, scope: CampaignScope::All, from, to, grain };
            for (bucket, key, tally) in reader.series(&query).await.unwrap() {
                all.push((
                    grain,
                    *dimension,
                    bucket,
                    key.to_string(),
                    tally.iter().map(|(slot, n)| (slot.position(), n)).collect(),
                ));
            }
        }
    }
    all
}

/// Says where the first sums differ, not all of them.
fn assert_same(found: &Sums, expected: &Sums) {
    let differing: Vec<_> = found.iter().zip(expected).filter(|(a, b)| a != b).take(4).collect();
    assert!(
        differing.is_empty() && found.len() == expected.len(),
        "{} and {}: {differing:#?}",
        found.len(),
        expected.len()
    );
}

/// What the same events give by the server's own ingest.
async fn reference(path: &Path, events: Vec<Event>) -> Sums {
    let stop = CancellationToken::new();
    let database = Database::Sqlite(path.to_owned());
    let config = StoreConfig { database: database.clone(), zone: chrono_tz::UTC, keep_calls: Span::days(90) };
    let Opened { ingest, mut changes, writer, reader, .. } = open(config, Clock::system(), stop.clone()).await.unwrap();
    tokio::spawn(async move { while changes.recv().await.is_some() {} });
    for part in events.chunks(5_000) {
        assert_eq!(ingest.submit(part.to_vec()).await.unwrap().rejected, []);
    }
    ingest.settle().await.unwrap();
    stop.cancel();
    writer.await.unwrap();
    drop::<Store>(reader);
    sums(&database).await
}

/// Calls in a database that another program writes to; none where it is not yet there.
async fn calls_in(database: &Database) -> i64 {
    let mut look = match database {
        Database::Sqlite(path) => match SqliteConnectOptions::new().filename(path).read_only(true).connect().await {
            Ok(db) => Look::Sqlite(db),
            Err(_) => return 0,
        },
        Database::Postgres(_) => crate::floor::place::look(&database.to_string()).await,
    };
    match look.try_run("select 1 from calls").await {
        Ok(()) => look.number("select count(*) from calls").await,
        Err(_) => 0,
    }
}

/// A day as files, and what they must give.
struct Day {
    folder: TempDir,
    calls: i64,
    expected: Sums,
}

impl Day {
    async fn write() -> Self {
        let folder = TempDir::new().unwrap();
        let place = |name: &str| -> PathBuf { folder.path().join(name) };
        let (calls, others) = told();
        let lines: Vec<String> = others.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        std::fs::write(place("others.ndjson"), lines.join("\n")).unwrap();
        let day_of_calls = merged(&calls);
        export(&place("calls.csv"), &day_of_calls, chrono_tz::Asia::Kathmandu);
        let noon = day() + Span::hours(12);
        std::fs::write(place("other.csv"), format!("call_id,started_at\nx-1,{}\n", noon.to_rfc3339())).unwrap();
        let expected = reference(&place("reference.db"), calls.into_iter().chain(others).collect()).await;
        assert!(expected.len() > 5_000);
        Self { folder, calls: day_of_calls.len() as i64, expected }
    }

    /// Imports it into a store, killed in the midst of it, and again: what it shows at midnight.
    async fn import(&self, store: Place) -> Frames {
        let (folder, address, database) = (self.folder.path(), store.address(), store.database());
        let all = self.calls;
        let mut import = vec!["import", "others.ndjson", "--database", &address];
        done(folder, &import);
        import[1] = "calls.csv";
        import.extend(["--source", SOURCE, "--format", "csv", "--file-zone", "Asia/Kathmandu"]);
        import.extend(MAP);
        let mut child = ringside(folder, &import).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + PATIENCE;
        while calls_in(&database).await == 0 && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let killed_at = calls_in(&database).await;
        assert!(0 < killed_at && killed_at < all, "{killed_at} of {all}");

        let first = done(folder, &import);
        assert!(first.contains(&format!("calls.csv: {all} rows: ")) && first.contains(" 0 rejected"), "{first}");
        assert_same(&sums(&database).await, &self.expected);
        let again = done(folder, &import);
        assert!(again.contains(&format!("0 events new, {all} known already, 0 not taken")), "{again}");
        assert_same(&sums(&database).await, &self.expected);
        let proof = done(folder, &["verify", "--database", &address]);
        assert!(proof.contains(&format!("of {all} calls")), "{proof}");
        let mut floor = Floor::open_at(store, day() + Span::days(1), chrono_tz::UTC).await;
        let seen = frames(&mut floor, None, &[day(), day() + Span::days(1)]).await;
        floor.stop().await;

        floor.database().await.run("delete from rollups where grain = 1 and dimension = 2").await;
        let wrong = ran(folder, &["verify", "--database", &address, "--most", "3"]);
        assert_eq!(wrong.status.code(), Some(2));
        assert!(said(&wrong).contains("hour from ") && said(&wrong).contains("… and "), "{}", said(&wrong));
        done(folder, &["rebuild", "--database", &address]);
        done(folder, &["verify", "--database", &address]);
        assert_same(&sums(&database).await, &self.expected);

        // Another source that tells of the same hour.
        let noon = day() + Span::hours(12);
        let warned = done(folder, &["import", "other.csv", "--source", "pbx-2", "--database", &address]);
        let expected = format!(
            "Warning: `{SOURCE}` tells of calls, too, in 1 of the file's hours, from {} to {}.",
            noon.to_rfc3339(),
            (noon + Span::hours(1)).to_rfc3339()
        );
        assert!(warned.contains("1 events new") && warned.contains(&expected), "{warned}");
        seen
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_as_csv_gives_the_sums_of_its_events_twice_as_well_as_once_and_after_a_kill() {
    let day = Arc::new(Day::write().await);
    let mut imports = Vec::new();
    for kind in Kind::ALL {
        if let Some(store) = Place::make(kind).await {
            let day = Arc::clone(&day);
            // A thread each, which waits for the program most of the time.
            let import = move || {
                let runtime =
                    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
                runtime.block_on(day.import(store))
            };
            imports.push((kind, std::thread::spawn(import)));
        }
    }
    let mut seen = Vec::new();
    for (kind, import) in imports {
        seen.push((kind, import.join().unwrap()));
    }
    let (_, embedded) = &seen[0];
    for (kind, elsewhere) in &seen[1..] {
        crate::frames::assert_same(elsewhere, embedded, &format!("{kind:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_takes_imports_by_its_api_and_refused_rows_are_listed() {
    let server = Server::start(&[], &[]).await;
    let folder = TempDir::new().unwrap();
    let yesterday = (Clock::system().now() - Span::days(1)).to_utc().date_naive().to_string();
    let sample = include_str!("../../src/source/asterisk/fixtures/Master.csv").replace("2026-11-21", &yesterday);
    let broken = "\"X\",\"1\",\"2\",\"c\",\"\",\"PJSIP/carrier-a-1\",\"\",\"Dial\",\"\",\"soon\",,\"\",0,0,\"BUSY\",\"\",\"1.1\",\"\"\n";
    let old = sample.lines().nth(1).unwrap().replace(&yesterday, "2001-01-01").replace("1795219300.80", "9.9");
    std::fs::write(folder.path().join("Master.csv"), format!("{sample}{broken}{old}\n")).unwrap();
    let url = server.url();
    let args = [
        "import",
        "Master.csv",
        "--to",
        &url,
        "--source",
        "pbx-1",
        "--file-zone",
        "Europe/Berlin",
        "--carrier",
        "carrier-a=north",
        "--country",
        "US",
        "--rejects",
        "rejects.csv",
        "--explain",
        "explained.csv",
    ];
    // Two in five were not taken, which is more than one in twenty.
    let told = || {
        let output = ran(folder.path(), &args);
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        said(&output)
    };
    let first = told();
    let counted = "5 rows: 3 events new, 0 known already, 1 not taken. Of the rows 3 tell of calls, 0 are told with others, 0 are \
                   of no call of ours, 0 of no route, 2 rejected.";
    assert!(first.contains(counted), "{first}");
    assert!(first.contains("do not tell when an agent came on the line"), "{first}");
    let rejects = std::fs::read_to_string(folder.path().join("rejects.csv")).unwrap();
    let rows: Vec<&str> = rejects.lines().collect();
    assert_eq!(rows[0], "file,line,field,reason,text");
    assert!(rows[1..].contains(&"Master.csv,4,start,not a time (like 2026-11-21 14:32:08),soon"), "{rejects}");
    let too_old = "older than the 90 days that calls are kept (retention.calls_days)";
    assert!(rows[1..].contains(&format!("Master.csv,5,time,{too_old},").as_str()), "{rejects}");
    let explained = std::fs::read_to_string(folder.path().join("explained.csv")).unwrap();
    let of_line = |line: usize| explained.lines().filter(move |row| row.starts_with(&format!("Master.csv,{line},")));
    assert_eq!((1..=5).map(|line| of_line(line).count()).collect::<Vec<_>>(), [1; 5], "each row once:\n{explained}");
    assert_eq!(of_line(5).next().unwrap(), format!("Master.csv,5,rejected,time: {too_old}"));
    let again = told();
    assert!(again.contains("0 events new, 3 known already, 1 not taken"), "{again}");
    let calls = server.get("/api/v1/calls").await;
    let rows = calls["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{calls}");
    assert!(rows.iter().all(|row| row["realm"] == "pbx-1" && row["route"] == "north"), "{calls}");
}

/// Rows of a queue's log that came to several events each, those of one half too old to be taken.
#[tokio::test(flavor = "multi_thread")]
async fn each_row_has_one_fate_in_the_summary_the_explanation_and_the_list_of_rejects() {
    let folder = TempDir::new().unwrap();
    let shape = include_str!("../shapes/queue_log");
    let first: i64 = shape.split('|').next().unwrap().parse().unwrap();
    let moved = |days: i64, name: &str| -> Vec<String> {
        let by = (Clock::system().now() - Span::days(days)).secs() - first;
        let row = |row: &str| {
            let (at, rest) = row.split_once('|').unwrap();
            format!("{}|{name}{rest}", at.parse::<i64>().unwrap() + by)
        };
        shape.lines().map(row).collect()
    };
    std::fs::write(folder.path().join("queue_log"), [moved(200, "old"), moved(2, "new")].concat().join("\n")).unwrap();
    let args = "import queue_log --database sqlite:floor.db --source p --country US --set direction=inbound --rejects rejects.csv \
         --explain explained.csv";
    let output = ran(folder.path(), &args.split_whitespace().collect::<Vec<_>>());
    let said = said(&output);
    let column = |file: &str, at: usize| -> Vec<String> {
        let mut rows = csv::Reader::from_path(folder.path().join(file)).unwrap();
        rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
    };
    let fates = column("explained.csv", 2);
    let of = |fate: &str| fates.iter().filter(|told| *told == fate).count();
    let counted = format!(
        "Of the rows {} tell of calls, {} are told with others, {} are of no call of ours, 0 of no route, {} rejected.",
        of("told"),
        of("with_others"),
        of("no_call"),
        of("rejected")
    );
    assert!(said.contains(&counted), "{counted}\n{said}");
    assert!(said.contains(&format!("Rejected: {}: time: older than the 90 days", of("rejected"))), "{said}");
    assert!(of("rejected") > 3 && of("told") > 3, "{fates:?}");
    let mut lines = column("rejects.csv", 1);
    lines.dedup();
    assert_eq!((lines.len(), column("rejects.csv", 1).len()), (of("rejected"), of("rejected")), "each once: {lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_said_before_anything_is_taken() {
    let folder = TempDir::new().unwrap();
    let refused = |args: &[&str]| {
        let output = ran(folder.path(), args);
        assert!(!output.status.success(), "{args:?}");
        said(&output)
    };
    std::fs::write(folder.path().join("calls.csv"), "call_id,started_at\nc-1,2026-11-21 10:00:00\n").unwrap();
    std::fs::write(folder.path().join("odd.txt"), "a,b\n").unwrap();
    let master = include_str!("../../src/source/asterisk/fixtures/Master.csv");
    std::fs::write(folder.path().join("Master.csv"), master).unwrap();
    for (args, expected) in [
        (&["import", "calls.csv"][..], "Name them with --source"),
        (&["import", "odd.txt", "--source", "x"], "name it with --format"),
        // Who names columns has a CSV of his own.
        (&["import", "odd.txt", "--source", "x", "--map", "call_id=q"], "the file has no column `q` for `call_id`"),
        (&["import", "none.csv", "--source", "x"], "none.csv"),
        (&["import", "Master.csv", "--source", "x"], "Its channels are of PJSIP/carrier-a ("),
        (&["import", "Master.csv", "--source", "x"], "--carrier PJSIP/carrier-a=ROUTE"),
        (&["import", "calls.csv", "--source", "x", "--map", "campain=C"], "did you mean `campaign`?"),
        (&["import", "calls.csv", "--source", "x", "--map", "campaign=C"], "the file has no column `C` for `campaign`"),
        (&["import", "calls.csv", "--source", "x", "--set", "mode=fast"], "must be one of predictive"),
        // Without the file's zone a time that bears no offset means nothing.
        (&["import", "calls.csv", "--source", "x"], "--file-zone"),
    ] {
        let words = refused(args);
        assert!(words.contains(expected), "{args:?}: {words}");
    }
}
/// One file as people have it: its kind's options, and its rows. `DAY` stands for yesterday.
struct Sample {
    options: &'static [&'static str],
    text: &'static str,
}

const SAMPLES: [Sample; 9] = [
    // Dialled through a Local channel: whether an agent came can't be seen.
    Sample {
        options: &["--carrier", "SIP/c1=c1"],
        text: r#""S","2025550100","912025550140","default","x","Local/912025550140@default-1c;2","SIP/c1-40","Dial","SIP/12025550140@c1","DAY 10:00:00","DAY 10:00:12","DAY 10:01:47",107,95,"ANSWERED","DOCUMENTATION","1.2","""#,
    },
    // Queued, and given up after half a minute.
    Sample {
        options: &["--carrier", "t=a", "--inbound-context", "in"],
        text: r#""","12025550143","8000","in","x","PJSIP/t-4","PJSIP/1001-5","Queue","sales,t","DAY 10:10:00",,"DAY 10:10:15",15,0,"NO ANSWER","DOCUMENTATION","2.4",""
"","12025550143","8000","in","x","PJSIP/t-4","","Queue","sales,t","DAY 10:10:00","DAY 10:10:00","DAY 10:10:30",30,30,"ANSWERED","DOCUMENTATION","2.4","""#,
    },
    // Led to another context than that at which he came in, to a program.
    Sample {
        options: &["--carrier", "t=a", "--inbound-context", "in"],
        text: r#""","12025550146","12025550100","voicemail-op","x","PJSIP/t-9","","AGI","agi://x","DAY 10:30:00","DAY 10:30:00","DAY 10:30:12",12,12,"ANSWERED","DOCUMENTATION","11.1","""#,
    },
    // A menu, then a queue, given up after forty seconds; a PBX that begins a record anew at each step.
    Sample {
        options: &["--carrier", "t=a", "--inbound-context", "in"],
        text: r#""","12025550147","7000","in","x","PJSIP/t-11","","ForkCDR","are","DAY 10:40:00","DAY 10:40:10","DAY 10:40:20",20,10,"ANSWERED","DOCUMENTATION","12.1",""
"","12025550147","6500","ext-queues","x","PJSIP/t-11","","Queue","6500,,,,900","DAY 10:40:20",,"DAY 10:41:00",40,0,"NO ANSWER","DOCUMENTATION","12.1","""#,
    },
    // From one line to another, and nobody said which way.
    Sample {
        options: &["--carrier", "SIP/c1=c1"],
        text: r#""S","12025550101","8001","in","x","SIP/c1-1","DAHDI/i1/12025550187-2","Dial","DAHDI/g1/12025550187","DAY 10:00:00","DAY 10:00:09","DAY 10:01:00",60,51,"ANSWERED","DOCUMENTATION","3.1","""#,
    },
    Sample {
        options: &[
            "--carrier",
            "t=a",
            "--format",
            "asterisk-cel",
            "--columns",
            "eventtype,eventtime,cidname,cidnum,exten,context,channame,uniqueid,linkedid,peer,extra",
        ],
        text: r#"CHAN_START,DAY 10:00:00.1,,1042,2025550101,phones,PJSIP/1042-1,4.1,4.1,,
CHAN_START,DAY 10:00:00.2,,,s,from-trunk,PJSIP/t-2,4.2,4.1,,
HANGUP,DAY 10:00:30.1,,2025550101,,from-trunk,PJSIP/t-2,4.2,4.1,,"{""hangupcause"":0,""dialstatus"":""""}"
HANGUP,DAY 10:00:30.2,,1042,2025550101,phones,PJSIP/1042-1,4.1,4.1,,"{""hangupcause"":19,""dialstatus"":""NOANSWER""}""#,
    },
    // Both legs, and a feature code.
    Sample {
        options: &["--format", "freeswitch-csv"],
        text: r#""Ann","1042","912025550142","default","DAY 02:00:00","DAY 02:00:09","DAY 02:01:00","60","51","NORMAL_CLEARING","00000000-0000-0000-0000-000000000011","00000000-0000-0000-0000-000000000012","S","",""
"Out","12025550100","12025550142","default","DAY 02:00:01","DAY 02:00:09","DAY 02:01:00","59","51","NORMAL_CLEARING","00000000-0000-0000-0000-000000000012","","S","",""
"Ann","1042","*98","default","DAY 02:07:00","DAY 02:07:00","DAY 02:08:00","60","60","NORMAL_CLEARING","00000000-0000-0000-0000-000000000017","","","",""
"#,
    },
    // Refused before it had a channel.
    Sample {
        options: &["--carrier", "trunk-a=a"],
        text: r#""S","1042","92025550188","phones","x","PJSIP/1042-3","","Dial","PJSIP/2025550188@trunk-a,60","DAY 10:00:00",,"DAY 10:00:00",0,0,"FAILED","DOCUMENTATION","7.3","""#,
    },
    // Both sides of one dialling.
    Sample {
        options: &["--carrier", "OOH323/gate=g"],
        text: r#""","2863","12025550157","pre-rec","x","SIP/2863-98e","Local/12025550157@default-5b8;1","Dial","Local/12025550157@default,30,t","DAY 11:08:04","DAY 11:08:14","DAY 11:08:14",10,0,"ANSWERED","DOCUMENTATION","9.55",""
"","2863","12025550157","pre-rec","x","SIP/2863-98e","OOH323/gate-1946","Dial","Local/12025550157@default,30,t","DAY 11:08:14","DAY 11:08:14","DAY 11:08:31",17,17,"ANSWERED","DOCUMENTATION","9.55",""
"h","12025550157","","default","x","OOH323/gate-1946","Local/12025550157@default-5b8;1","AppDial","(Outgoing Line)","DAY 11:08:14","DAY 11:08:14","DAY 11:08:14",0,0,"ANSWERED","DOCUMENTATION","9.58","""#,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn files_as_people_have_them_give_what_happened_twice_as_well_as_once() {
    let server = Server::start(&[], &[]).await;
    let folder = TempDir::new().unwrap();
    let yesterday = (Clock::system().now() - Span::days(1)).to_utc().date_naive().to_string();
    let url = server.url();
    for again in 0..2 {
        for (at, Sample { options, text }) in SAMPLES.iter().enumerate() {
            let source = format!("p{at}");
            std::fs::write(folder.path().join("file.csv"), text.replace("DAY", &yesterday)).unwrap();
            let mut args = vec!["import", "file.csv", "--to", &url, "--source", &source, "--file-zone", "UTC"];
            args.extend(["--country", "US"].iter().chain(*options));
            let said = done(folder.path(), &args);
            assert!(again == 0 || said.contains("0 events new"), "{at}: {said}");
        }
        let facts = server.get("/api/v1/facts?by=total&window=7d").await["rows"][0]["facts"].clone();
        let told = |name: &str| facts[name].as_i64().unwrap_or(0);
        for (name, expected) in [
            ("attempts", 5),
            ("resolved", 5),
            ("answered", 3),
            ("answered_live", 3),
            ("unjudged_live", 2),
            ("bridged", 1),
            ("abandoned", 0),
            ("progressed", 0),
            ("no_answer", 1),
            ("failed", 1),
            ("inbound", 2),
            ("inbound_answered", 0),
            ("queued", 2),
            ("queue_abandoned", 2),
            ("waited", 2),
            ("wait_ms", 70_000),
            ("undirected", 2),
        ] {
            assert_eq!(told(name), expected, "{name}: {facts}");
        }
    }
    // Whoever was called over an ISDN line is no agent.
    let agents = server.get("/api/v1/facts?by=agent&window=7d").await;
    let keys: Vec<_> = agents["rows"].as_array().unwrap().iter().map(|row| row["key"].clone()).collect();
    assert_eq!(keys, ["2863"]);
    for path in ["/api/v1/calls", "/api/v1/views/live", "/api/v1/facts?by=did&window=7d"] {
        let answer = server.get(path).await.to_string();
        let persons = ["2025550140", "2025550143", "2025550146", "2025550147"];
        for number in persons.into_iter().chain(["2025550187", "2025550188", "2025550101", "2025550157"]) {
            assert!(!answer.contains(number), "{path} tells {number}");
        }
    }
}
