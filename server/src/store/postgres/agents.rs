//! What agents were told to do, and with which instant each agent was last judged.

use super::cells::clean;
use crate::law::agents::{AgentReport, UNHEARD};
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::{get, get_optional};
use crate::store::rows;
use crate::store::write::{AgentWrite, KnownAgent};
use app::domain::{AgentId, Moment};
use sqlx::postgres::PgConnection;

/// See `WriteStore::agent`.
pub(super) async fn find(db: &mut PgConnection, agent: &AgentId, from: Moment) -> Result<KnownAgent, StoreError> {
    let judged: Option<i64> = sqlx::query_scalar("select judged_at from agents where agent = $1")
        .bind(clean(agent.as_str()))
        .fetch_optional(&mut *db)
        .await?;
    let rows = sqlx::query(
        "select at, campaign, state, reason from agent_states where agent = $1 and at >= \
         coalesce((select max(at) from agent_states where agent = $1 and at <= $2), $2) order by at",
    );
    let rows = rows.bind(clean(agent.as_str())).bind(from.micros()).fetch_all(db).await?;
    let said = rows.iter().map(|row| rows::said(row, 0)).collect::<Result<_, _>>()?;
    Ok(KnownAgent { judged: judged.map_or(Moment::MIN, Moment::from_micros), said })
}

/// See `Audit::agent`.
pub(super) async fn during(db: &mut PgConnection, agent: &AgentId, during: Stretch) -> Result<KnownAgent, StoreError> {
    let judged: i64 = sqlx::query_scalar("select judged_at from agents where agent = $1")
        .bind(clean(agent.as_str()))
        .fetch_one(&mut *db)
        .await?;
    let rows = sqlx::query(
        "select at, campaign, state, reason from agent_states where agent = $1 and at >= \
         coalesce((select max(at) from agent_states where agent = $1 and at <= $2), $2) and at <= \
         coalesce((select min(at) from agent_states where agent = $1 and at >= $3), $3) order by at",
    );
    let rows = rows.bind(clean(agent.as_str())).bind(during.from.micros()).bind(during.to.micros());
    let said = rows.fetch_all(db).await?.iter().map(|row| rows::said(row, 0)).collect::<Result<_, _>>()?;
    Ok(KnownAgent { judged: Moment::from_micros(judged), said })
}

/// See `WriteStore::agents`.
pub(super) async fn all(db: &mut PgConnection, from: Moment) -> Result<Vec<(AgentId, KnownAgent)>, StoreError> {
    let rows = sqlx::query(
        "select a.agent, a.judged_at, s.at, s.campaign, s.state, s.reason from agents a left join agent_states s \
         on s.agent = a.agent and s.at >= coalesce((select max(at) from agent_states where agent = a.agent and at <= $1), $1) \
         order by a.agent, s.at",
    );
    let mut all: Vec<(AgentId, KnownAgent)> = Vec::new();
    for row in &rows.bind(from.micros()).fetch_all(db).await? {
        let agent: AgentId = get(row, 0)?;
        if all.last().is_none_or(|(last, _)| *last != agent) {
            all.push((agent, KnownAgent { judged: get(row, 1)?, said: Vec::new() }));
        }
        if let (Some((_, known)), Some(_)) = (all.last_mut(), get_optional::<Moment>(row, 2)?) {
            known.said.push(rows::said(row, 2)?);
        }
    }
    Ok(all)
}

/// See `Past::agents_during`.
pub(super) async fn all_during(
    db: &mut PgConnection,
    during: Stretch,
) -> Result<Vec<(AgentId, Vec<AgentReport>)>, StoreError> {
    let rows = sqlx::query(
        "select s.at, s.campaign, s.state, s.reason, a.agent from agents a join agent_states s on s.agent = a.agent \
         and s.at < $2 and s.at >= coalesce((select max(at) from agent_states where agent = a.agent and at <= $1), $1) \
         order by a.agent, s.at",
    );
    let rows = rows.bind(during.from.micros()).bind(during.to.micros()).fetch_all(db).await?;
    rows::said_by_agent(&rows)
}

/// The agents whose last word nothing has ended yet, beside the rows of sums: when each was judged last, its name, that
/// word. What is due is the end of that word's twelve hours.
pub(super) fn open() -> String {
    format!(
        "select null::bigint, null::bigint, null::bytea, a.judged_at, a.agent, s.at, s.campaign, s.state, s.reason \
         from agents a join agent_states s on s.agent = a.agent and s.at = a.due - {} where a.due is not null",
        UNHEARD.as_millis() * 1_000
    )
}

/// Writes what agents were told, and with which instant they were judged.
pub(super) async fn write(db: &mut PgConnection, agents: &[AgentWrite]) -> Result<(), StoreError> {
    if agents.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = agents.iter().map(|write| clean(write.agent.as_str()).into_owned()).collect();
    let judged: Vec<_> = agents.iter().map(|write| write.judged.micros()).collect();
    let due: Vec<_> = agents.iter().map(|write| write.due.map(Moment::micros)).collect();
    let put = sqlx::query(
        "insert into agents (agent, judged_at, due) select * from unnest($1::text[], $2::bigint[], $3::bigint[]) \
         on conflict (agent) do update set judged_at = excluded.judged_at, due = excluded.due",
    );
    put.bind(names).bind(judged).bind(due).execute(&mut *db).await?;
    let said: Vec<_> =
        agents.iter().flat_map(|write| write.said.iter().map(move |said| (&write.agent, said))).collect();
    if said.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = said.iter().map(|(agent, _)| clean(agent.as_str()).into_owned()).collect();
    let at: Vec<_> = said.iter().map(|(_, said)| said.at.micros()).collect();
    let campaigns: Vec<_> = said.iter().map(|(_, said)| clean(said.campaign.as_str()).into_owned()).collect();
    let states: Vec<_> = said.iter().map(|(_, said)| said.state.word()).collect();
    let reasons: Vec<_> = said.iter().map(|(_, said)| said.reason.as_ref().map(|r| clean(r).into_owned())).collect();
    let put = sqlx::query(
        "insert into agent_states (agent, at, campaign, state, reason) \
         select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) on conflict (agent, at) \
         do update set campaign = excluded.campaign, state = excluded.state, reason = excluded.reason",
    );
    put.bind(names).bind(at).bind(campaigns).bind(states).bind(reasons).execute(db).await?;
    Ok(())
}
