//! The recount that frames must equal: kpis.md's definitions once more, in SQL over the tables of calls, agents and samples.
//!
//! One dialect is enough: of a floor that is kept elsewhere the rows are copied into SQLite first, as they are.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::floor::Floor;
use super::floor::place::{Field, Look};
use app::domain::{Fact, Moment};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};

/// Half-open, and of one key of one column where it has one.
#[derive(Debug, Clone)]
pub struct Within {
    pub from: Moment,
    pub to: Moment,
    pub key: Option<(&'static str, String)>,
}

impl Within {
    pub fn of(&self, column: &'static str, key: &str) -> Self {
        Self { key: Some((column, key.to_owned())), ..self.clone() }
    }
}

pub struct Recount {
    db: SqliteConnection,
    months: Vec<(String, Moment, Moment)>,
}

/// One row for each time that a call counts in a fact: `call` is the call, `o` whether it is outbound, `ans` its answer.
const CALLS: &str = "
create temp table f (fact text, at integer, n integer, campaign text, route text, country text, agent text, component text, did text);
create temp view c as select *, direction = 'outbound' as o, direction = 'inbound' as i, started_at as st,
    coalesce(answered_at, bridged_at, case when outcome in ('answered', 'completed') or (outcome = 'abandoned' and direction <> 'inbound') then ended_at end) as ans,
    coalesce(campaign, '') as cam, coalesce(route, '') as rou, coalesce(country, placed_in, 'ZZ') as cou,
    max(coalesce(greeted_at, answered_at), answered_at) + 2000000 as deadline,
    coalesce(cannot_tell, 0) & 1 and bridged_at is null and coalesce(outcome, '') <> 'abandoned' as unjudged,
    coalesce(cannot_tell, 0) & 2 as mute,
    coalesce(cannot_tell, 0) & 4 or (started_at is null and queued_at is null) or (started_at is not null and answered_at is null and bridged_at is null) as untimed,
    queued_at is not null and bridged_at is null and ended_at is not null as gone,
    coalesce(cannot_tell, 0) & 5 and coalesce(outcome, '') <> 'abandoned' as unseen,
    case when sip_code = 408 then 't' when sip_code between 400 and 699 then substr(sip_code, 1, 1)
         when sip_code is null and q850 = 102 then 't' end as class
    from calls where direction is not null;
";

/// (fact, moment, count, condition), all over `c`.
const COUNTS: &[(&str, &str, &str, &str)] = &[
    ("attempts", "st", "1", "o"),
    (
        "progressed",
        "coalesce(progress_at, answered_at)",
        "1",
        "o and (progress_at is not null or (answered_at is not null and not mute))",
    ),
    (
        "pdd_ms",
        "coalesce(progress_at, answered_at)",
        "max(0, coalesce(progress_at, answered_at) - st) / 1000",
        "o and (progress_at is not null or (answered_at is not null and not mute))",
    ),
    ("resolved", "coalesce(ans, ended_at)", "1", "o and coalesce(ans, ended_at) is not null"),
    ("answered", "ans", "1", "o and ans is not null"),
    ("answered_live", "ans", "1", "o and ans is not null and coalesce(answered_by, 'unknown') <> 'machine'"),
    (
        "unjudged_live",
        "ans",
        "1",
        "o and ans is not null and coalesce(answered_by, 'unknown') <> 'machine' and unjudged",
    ),
    (
        "abandoned",
        "ans",
        "1",
        "o and not unjudged and answered_at is not null and coalesce(answered_by, 'unknown') <> 'machine' and mode in ('predictive', 'progressive') \
         and not coalesce(bridged_at <= deadline, 0) and (hung_up_by = 'dialer' or ended_at is null or ended_at >= deadline)",
    ),
    (
        "failed",
        "ended_at",
        "1",
        "o and ans is null and ended_at is not null and outcome is null and \
         (sip_code is null or sip_code not in (486, 600, 480, 408, 487, 503) or (sip_code = 408 and progress_at is null))",
    ),
    (
        "congestion",
        "ended_at",
        "1",
        "o and ans is null and ended_at is not null and outcome is null and sip_code = 503",
    ),
    ("sip_4xx", "ended_at", "1", "o and ans is null and class = '4'"),
    ("sip_5xx", "ended_at", "1", "o and ans is null and class = '5'"),
    ("sip_6xx", "ended_at", "1", "o and ans is null and class = '6'"),
    ("timeouts", "ended_at", "1", "o and ans is null and class = 't'"),
    (
        "route_faults",
        "ended_at",
        "1",
        "o and ans is null and class is not null and not (sip_code = 408 and progress_at is not null) and \
         sip_code not in (401, 404, 407, 410, 480, 484, 485, 486, 487, 600, 603, 604, 607, 608)",
    ),
    (
        "unjudged_faults",
        "ended_at",
        "1",
        "o and ans is null and ended_at is not null and class is null and coalesce(outcome, 'failed') in ('failed', 'congestion') \
         and coalesce(q850, 0) not in (1, 16, 17, 18, 19, 20, 22, 28, 31)",
    ),
    ("inbound", "coalesce(ans, ended_at)", "1", "i"),
    (
        "inbound_answered",
        "coalesce(ans, ended_at)",
        "1",
        "i and (bridged_at is not null or (ans is not null and queued_at is null))",
    ),
    (
        "inbound_ring_ms",
        "ans",
        "max(0, min(coalesce(answered_at, queued_at, bridged_at), coalesce(queued_at, answered_at, bridged_at)) - st) / 1000",
        "i and not untimed and (bridged_at is not null or queued_at is null)",
    ),
    (
        "inbound_wait_ms",
        "ans",
        "max(0, bridged_at - queued_at) / 1000",
        "i and not untimed and queued_at is not null and bridged_at is not null",
    ),
    (
        "inbound_untimed",
        "coalesce(ans, ended_at)",
        "1",
        "i and untimed and (bridged_at is not null or (ans is not null and queued_at is null))",
    ),
    (
        "unjudged_inbound",
        "coalesce(ans, ended_at)",
        "1",
        "i and queued_at is not null and bridged_at is null and (ended_at is null or unseen)",
    ),
    ("queued", "queued_at", "1", "queued_at is not null"),
    ("queue_abandoned", "queued_at", "1", "gone and not unseen"),
    ("unjudged_queued", "queued_at", "1", "gone and unseen"),
    (
        "waited",
        "queued_at",
        "1",
        "queued_at is not null and not (gone and unseen) and coalesce(bridged_at, ended_at) is not null \
         and not coalesce(cannot_tell, 0) & 4",
    ),
    ("connected", "ended_at", "1", "ended_at is not null and ans is not null"),
    ("connected_ms", "ended_at", "max(0, ended_at - ans) / 1000", "ended_at is not null and ans is not null"),
    ("handled", "ended_at", "1", "ended_at is not null and ans is not null and bridged_at is not null"),
    (
        "talk_ms",
        "ended_at",
        "max(0, max(0, ended_at - bridged_at) / 1000 - coalesce(hold_ms, 0))",
        "ended_at is not null and ans is not null and bridged_at is not null",
    ),
    ("hold_ms", "ended_at", "coalesce(hold_ms, 0)", "ended_at is not null and bridged_at is not null"),
    ("wrap_ms", "ended_at", "coalesce(wrap_ms, 0)", "ended_at is not null and bridged_at is not null"),
    ("transferred", "ended_at", "1", "ended_at is not null and ans is not null and transferred_at is not null"),
    ("right_party", "ended_at", "1", "ended_at is not null and ans is not null and right_party = 1"),
];

/// Intervals, which are cut where they are asked for: agents' states, and what each component was observed to be.
const INTERVALS: &str = "
create temp table i (fact text, since integer, until integer, campaign text, agent text, component text);
insert into i
    select 'agent_' || state || '_ms', at, min(coalesce(next, :now), at + 43200000000), campaign, agent, null from
    (select *, lead(at) over (partition by agent order by at) as next from agent_states) where state <> 'offline';
create temp table b as select name, at, json_extract(body, '$.status') as status,
    lead(at, 1, 9e18) over s as next, lag(at) over s as prev from samples where kind = 'health' window s as (partition by name order by at);
insert into i select 'component_observed_ms', at, min(next, at + 86400000000, :counted), null, null, name from b where at < :counted;
insert into i select 'component_up_ms', at, min(next, at + 86400000000, :counted, at + 3 *
    case when prev is null or at - prev > 86400000000 then 60000000 else max(5000000, min(600000000, at - prev)) end), null, null, name
    from b where at < :counted and status <> 'offline';
";

/// What is recounted.
const TABLES: [&str; 4] = ["calls", "agent_states", "samples", "costs"];

/// The tables' rows in a database in memory.
async fn copied(from: &mut Look) -> SqliteConnection {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for tables in [
        include_str!("../../../../migrations/sqlite/001_spine.sql"),
        include_str!("../../../../migrations/sqlite/006_cannot_tell.sql"),
    ] {
        sqlx::raw_sql(tables).execute(&mut db).await.unwrap();
    }
    let mut copy = db.begin().await.unwrap();
    for table in TABLES {
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info(?)")
            .bind(table)
            .fetch_all(&mut *copy)
            .await
            .unwrap();
        let insert = format!("insert into {table} values ({})", vec!["?"; columns.len()].join(", "));
        for row in from.rows(&format!("select {} from {table}", columns.join(", "))).await {
            let put = sqlx::query(AssertSqlSafe(insert.clone()));
            let put = row.into_iter().fold(put, |put, field| match field {
                Field::Null => put.bind(None::<i64>),
                Field::Number(n) => put.bind(n),
                Field::Text(text) => put.bind(text),
                Field::Bytes(bytes) => put.bind(bytes),
            });
            put.execute(&mut *copy).await.unwrap();
        }
    }
    copy.commit().await.unwrap();
    db
}

impl Recount {
    pub async fn of(floor: &mut Floor, months: &[(&str, &str, &str)]) -> Self {
        floor.ingest().settle().await.unwrap();
        let mut db = match floor.database().await {
            Look::Sqlite(db) => db,
            mut elsewhere @ Look::Postgres(_) => copied(&mut elsewhere).await,
        };
        let now = floor.clock.now().micros();
        let counted = now.div_euclid(300_000_000) * 300_000_000;
        sqlx::raw_sql(CALLS).execute(&mut db).await.unwrap();
        for (fact, at, n, when) in COUNTS {
            let sql = format!(
                "insert into f select '{fact}', {at}, {n}, cam, rou, cou, agent, null, null from c where {when}"
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        }
        let numbers = "insert into f select 'dids_provisioned', min(st), 1, null, null, null, null, null, null from c \
             group by case when o then from_number else to_number end";
        sqlx::raw_sql(numbers).execute(&mut db).await.unwrap();
        sqlx::raw_sql("create index temp.f_at on f (fact, at)").execute(&mut db).await.unwrap();
        let intervals = INTERVALS.replace(":now", &now.to_string()).replace(":counted", &counted.to_string());
        sqlx::raw_sql(AssertSqlSafe(intervals)).execute(&mut db).await.unwrap();
        let moment = |text: &str| Moment::parse(text).unwrap();
        let months = months.iter().map(|(name, from, to)| ((*name).to_owned(), moment(from), moment(to))).collect();
        Self { db, months }
    }

    pub fn month(&self, name: &str) -> (Moment, Moment) {
        self.months.iter().find(|month| month.0 == name).map(|month| (month.1, month.2)).unwrap()
    }

    pub async fn fact(&mut self, fact: Fact, within: &Within) -> i64 {
        let (column, key) = within.key.clone().unwrap_or(("'all'", "all".to_owned()));
        let passing = fact.name().starts_with("agent_") || fact.name().starts_with("component_");
        // Milliseconds as the clock counts them: whole ones since 1970.
        let sql = if passing {
            format!(
                "select coalesce(sum(max(0, min(until, ?3) / 1000 - max(since, ?2) / 1000)), 0) from i \
                 where fact = ?1 and {column} = ?4"
            )
        } else {
            format!("select coalesce(sum(n), 0) from f where fact = ?1 and at >= ?2 and at < ?3 and {column} = ?4")
        };
        let ask = sqlx::query_scalar(AssertSqlSafe(sql)).bind(fact.name()).bind(within.from.micros());
        ask.bind(within.to.micros()).bind(key).fetch_one(&mut self.db).await.unwrap()
    }

    pub async fn same(&mut self, figures: &[(Fact, i64)], within: &Within) {
        for (fact, n) in figures {
            assert_eq!(*n, self.fact(*fact, within).await, "{} within {within:?}", fact.name());
        }
    }

    /// Numerator and denominator, as kpis.md has them.
    pub async fn kpi(&mut self, id: &str, within: &Within) -> (i64, i64) {
        use Fact::{
            Abandoned, AgentBreakMs, AgentOnCallMs, AgentReadyMs, AgentWrapUpMs, Answered, AnsweredLive, Attempts,
            Congestion, Connected, Failed, Handled, HoldMs, Inbound, InboundAnswered, InboundRingMs, InboundWaitMs,
            PddMs, Progressed, QueueAbandoned, Queued, Resolved, RouteFaults, TalkMs, Transferred, WrapMs,
        };
        let (part, whole): (&[Fact], &[Fact]) = match id {
            "calls_per_minute" => (&[Attempts], &[]),
            "answer_rate" => (&[Answered], &[Resolved]),
            "connect_rate" => (&[AnsweredLive], &[Resolved]),
            "abandon_rate" => (&[Abandoned], &[AnsweredLive]),
            "route_fault_rate" => (&[RouteFaults], &[Resolved]),
            "pdd" => (&[PddMs], &[Progressed]),
            "on_call_share" => (&[AgentOnCallMs], &[AgentReadyMs, AgentOnCallMs, AgentWrapUpMs, AgentBreakMs]),
            "inbound_answer_rate" => (&[InboundAnswered], &[Inbound]),
            "aht" => (&[TalkMs, HoldMs, WrapMs], &[Handled]),
            "queue_abandon_rate" => (&[QueueAbandoned], &[Queued]),
            "asa" => (&[InboundRingMs, InboundWaitMs], &[InboundAnswered]),
            "transfer_rate" => (&[Transferred], &[Connected]),
            "error_rate" => (&[Failed, Congestion], &[Resolved]),
            other => panic!("{other} has no recount"),
        };
        let mut sums = [0, 0];
        for (sum, facts) in sums.iter_mut().zip([part, whole]) {
            for fact in facts {
                *sum += self.fact(*fact, within).await;
            }
        }
        if id == "abandon_rate" {
            sums[1] -= self.fact(Fact::UnjudgedLive, within).await;
        }
        if id == "queue_abandon_rate" {
            sums[1] -= self.fact(Fact::UnjudgedQueued, within).await;
        }
        if id == "inbound_answer_rate" {
            sums[1] -= self.fact(Fact::UnjudgedInbound, within).await;
        }
        if id == "asa" {
            sums[1] -= self.fact(Fact::InboundUntimed, within).await;
        }
        let minutes = (within.to - within.from).as_secs() / 60;
        (sums[0], if whole.is_empty() { minutes } else { sums[1] })
    }

    /// Millionths that a stretch within one month cost; `None` where that month's cost was not told.
    pub async fn cost(&mut self, kind: &str, within: &Within) -> Option<f64> {
        let (name, from, to) = self.months.iter().find(|month| month.1 <= within.from && within.to <= month.2)?.clone();
        let sql = "select cast(amount as real) * 1e6 * (?3 - ?2) / (?5 - ?4) from costs where kind = ?1 and month = ?6";
        let ask = sqlx::query_scalar(sql).bind(kind).bind(within.from.micros()).bind(within.to.micros());
        ask.bind(from.micros()).bind(to.micros()).bind(name).fetch_optional(&mut self.db).await.unwrap()
    }
}
