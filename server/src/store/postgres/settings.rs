//! Campaigns, routes and DIDs, a text each, and the spans of calls to be judged again.

use super::cells::clean;
use super::clear;
use crate::law::change::{Day, Gone, HeardOn};
use crate::store::StoreError;
use crate::store::cells::get;
use crate::store::read::{Dids, Settings};
use crate::store::rows::{self, NAMED_PERSON};
use crate::store::settings_text::AsText;
use crate::store::write::{Commit, Rejudgement};
use app::domain::{CampaignId, Moment, Number, RouteId};
use smol_str::SmolStr;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row};

pub(super) async fn read(db: &mut PgConnection, dids: Dids) -> Result<Settings, StoreError> {
    Ok(Settings {
        campaigns: all(db, "select campaign, settings from campaigns", CampaignId::trusted).await?,
        routes: all(db, "select route, settings from routes", RouteId::trusted).await?,
        dids: match dids {
            Dids::With => all(db, "select did, settings from dids", Number::trusted).await?,
            Dids::Without => Vec::new(),
        },
        persons: persons(db).await?,
    })
}

/// Persons whose numbers stand in names: notes of the store.
async fn persons(db: &mut PgConnection) -> Result<Vec<Number>, StoreError> {
    let notes = sqlx::query_scalar::<_, String>("select name from meta where name like 'named person %'");
    let notes = notes.fetch_all(db).await?;
    Ok(notes.iter().filter_map(|note| note.strip_prefix(NAMED_PERSON)).map(Number::trusted).collect())
}

async fn all<I, T: AsText>(
    db: &mut PgConnection,
    sql: &'static str,
    id: impl Fn(SmolStr) -> I,
) -> Result<Vec<(I, T)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| rows::setting(row, &id)).collect()
}

async fn put<'a, I: 'a, T: AsText + 'a>(
    db: &mut PgConnection,
    sql: &'static str,
    all: impl IntoIterator<Item = &'a (I, T)> + Clone,
    id: impl Fn(&I) -> &str,
) -> Result<(), StoreError> {
    let ids: Vec<_> = all.clone().into_iter().map(|(i, _)| clean(id(i)).into_owned()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let texts = all.into_iter().map(|(_, settings)| Ok(clean(&settings.to_json()?).into_owned()));
    let texts: Vec<_> = texts.collect::<Result<_, StoreError>>()?;
    sqlx::query(sql).bind(ids).bind(texts).execute(db).await?;
    Ok(())
}

async fn hear<I>(
    db: &mut PgConnection,
    table: &str,
    key: &str,
    heard: &[(I, Day)],
    id: impl Fn(&I) -> &str,
) -> Result<(), StoreError> {
    if heard.is_empty() {
        return Ok(());
    }
    let (ids, days): (Vec<_>, Vec<Day>) = heard.iter().map(|(i, day)| (clean(id(i)).into_owned(), *day)).unzip();
    let sql = format!(
        "update {table} set heard_on = heard.day from unnest($1::text[], $2::bigint[]) as heard (name, day) \
         where {key} = heard.name"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(days).execute(db).await?;
    Ok(())
}

/// See `WriteStore::forget`.
pub(super) async fn forget(db: &mut PgConnection, gone: &Gone, kept_from: Moment) -> Result<(), StoreError> {
    let mut transaction = db.begin().await?;
    let campaigns: Vec<_> = gone.campaigns.iter().map(|id| clean(id.as_str()).into_owned()).collect();
    let routes: Vec<_> = gone.routes.iter().map(|id| clean(id.as_str()).into_owned()).collect();
    let dids: Vec<_> = gone.dids.iter().map(|number| number.reveal().to_owned()).collect();
    for (sql, ids) in [
        ("delete from campaigns where campaign = any($1)", campaigns),
        ("delete from routes where route = any($1)", routes),
        ("delete from dids where did = any($1)", dids),
    ] {
        sqlx::query(sql).bind(ids).execute(&mut *transaction).await?;
    }
    // When numbers came into use can be proved no longer, either.
    clear::mark(&mut transaction, kept_from).await?;
    Ok(transaction.commit().await?)
}

/// When names were last heard of, where that was noted.
pub(super) async fn heard(db: &mut PgConnection) -> Result<HeardOn, StoreError> {
    Ok(HeardOn {
        campaigns: marks(
            db,
            "select campaign, heard_on from campaigns where heard_on is not null",
            CampaignId::trusted,
        )
        .await?,
        routes: marks(db, "select route, heard_on from routes where heard_on is not null", RouteId::trusted).await?,
        dids: marks(db, "select did, heard_on from dids where heard_on is not null", Number::trusted).await?,
    })
}

async fn marks<I>(
    db: &mut PgConnection,
    sql: &'static str,
    id: impl Fn(SmolStr) -> I,
) -> Result<Vec<(I, Day)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| Ok((id(get(row, 0)?), get(row, 1)?))).collect()
}

pub(super) async fn write(db: &mut PgConnection, commit: &mut Commit<'_>) -> Result<(), StoreError> {
    let campaigns = "insert into campaigns (campaign, settings) select * from unnest($1::text[], $2::text[]) \
         on conflict (campaign) do update set settings = excluded.settings";
    put(db, campaigns, commit.campaigns, CampaignId::as_str).await?;
    let routes = "insert into routes (route, settings) select * from unnest($1::text[], $2::text[]) \
         on conflict (route) do update set settings = excluded.settings";
    put(db, routes, commit.routes, RouteId::as_str).await?;
    let dids = "insert into dids (did, settings) select * from unnest($1::text[], $2::text[]) \
         on conflict (did) do update set settings = excluded.settings";
    let (known, gone): (Vec<_>, Vec<_>) = commit.dids.iter().partition(|(_, did)| did.is_known());
    put(db, dids, known, Number::reveal).await?;
    if !gone.is_empty() {
        let gone: Vec<_> = gone.iter().map(|(number, _)| number.reveal()).collect();
        sqlx::query("delete from dids where did = any($1)").bind(gone).execute(&mut *db).await?;
    }
    let heard = &commit.heard;
    hear(db, "campaigns", "campaign", &heard.campaigns, CampaignId::as_str).await?;
    hear(db, "routes", "route", &heard.routes, RouteId::as_str).await?;
    hear(db, "dids", "did", &heard.dids, Number::reveal).await?;
    if !commit.persons.is_empty() {
        let notes: Vec<_> = commit.persons.iter().map(|person| format!("{NAMED_PERSON}{}", person.reveal())).collect();
        let put =
            sqlx::query("insert into meta (name, value) select *, '' from unnest($1::text[]) on conflict do nothing");
        put.bind(notes).execute(&mut *db).await?;
    }
    for job in &mut commit.rejudged {
        if let Some(id) = job.id {
            let put = "update rejudgements set after_id = $1 where id = $2";
            sqlx::query(put).bind(job.after.0).bind(id).execute(&mut *db).await?;
        } else {
            let put = "insert into rejudgements (campaign, after_id, to_id) values ($1, $2, $3) returning id";
            let put = sqlx::query(put).bind(clean(job.campaign.as_str())).bind(job.after.0).bind(job.to.0);
            job.id = Some(put.fetch_one(&mut *db).await?.try_get(0)?);
        }
    }
    if !commit.rejudged_wholly.is_empty() {
        let done = sqlx::query("delete from rejudgements where id = any($1)").bind(&commit.rejudged_wholly);
        done.execute(db).await?;
    }
    Ok(())
}

pub(super) async fn rejudgements(db: &mut PgConnection) -> Result<Vec<Rejudgement>, StoreError> {
    let rows = sqlx::query("select id, campaign, after_id, to_id from rejudgements order by id").fetch_all(db).await?;
    rows.iter().map(rows::rejudgement).collect()
}
