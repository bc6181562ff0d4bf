//! Components by their health samples, and the marks of site days.

use super::cells::clean;
use super::settings;
use crate::law::components::Beat;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::get;
use crate::store::rows;
use crate::store::write::{Commit, DayMark, KnownComponent, KnownNames};
use app::domain::{ComponentId, Moment};
use sqlx::postgres::PgConnection;

/// See `WriteStore::beats`.
pub(super) async fn beats(
    db: &mut PgConnection,
    component: &ComponentId,
    during: Stretch,
) -> Result<Vec<Beat>, StoreError> {
    // Of each source by the primary key, however many samples there are.
    let rows = sqlx::query(
        "select s.source, s.at, s.body from latest_samples l cross join lateral ( \
             (select * from samples where kind = 'health' and name = $1 and part = '' and source = l.source and at < $2 \
              order by at desc limit 2) \
             union all select * from samples where kind = 'health' and name = $1 and part = '' and source = l.source \
              and at >= $2 and at < $3 \
             union all (select * from samples where kind = 'health' and name = $1 and part = '' and source = l.source \
              and at >= $3 order by at limit 2)) s \
         where l.kind = 'health' and l.name = $1 and l.part = ''",
    );
    let rows = rows.bind(clean(component.as_str())).bind(during.from.micros()).bind(during.to.micros());
    rows.fetch_all(db).await?.iter().map(rows::beat).collect()
}

/// See `WriteStore::components`.
pub(super) async fn components(db: &mut PgConnection) -> Result<Vec<KnownComponent>, StoreError> {
    let rows = sqlx::query(
        "select component, counted_to, (select max(at) from latest_samples where kind = 'health' and name = component) \
         from components",
    );
    rows.fetch_all(db).await?.iter().map(rows::component).collect()
}

/// See `WriteStore::names`.
pub(super) async fn names(db: &mut PgConnection) -> Result<KnownNames, StoreError> {
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
pub(super) async fn days(db: &mut PgConnection) -> Result<Vec<DayMark>, StoreError> {
    let rows = sqlx::query("select day, first_at, revised_at from days order by day").fetch_all(db).await?;
    rows.iter().map(rows::day).collect()
}

/// See `Reader::revised`.
pub(super) async fn revised(db: &mut PgConnection, during: Stretch) -> Result<Vec<(Moment, Moment)>, StoreError> {
    let rows = sqlx::query(
        "select day, revised_at from days where day >= $1 and day < $2 and revised_at is not null order by day",
    );
    let rows = rows.bind(during.from.micros()).bind(during.to.micros()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

pub(super) async fn write(db: &mut PgConnection, commit: &Commit<'_>) -> Result<(), StoreError> {
    if !commit.components.is_empty() {
        let components: Vec<_> = commit.components.iter().map(|(c, _)| clean(c.as_str()).into_owned()).collect();
        let counted: Vec<_> = commit.components.iter().map(|(_, to)| to.micros()).collect();
        let put = "insert into components (component, counted_to) select * from unnest($1::text[], $2::bigint[]) \
             on conflict (component) do update set counted_to = excluded.counted_to";
        sqlx::query(put).bind(components).bind(counted).execute(&mut *db).await?;
    }
    if !commit.days.is_empty() {
        let days: Vec<_> = commit.days.iter().map(|mark| mark.day.micros()).collect();
        let first: Vec<_> = commit.days.iter().map(|mark| mark.first_at.micros()).collect();
        let revised: Vec<_> = commit.days.iter().map(|mark| mark.revised_at.map(Moment::micros)).collect();
        let put = "insert into days (day, first_at, revised_at) \
             select * from unnest($1::bigint[], $2::bigint[], $3::bigint[]) \
             on conflict (day) do update set first_at = excluded.first_at, revised_at = excluded.revised_at";
        sqlx::query(put).bind(days).bind(first).bind(revised).execute(db).await?;
    }
    Ok(())
}
