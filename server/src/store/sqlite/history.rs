//! Components by their health samples, and the marks of site days.

use super::settings;
use super::statement::{own, values};
use crate::law::components::Beat;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::{Sink, get};
use crate::store::rows;
use crate::store::write::{Commit, DayMark, KnownComponent, KnownNames};
use app::domain::{ComponentId, Moment};
use sqlx::sqlite::SqliteConnection;

/// See `WriteStore::beats`.
pub(super) async fn beats(
    db: &mut SqliteConnection,
    component: &ComponentId,
    during: Stretch,
) -> Result<Vec<Beat>, StoreError> {
    let sources: Vec<String> =
        sqlx::query_scalar("select source from latest_samples where kind = 'health' and name = ? and part = ''")
            .bind(component.as_str())
            .fetch_all(&mut *db)
            .await?;
    let mut beats = Vec::new();
    for source in sources {
        // Each by the primary key, however many samples there are.
        let parts = [
            ("at < ?3 order by at desc limit 2", during.from, during.from),
            ("at >= ?3 and at < ?4", during.from, during.to),
            ("at >= ?3 order by at limit 2", during.to, during.to),
        ];
        for (which, from, to) in parts {
            let sql = own(format!(
                "select source, at, body from samples where kind = 'health' and name = ?1 and part = '' and source = ?2 and {which}"
            ));
            let asked = values(|put| {
                put.text(component.as_str());
                put.text(&source);
                put.integer(from.micros());
                if which.contains("?4") {
                    put.integer(to.micros());
                }
            })?;
            for row in &sqlx::query_with(sql, asked).fetch_all(&mut *db).await? {
                beats.push(rows::beat(row)?);
            }
        }
    }
    Ok(beats)
}

/// See `WriteStore::components`.
pub(super) async fn components(db: &mut SqliteConnection) -> Result<Vec<KnownComponent>, StoreError> {
    let rows = sqlx::query(
        "select component, counted_to, (select max(at) from latest_samples where kind = 'health' and name = component) \
         from components",
    );
    rows.fetch_all(db).await?.iter().map(rows::component).collect()
}

/// See `WriteStore::names`.
pub(super) async fn names(db: &mut SqliteConnection) -> Result<KnownNames, StoreError> {
    let heard = settings::heard(db).await?;
    let series = sqlx::query("select kind, name, part, source, at from latest_samples").fetch_all(&mut *db).await?;
    let agents = sqlx::query("select agent, judged_at from agents").fetch_all(db).await?;
    let agent = |row: &_| Ok((get(row, 0)?, get(row, 1)?));
    Ok(KnownNames {
        series: series.iter().map(rows::sample_key).collect::<Result<_, StoreError>>()?,
        heard,
        agents: agents.iter().map(agent).collect::<Result<_, StoreError>>()?,
    })
}

/// See `WriteStore::days`.
pub(super) async fn days(db: &mut SqliteConnection) -> Result<Vec<DayMark>, StoreError> {
    let rows = sqlx::query("select day, first_at, revised_at from days order by day").fetch_all(db).await?;
    rows.iter().map(rows::day).collect()
}

/// See `Reader::revised`.
pub(super) async fn revised(db: &mut SqliteConnection, during: Stretch) -> Result<Vec<(Moment, Moment)>, StoreError> {
    let rows = sqlx::query(
        "select day, revised_at from days where day >= ? and day < ? and revised_at is not null order by day",
    );
    let rows = rows.bind(during.from.micros()).bind(during.to.micros()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

pub(super) async fn write(db: &mut SqliteConnection, commit: &Commit<'_>) -> Result<(), StoreError> {
    for (component, counted_to) in &commit.components {
        let put = "insert or replace into components (component, counted_to) values (?, ?)";
        sqlx::query(put).bind(component.as_str()).bind(counted_to.micros()).execute(&mut *db).await?;
    }
    for mark in &commit.days {
        let put = sqlx::query("insert or replace into days (day, first_at, revised_at) values (?, ?, ?)");
        let put = put.bind(mark.day.micros()).bind(mark.first_at.micros());
        put.bind(mark.revised_at.map(Moment::micros)).execute(&mut *db).await?;
    }
    Ok(())
}
