//! The trend view over 30 days with half a million calls in the store, and with five million; against the same question
//! asked of the calls in SQL.
//!
//! The store is filled through HTTP as any is. What is timed of the view is its making from the sums, which the server does
//! once in five minutes; who asks meanwhile gets the frame that is there, and that is timed too. SQL gets a table that is
//! freshly vacuumed and analysed, warm, and as many workers as the database gives it.

use crate::client::Client;
use crate::database::{Cluster, connect, run as execute};
use crate::load::{CAMPAIGNS, any_record, bodies_of, now, post_all};
use crate::process::{Server, wait};
use crate::question::{Answer, Span as Asked, questions};
use app::domain::{Moment, Span};
use app::view::trend::TrendFrame;
use chrono_tz::Tz;
use server::board::BoardConfig;
use server::clock::Clock;
use server::figures::history::History;
use server::figures::trend;
use server::law::change::Change;
use server::live::{self, Hears};
use server::store::any::{Database, Store, open};
use server::store::postgres::PostgresAddress;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const DAYS: u32 = 30;
/// `BENCH_CALLS` says another number, to try the bench itself.
const MANY: usize = 5_000_000;
/// One call in so many is there at first, of every campaign: it is the same floor, with fewer calls.
const FIRST: usize = 10;
/// How often the view is made, and asked for.
const MADE: usize = 21;
const GOT: usize = 201;
/// How often the question is asked: it takes seconds.
const ASKED: usize = 3;
/// The frames of the running day are handed in some seconds after the start.
const HANDED_IN_WITHIN: Duration = Duration::from_secs(60);
/// The journal is folded some seconds after the last commit.
const FOLDED_WITHIN: Duration = Duration::from_secs(60);
/// The aims of the issue: so many times faster than SQL, and no slower with ten times the calls than this.
const FASTER: f64 = 100.0;
const SLOWER: f64 = 1.2;

/// Lowest, median, highest.
struct Times([Duration; 3]);

impl Times {
    fn of(mut all: Vec<Duration>) -> Result<Self, String> {
        all.sort();
        let (Some(low), Some(high)) = (all.first(), all.last()) else { return Err("nothing was timed".to_owned()) };
        Ok(Self([*low, all[all.len() / 2], *high]))
    }

    fn ms(&self) -> [f64; 3] {
        self.0.map(|d| d.as_secs_f64() * 1e3)
    }
}

struct Measured {
    made: Times,
    got: Times,
    asked: Times,
}

/// Where the calls are.
enum Place {
    Timescale(String),
    Sqlite(std::path::PathBuf),
}

pub fn timescale() -> Result<(), String> {
    let cluster = Cluster::there()?;
    let runtime = runtime()?;
    let address = runtime.block_on(cluster.database("trend"))?;
    let version = runtime.block_on(cluster.version())?;
    measure(&runtime, &Place::Timescale(address), &version)
}

fn many() -> usize {
    std::env::var("BENCH_CALLS").ok().and_then(|n| n.parse().ok()).unwrap_or(MANY)
}

/// Not without being asked for: five million calls more.
pub fn sqlite() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    measure(&runtime()?, &Place::Sqlite(folder.path().join("trend.db")), "SQLite")
}

fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())
}

fn measure(runtime: &Runtime, place: &Place, version: &str) -> Result<(), String> {
    let many = many();
    let from = now() - Span::days(i64::from(DAYS));
    let is_first = |i: &usize| (i / CAMPAIGNS).is_multiple_of(FIRST);
    let few = fill(place, from, many, Box::new((0..many).filter(is_first)))?;
    let before = look(runtime, place)?;
    let more = fill(place, from, many, Box::new((0..many).filter(move |i| !is_first(i))))?;
    let after = look(runtime, place)?;
    println!(
        "trend over {DAYS} days, {many} calls in {version}: {} made anew, {} asked of the calls in SQL: {:.0} times faster (aim {FASTER:.0})",
        after.made,
        after.asked,
        after.asked.ms()[1] / after.made.ms()[1]
    );
    println!(
        "  against {} calls: {} made anew, {} in SQL: {:.2} times as long (aim {SLOWER} or less)",
        many / FIRST,
        before.made,
        before.asked,
        after.made.ms()[1] / before.made.ms()[1]
    );
    println!(
        "  as it is asked for through HTTP (made once in five minutes): {}, with {} calls {}; filled at {few:.0} and {more:.0} calls/s",
        after.got,
        many / FIRST,
        before.got
    );
    Ok(())
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [low, median, high] = self.ms();
        if median < 10.0 {
            write!(f, "{median:.2} ms ({low:.2} to {high:.2})")
        } else {
            write!(f, "{median:.0} ms ({low:.0} to {high:.0})")
        }
    }
}

impl Place {
    fn server(&self) -> Result<Server, String> {
        match self {
            Self::Timescale(address) => Server::on("serve", address),
            Self::Sqlite(path) => Server::on("serve", &format!("sqlite:{}", path.display())),
        }
    }

    fn database(&self) -> Result<Database, String> {
        Ok(match self {
            Self::Timescale(address) => Database::Postgres(PostgresAddress::new(address, None)?),
            Self::Sqlite(path) => Database::Sqlite(path.clone()),
        })
    }

    /// The time that the question takes, and what it finds.
    async fn ask(&self, span: &Asked) -> Result<(Vec<Duration>, Answer), String> {
        match self {
            Self::Timescale(address) => ask_timescale(address, span).await,
            Self::Sqlite(path) => ask_sqlite(path, span).map_err(|e| e.to_string()),
        }
    }
}

/// Sends calls of these numbers, of so many that share the days; how many a second.
#[allow(clippy::cast_precision_loss)]
fn fill(place: &Place, from: Moment, of: usize, calls: Box<dyn Iterator<Item = usize> + Send>) -> Result<f64, String> {
    let server = place.server()?;
    let mut count = 0usize;
    let every = Span::days(i64::from(DAYS)).as_millis() * 1_000 / i64::try_from(of).unwrap_or(1);
    let counted = calls.inspect(|_| count += 1);
    let took = post_all(server.port, bodies_of(counted, from, every, any_record))?;
    // What is not yet in the sums is put there, which a stop would not wait for.
    let mut client = Client::connect(server.port)?;
    wait("the journal was not folded", FOLDED_WITHIN, || {
        let metrics = client.get("/metrics").unwrap_or_default();
        metrics.lines().any(|line| line.starts_with("ringside_journal_bytes 0"))
    })?;
    server.stop()?;
    Ok(count as f64 / took.as_secs_f64())
}

fn look(runtime: &Runtime, place: &Place) -> Result<Measured, String> {
    let got = {
        let server = place.server()?;
        let got = get(server.port)?;
        server.stop()?;
        got
    };
    let (made, frame) = runtime.block_on(make(place))?;
    let span = Asked::of(&frame)?;
    let (asked, answer) = runtime.block_on(place.ask(&span))?;
    answer.same(&frame)?;
    Ok(Measured { made, got, asked: Times::of(asked)? })
}

/// Asks the server for the frame.
fn get(port: u16) -> Result<Times, String> {
    let path = format!("/api/v1/views/trend?days={DAYS}");
    let mut client = Client::connect(port)?;
    wait("the server made no frame", HANDED_IN_WITHIN, || client.get(&path).is_ok())?;
    let one = || {
        let began = Instant::now();
        client.get(&path).map(|_| began.elapsed())
    };
    Times::of(std::iter::repeat_with(one).take(GOT).collect::<Result<_, _>>()?)
}

/// Makes the frame from the store's sums, as the server does.
async fn make(place: &Place) -> Result<(Times, TrendFrame), String> {
    let (_writer, reader) = open(&place.database()?, Tz::UTC).await.map_err(|e| e.to_string())?;
    let (stop, clock) = (CancellationToken::new(), Clock::by_hand(now()));
    let (_changes, changes) = mpsc::channel(1);
    let hears = Hears::only(changes);
    let (live, _) = live::start(BoardConfig::default(), clock.clone(), &Change::default(), hears, stop.clone());
    let history: History<Store> = History::new(reader, Tz::UTC, live, clock.clone());
    let mut times = Vec::new();
    // The first one finds nothing in memory, like SQL's.
    let mut frame = made(&history, clock.now()).await?;
    for _ in 0..MADE {
        let began = Instant::now();
        frame = made(&history, clock.now()).await?;
        times.push(began.elapsed());
    }
    stop.cancel();
    Ok((Times::of(times)?, frame))
}

async fn made(history: &History<Store>, now: Moment) -> Result<TrendFrame, String> {
    trend::frame(history, DAYS, now).await.map_err(|e| e.to_string())
}

async fn ask_timescale(address: &str, span: &Asked) -> Result<(Vec<Duration>, Answer), String> {
    let mut db = connect(address).await?;
    execute(&mut db, "vacuum (analyze) calls").await?;
    let (mut times, mut answer) = (Vec::new(), Answer::default());
    for round in 0..=ASKED {
        let began = Instant::now();
        answer = Answer::default();
        for (what, sql) in questions(span) {
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(&mut db).await.map_err(|e| e.to_string())?;
            for row in rows {
                use sqlx::Row;
                answer.add(what, |column| row.try_get::<i64, _>(column).map_err(|e| e.to_string()))?;
            }
        }
        // The first one warms the cache.
        if round > 0 {
            times.push(began.elapsed());
        }
    }
    Ok((times, answer))
}

fn ask_sqlite(path: &Path, span: &Asked) -> rusqlite::Result<(Vec<Duration>, Answer)> {
    let db = rusqlite::Connection::open(path)?;
    db.execute_batch("analyze calls")?;
    let (mut times, mut answer) = (Vec::new(), Answer::default());
    for round in 0..=ASKED {
        let began = Instant::now();
        answer = Answer::default();
        for (what, sql) in questions(span) {
            let mut statement = db.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                answer.add(what, |column| row.get::<_, i64>(column))?;
            }
        }
        if round > 0 {
            times.push(began.elapsed());
        }
    }
    Ok((times, answer))
}
