//! Campaigns, routes and DIDs: of each field its value and when it was told, as one JSON text a row.

use super::cells::get;
use crate::store::StoreError;
use crate::store::read::Settings;
use crate::store::write::{Commit, Rejudgement, RowId};
use app::domain::{Campaign, CampaignId, Did, Moment, Number, Route, RouteId, Told};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use smol_str::SmolStr;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

type Object = Map<String, Value>;

fn put<T: Serialize>(object: &mut Object, name: &str, told: &Told<T>) -> Result<(), StoreError> {
    if let Some(stamped) = &told.0 {
        let value = serde_json::to_value((&stamped.value, stamped.at.micros())).map_err(unreadable)?;
        object.insert(name.to_owned(), value);
    }
    Ok(())
}

fn take<T: DeserializeOwned>(object: &mut Object, name: &str) -> Result<Told<T>, StoreError> {
    let Some(value) = object.remove(name) else { return Ok(Told::default()) };
    let (value, at): (T, i64) = serde_json::from_value(value).map_err(unreadable)?;
    Ok(Told::at(value, Moment::from_micros(at)))
}

fn unreadable(e: serde_json::Error) -> StoreError {
    StoreError::Unreadable(format!("settings: {e}"))
}

/// Something told about in `*.updated`.
trait Kept: Sized {
    fn write(&self, to: &mut Object) -> Result<(), StoreError>;
    fn read(from: &mut Object) -> Result<Self, StoreError>;

    fn to_json(&self) -> Result<String, StoreError> {
        let mut object = Object::new();
        self.write(&mut object)?;
        serde_json::to_string(&object).map_err(unreadable)
    }

    fn from_json(json: &str) -> Result<Self, StoreError> {
        Self::read(&mut serde_json::from_str(json).map_err(unreadable)?)
    }
}

macro_rules! kept {
    ($name:ident: $($field:ident),*; history $($past:ident),*) => {
        impl Kept for $name {
            fn write(&self, to: &mut Object) -> Result<(), StoreError> {
                $(put(to, stringify!($field), &self.$field)?;)*
                $(to.insert(stringify!($past).to_owned(), serde_json::to_value(&self.$past).map_err(unreadable)?);)*
                Ok(())
            }
            fn read(from: &mut Object) -> Result<Self, StoreError> {
                Ok(Self {
                    $($field: take(from, stringify!($field))?,)*
                    $($past: from.remove(stringify!($past)).map_or_else(|| Ok(Default::default()), serde_json::from_value)
                        .map_err(unreadable)?,)*
                })
            }
        }
    };
}
kept!(Campaign: name, status, reason, destination, destinations, cac_limit, cps_limit, rate_limited, started_at, limit;
    history modes, max_attempts);
kept!(Route: name, carrier, status; history);
kept!(Did: status, pool; history);

pub(super) async fn read(db: &mut SqliteConnection) -> Result<Settings, StoreError> {
    Ok(Settings {
        campaigns: rows(db, "select campaign, settings from campaigns", CampaignId::trusted).await?,
        routes: rows(db, "select route, settings from routes", RouteId::trusted).await?,
        dids: rows(db, "select did, settings from dids", Number::trusted).await?,
    })
}

async fn rows<I, T: Kept>(
    db: &mut SqliteConnection,
    sql: &'static str,
    id: impl Fn(SmolStr) -> I,
) -> Result<Vec<(I, T)>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter().map(|row| Ok((id(get(row, 0)?), T::from_json(row.try_get(1)?)?))).collect()
}

pub(super) async fn write(db: &mut SqliteConnection, commit: &mut Commit<'_>) -> Result<(), StoreError> {
    for (id, settings) in &commit.campaigns {
        let put = "insert or replace into campaigns (campaign, settings) values (?, ?)";
        sqlx::query(put).bind(id.as_str()).bind(settings.to_json()?).execute(&mut *db).await?;
    }
    for (id, settings) in &commit.routes {
        let put = "insert or replace into routes (route, settings) values (?, ?)";
        sqlx::query(put).bind(id.as_str()).bind(settings.to_json()?).execute(&mut *db).await?;
    }
    for (number, settings) in &commit.dids {
        let put = "insert or replace into dids (did, settings) values (?, ?)";
        sqlx::query(put).bind(number.reveal()).bind(settings.to_json()?).execute(&mut *db).await?;
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

pub(super) async fn rejudgements(db: &mut SqliteConnection) -> Result<Vec<Rejudgement>, StoreError> {
    let rows = sqlx::query("select id, campaign, after_id, to_id from rejudgements order by id").fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(Rejudgement {
                id: Some(get(row, 0)?),
                campaign: get(row, 1)?,
                after: RowId(get(row, 2)?),
                to: RowId(get(row, 3)?),
            })
        })
        .collect()
}
