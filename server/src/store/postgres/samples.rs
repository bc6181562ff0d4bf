//! Samples as they came, the latest of each, and what months cost.

use super::cells::clean;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::get;
use crate::store::rows;
use crate::store::write::Cost;
use app::domain::Moment;
use app::domain::outcome::CostKind;
use sqlx::postgres::PgConnection;

pub(super) async fn find(db: &mut PgConnection, of: &SampleKey) -> Result<Option<String>, StoreError> {
    let find = "select body from samples where kind = $1 and name = $2 and part = $3 and source = $4 and at = $5";
    let find = sqlx::query(find).bind(of.kind.word()).bind(clean(&of.name)).bind(clean(&of.part));
    let row = find.bind(clean(of.source.as_str())).bind(of.at.micros()).fetch_optional(db).await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// See `WriteStore::recent_samples`.
pub(super) async fn recent(
    db: &mut PgConnection,
    channels_since: Moment,
) -> Result<Vec<(SampleKey, String)>, StoreError> {
    // Of health the last two: each component's latest is known, and with it where to look for the one before.
    let rows = sqlx::query(
        "select kind, name, part, source, at, body from latest_samples where kind <> 'health' \
         union select s.kind, s.name, s.part, s.source, s.at, s.body from latest_samples l cross join lateral ( \
             select * from samples where kind = 'channels' and name = l.name and part = l.part and source = l.source \
             and at >= $1) s where l.kind = 'channels' \
         union select s.kind, s.name, s.part, s.source, s.at, s.body from latest_samples l cross join lateral ( \
             select * from samples where kind = l.kind and name = l.name and part = l.part and source = l.source \
             and at <= l.at order by at desc limit 2) s where l.kind = 'health' \
         order by 5",
    );
    let rows = rows.bind(channels_since.micros()).fetch_all(db).await?;
    rows.iter().map(rows::sample).collect()
}

/// See `Past::samples_during`.
pub(super) async fn during(db: &mut PgConnection, during: Stretch) -> Result<Vec<(SampleKey, String)>, StoreError> {
    // What is in `latest_samples` names every series there is, so that none is searched for through all that was said.
    let rows = sqlx::query(
        "select s.kind, s.name, s.part, s.source, s.at, s.body from latest_samples l cross join lateral ( \
             select * from samples where kind = l.kind and name = l.name and part = l.part and source = l.source \
             and at >= $1 and at < $2 union all (select * from samples where kind = l.kind and name = l.name \
             and part = l.part and source = l.source and at < $1 order by at desc \
             limit case when l.kind = 'health' then 2 else 1 end)) s order by s.at",
    );
    let rows = rows.bind(during.from.micros()).bind(during.to.micros());
    rows.fetch_all(db).await?.iter().map(rows::sample).collect()
}

pub(super) async fn write(db: &mut PgConnection, samples: &[(SampleKey, String)]) -> Result<(), StoreError> {
    if samples.is_empty() {
        return Ok(());
    }
    let kinds: Vec<_> = samples.iter().map(|(key, _)| key.kind.word()).collect();
    let names: Vec<_> = samples.iter().map(|(key, _)| clean(&key.name).into_owned()).collect();
    let parts: Vec<_> = samples.iter().map(|(key, _)| clean(&key.part).into_owned()).collect();
    let sources: Vec<_> = samples.iter().map(|(key, _)| clean(key.source.as_str()).into_owned()).collect();
    let at: Vec<_> = samples.iter().map(|(key, _)| key.at.micros()).collect();
    let bodies: Vec<_> = samples.iter().map(|(_, body)| clean(body).into_owned()).collect();
    let put = "insert into samples (kind, name, part, source, at, body) \
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) \
         on conflict (kind, name, part, source, at) do update set body = excluded.body";
    let put_latest = "insert into latest_samples (kind, name, part, source, at, body) \
         select distinct on (kind, name, part, source) * \
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) \
         as told (kind, name, part, source, at, body) order by kind, name, part, source, at desc \
         on conflict (kind, name, part, source) do update set at = excluded.at, body = excluded.body \
         where excluded.at >= latest_samples.at";
    for sql in [put, put_latest] {
        let put = sqlx::query(sql).bind(&kinds).bind(&names).bind(&parts).bind(&sources).bind(&at).bind(&bodies);
        put.execute(&mut *db).await?;
    }
    Ok(())
}

pub(super) async fn cost(db: &mut PgConnection, month: &str, kind: CostKind) -> Result<Option<Cost>, StoreError> {
    let find = sqlx::query("select month, kind, amount, currency, told_at from costs where month = $1 and kind = $2");
    let row = find.bind(clean(month)).bind(kind.word()).fetch_optional(db).await?;
    row.as_ref().map(rows::cost).transpose()
}

/// See `Reader::costs`.
pub(super) async fn costs(db: &mut PgConnection) -> Result<Vec<Cost>, StoreError> {
    let all = sqlx::query("select month, kind, amount, currency, told_at from costs order by month, kind");
    all.fetch_all(db).await?.iter().map(rows::cost).collect()
}

pub(super) async fn write_costs(db: &mut PgConnection, costs: &[Cost]) -> Result<(), StoreError> {
    for cost in costs {
        let put = "insert into costs (month, kind, amount, currency, told_at) values ($1, $2, $3, $4, $5) \
             on conflict (month, kind) do update set amount = excluded.amount, currency = excluded.currency, \
             told_at = excluded.told_at";
        let put = sqlx::query(put).bind(clean(&cost.month)).bind(cost.kind.word()).bind(clean(&cost.amount));
        put.bind(clean(&cost.currency)).bind(cost.told_at.micros()).execute(&mut *db).await?;
    }
    Ok(())
}
