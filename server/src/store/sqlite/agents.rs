//! What agents were told to do, and with which instant each agent was last judged.

use super::statement::values;
use crate::law::agents::{AgentReport, UNHEARD};
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::{Cell, Sink, get};
use crate::store::rows;
use crate::store::write::{AgentWrite, KnownAgent};
use app::domain::{AgentId, Moment};
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

/// See `WriteStore::agent`.
pub(super) async fn find(db: &mut SqliteConnection, agent: &AgentId, from: Moment) -> Result<KnownAgent, StoreError> {
    let judged: Option<i64> = sqlx::query_scalar("select judged_at from agents where agent = ?")
        .bind(agent.as_str())
        .fetch_optional(&mut *db)
        .await?;
    let rows = sqlx::query(
        "select at, campaign, state, reason from agent_states where agent = ?1 and at >= \
         coalesce((select max(at) from agent_states where agent = ?1 and at <= ?2), ?2) order by at",
    )
    .bind(agent.as_str())
    .bind(from.micros())
    .fetch_all(db)
    .await?;
    let said = rows.iter().map(|row| rows::said(row, 0)).collect::<Result<_, _>>()?;
    Ok(KnownAgent { judged: judged.map_or(Moment::MIN, Moment::from_micros), said })
}

/// See `Audit::agent`.
pub(super) async fn during(
    db: &mut SqliteConnection,
    agent: &AgentId,
    during: Stretch,
) -> Result<KnownAgent, StoreError> {
    let judged: i64 = sqlx::query_scalar("select judged_at from agents where agent = ?")
        .bind(agent.as_str())
        .fetch_one(&mut *db)
        .await?;
    let rows = sqlx::query(
        "select at, campaign, state, reason from agent_states where agent = ?1 and at >= \
         coalesce((select max(at) from agent_states where agent = ?1 and at <= ?2), ?2) and at <= \
         coalesce((select min(at) from agent_states where agent = ?1 and at >= ?3), ?3) order by at",
    )
    .bind(agent.as_str())
    .bind(during.from.micros())
    .bind(during.to.micros())
    .fetch_all(db)
    .await?;
    let said = rows.iter().map(|row| rows::said(row, 0)).collect::<Result<_, _>>()?;
    Ok(KnownAgent { judged: Moment::from_micros(judged), said })
}

/// See `WriteStore::agents`.
pub(super) async fn all(db: &mut SqliteConnection, from: Moment) -> Result<Vec<(AgentId, KnownAgent)>, StoreError> {
    let names = sqlx::query("select agent from agents order by agent").fetch_all(&mut *db).await?;
    let mut all = Vec::with_capacity(names.len());
    for row in &names {
        let agent = AgentId::trusted(row.try_get::<&str, _>(0)?);
        let known = find(db, &agent, from).await?;
        all.push((agent, known));
    }
    Ok(all)
}

/// See `Past::agents_during`.
pub(super) async fn all_during(
    db: &mut SqliteConnection,
    during: Stretch,
) -> Result<Vec<(AgentId, Vec<AgentReport>)>, StoreError> {
    let rows = sqlx::query(
        "select at, campaign, state, reason, a.agent from agents a join agent_states s on s.agent = a.agent and s.at < ?2 \
         and s.at >= coalesce((select max(at) from agent_states where agent = a.agent and at <= ?1), ?1) \
         order by a.agent, at",
    )
    .bind(during.from.micros())
    .bind(during.to.micros())
    .fetch_all(db)
    .await?;
    rows::said_by_agent(&rows)
}

/// The agents whose last word nothing has ended yet: each with when it was judged last, and that word. What is due is the
/// end of that word's time.
pub(super) async fn open(
    db: &mut SqliteConnection,
    mut each: impl FnMut(&AgentId, Moment, &AgentReport),
) -> Result<(), StoreError> {
    let mut rows = sqlx::query(
        "select s.at, s.campaign, s.state, s.reason, a.agent, a.judged_at from agents a join agent_states s \
         on s.agent = a.agent and s.at = a.due - ?1 where a.due is not null",
    )
    .bind(UNHEARD.as_millis() * 1_000)
    .fetch(db);
    while let Some(row) = rows.try_next().await? {
        each(&get(&row, 4)?, get(&row, 5)?, &rows::said(&row, 0)?);
    }
    Ok(())
}

pub(super) async fn write(db: &mut SqliteConnection, agents: &[AgentWrite]) -> Result<(), StoreError> {
    for write in agents {
        let row = values(|to| {
            write.agent.put(to);
            write.judged.put(to);
            to.optional(write.due.as_ref());
        })?;
        sqlx::query_with("insert or replace into agents (agent, judged_at, due) values (?, ?, ?)", row)
            .execute(&mut *db)
            .await?;
        for said in &write.said {
            let row = values(|to| {
                write.agent.put(to);
                said.at.put(to);
                said.campaign.put(to);
                said.state.put(to);
                to.optional(said.reason.as_ref());
            })?;
            let put = "insert or replace into agent_states (agent, at, campaign, state, reason) values (?, ?, ?, ?, ?)";
            sqlx::query_with(put, row).execute(&mut *db).await?;
        }
    }
    Ok(())
}
