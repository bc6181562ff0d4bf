//! Samples as they came, the latest of each, and what months cost.

use super::cells::Values;
use super::statement::values;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::{Cell, Sink, get};
use crate::store::rows;
use crate::store::write::Cost;
use app::domain::Moment;
use app::domain::outcome::CostKind;
use sqlx::sqlite::SqliteConnection;

fn put_key(of: &SampleKey, to: &mut Values) {
    to.text(of.kind.word());
    to.text(&of.name);
    to.text(&of.part);
    to.text(of.source.as_str());
    of.at.put(to);
}

pub(super) async fn find(db: &mut SqliteConnection, of: &SampleKey) -> Result<Option<String>, StoreError> {
    let asked = values(|to| put_key(of, to))?;
    let find = "select body from samples where kind = ? and name = ? and part = ? and source = ? and at = ?";
    let row = sqlx::query_with(find, asked).fetch_optional(db).await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// What is in `latest_samples` names every series there is, so that none is searched for through all that was said.
pub(super) const RECENT: &str = "select kind, name, part, source, at, body from latest_samples where kind <> 'health' \
     union select s.kind, s.name, s.part, s.source, s.at, s.body from latest_samples l cross join samples s \
     on s.kind = l.kind and s.name = l.name and s.part = l.part and s.source = l.source and s.at >= case l.kind \
         when 'channels' then ?1 \
         else coalesce((select at from samples where kind = l.kind and name = l.name and part = l.part \
             and source = l.source order by at desc limit 1 offset 1), l.at) end \
     where l.kind in ('channels', 'health') order by at";

/// See `WriteStore::recent_samples`.
pub(super) async fn recent(
    db: &mut SqliteConnection,
    channels_since: Moment,
) -> Result<Vec<(SampleKey, String)>, StoreError> {
    let rows = sqlx::query(RECENT).bind(channels_since.micros()).fetch_all(db).await?;
    rows.iter().map(rows::sample).collect()
}

/// See `Past::samples_during`.
pub(super) async fn during(db: &mut SqliteConnection, during: Stretch) -> Result<Vec<(SampleKey, String)>, StoreError> {
    let rows = sqlx::query(
        "select s.kind, s.name, s.part, s.source, s.at, s.body from latest_samples l join samples s \
         on s.kind = l.kind and s.name = l.name and s.part = l.part and s.source = l.source and s.at < ?2 \
         and s.at >= coalesce( \
             case when l.kind = 'health' then \
                 (select at from samples where kind = l.kind and name = l.name and part = l.part and source = l.source \
                  and at < ?1 order by at desc limit 1 offset 1) end, \
             (select at from samples where kind = l.kind and name = l.name and part = l.part and source = l.source \
              and at < ?1 order by at desc limit 1), ?1) \
         order by s.at",
    )
    .bind(during.from.micros())
    .bind(during.to.micros())
    .fetch_all(db)
    .await?;
    rows.iter().map(rows::sample).collect()
}

pub(super) async fn write(db: &mut SqliteConnection, samples: &[(SampleKey, String)]) -> Result<(), StoreError> {
    for (key, body) in samples {
        let row = || {
            values(|to| {
                put_key(key, to);
                to.text(body);
            })
        };
        let put = "insert or replace into samples (kind, name, part, source, at, body) values (?, ?, ?, ?, ?, ?)";
        sqlx::query_with(put, row()?).execute(&mut *db).await?;
        let put_latest = "insert into latest_samples (kind, name, part, source, at, body) values (?, ?, ?, ?, ?, ?) \
             on conflict (kind, name, part, source) do update set at = excluded.at, body = excluded.body \
             where excluded.at >= at";
        sqlx::query_with(put_latest, row()?).execute(&mut *db).await?;
    }
    Ok(())
}

pub(super) async fn cost(db: &mut SqliteConnection, month: &str, kind: CostKind) -> Result<Option<Cost>, StoreError> {
    let find = sqlx::query("select month, kind, amount, currency, told_at from costs where month = ? and kind = ?");
    let row = find.bind(month).bind(kind.word()).fetch_optional(db).await?;
    row.as_ref().map(rows::cost).transpose()
}

/// See `Reader::costs`.
pub(super) async fn costs(db: &mut SqliteConnection) -> Result<Vec<Cost>, StoreError> {
    let all = sqlx::query("select month, kind, amount, currency, told_at from costs order by month, kind");
    all.fetch_all(db).await?.iter().map(rows::cost).collect()
}

pub(super) async fn write_costs(db: &mut SqliteConnection, costs: &[Cost]) -> Result<(), StoreError> {
    for cost in costs {
        let row = values(|to| {
            cost.month.put(to);
            cost.kind.put(to);
            cost.amount.put(to);
            cost.currency.put(to);
            cost.told_at.put(to);
        })?;
        let put = "insert or replace into costs (month, kind, amount, currency, told_at) values (?, ?, ?, ?, ?)";
        sqlx::query_with(put, row).execute(&mut *db).await?;
    }
    Ok(())
}
