//! Campaigns, routes and DIDs, a text each, and the spans of calls to be judged again.

use crate::law::change::{Day, Gone, HeardOn};
use crate::store::StoreError;
use crate::store::cells::get;
use crate::store::read::{Dids, Settings};
use crate::store::rows::{self, NAMED_PERSON};
use crate::store::settings_text::AsText;
use crate::store::write::{Commit, Rejudgement};
use app::domain::{CampaignId, Number, RouteId};
use smol_str::SmolStr;
use sqlx::sqlite::SqliteConnection;

pub(super) async fn read(db: &mut SqliteConnection, dids: Dids) -> Result<Settings, StoreError> {
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
async fn persons(db: &mut SqliteConnection) -> Result<Vec<Number>, StoreError> {
    let notes = sqlx::query_scalar::<_, String>("select name from meta where name like 'named person %'");
    let notes = notes.fetch_all(db).await?;
    Ok(notes.iter().filter_map(|note| note.strip_prefix(NAMED_PERSON)).map(Number::trusted).collect())
}

async fn all<I, T: AsText>(
    db: &mut SqliteConnection,
    sql: &'static str,
    id: impl Fn(SmolStr) -> I,
) -> Result<Vec<(I, T)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| rows::setting(row, &id)).collect()
}

pub(super) async fn write(db: &mut SqliteConnection, commit: &mut Commit<'_>) -> Result<(), StoreError> {
    for (id, settings) in commit.campaigns {
        let put = "insert into campaigns (campaign, settings) values (?, ?) \
             on conflict (campaign) do update set settings = excluded.settings";
        sqlx::query(put).bind(id.as_str()).bind(settings.to_json()?).execute(&mut *db).await?;
    }
    for (id, settings) in commit.routes {
        let put = "insert into routes (route, settings) values (?, ?) \
             on conflict (route) do update set settings = excluded.settings";
        sqlx::query(put).bind(id.as_str()).bind(settings.to_json()?).execute(&mut *db).await?;
    }
    for (number, settings) in commit.dids {
        if !settings.is_known() {
            sqlx::query("delete from dids where did = ?").bind(number.reveal()).execute(&mut *db).await?;
            continue;
        }
        let put = "insert into dids (did, settings) values (?, ?) \
             on conflict (did) do update set settings = excluded.settings";
        sqlx::query(put).bind(number.reveal()).bind(settings.to_json()?).execute(&mut *db).await?;
    }
    for (id, day) in &commit.heard.campaigns {
        let put = sqlx::query("update campaigns set heard_on = ? where campaign = ?");
        put.bind(day).bind(id.as_str()).execute(&mut *db).await?;
    }
    for (id, day) in &commit.heard.routes {
        let put = sqlx::query("update routes set heard_on = ? where route = ?");
        put.bind(day).bind(id.as_str()).execute(&mut *db).await?;
    }
    for (number, day) in &commit.heard.dids {
        let put = sqlx::query("update dids set heard_on = ? where did = ?");
        put.bind(day).bind(number.reveal()).execute(&mut *db).await?;
    }
    for person in commit.persons {
        let put = sqlx::query("insert or ignore into meta (name, value) values (?, '')");
        put.bind(format!("{NAMED_PERSON}{}", person.reveal())).execute(&mut *db).await?;
    }
    for job in &mut commit.rejudged {
        if let Some(id) = job.id {
            let put = "update rejudgements set after_id = ? where id = ?";
            sqlx::query(put).bind(job.after.0).bind(id).execute(&mut *db).await?;
        } else {
            let put = "insert into rejudgements (campaign, after_id, to_id) values (?, ?, ?)";
            let put = sqlx::query(put).bind(job.campaign.as_str()).bind(job.after.0).bind(job.to.0);
            job.id = Some(put.execute(&mut *db).await?.last_insert_rowid());
        }
    }
    for id in &commit.rejudged_wholly {
        sqlx::query("delete from rejudgements where id = ?").bind(id).execute(&mut *db).await?;
    }
    Ok(())
}

/// See `WriteStore::forget`. Within a transaction.
pub(super) async fn forget(db: &mut SqliteConnection, gone: &Gone) -> Result<(), StoreError> {
    for id in &gone.campaigns {
        sqlx::query("delete from campaigns where campaign = ?").bind(id.as_str()).execute(&mut *db).await?;
    }
    for id in &gone.routes {
        sqlx::query("delete from routes where route = ?").bind(id.as_str()).execute(&mut *db).await?;
    }
    for number in &gone.dids {
        sqlx::query("delete from dids where did = ?").bind(number.reveal()).execute(&mut *db).await?;
    }
    Ok(())
}

/// When names were last heard of, where that was noted.
pub(super) async fn heard(db: &mut SqliteConnection) -> Result<HeardOn, StoreError> {
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
    db: &mut SqliteConnection,
    sql: &'static str,
    id: impl Fn(SmolStr) -> I,
) -> Result<Vec<(I, Day)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| Ok((id(get(row, 0)?), get(row, 1)?))).collect()
}

pub(super) async fn rejudgements(db: &mut SqliteConnection) -> Result<Vec<Rejudgement>, StoreError> {
    let rows = sqlx::query("select id, campaign, after_id, to_id from rejudgements order by id").fetch_all(db).await?;
    rows.iter().map(rows::rejudgement).collect()
}
