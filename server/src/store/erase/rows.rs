//! What a database does for an erasure: its rows as texts, and the SQL that is the same in both.

use super::Changed;
use crate::store::StoreError;
use crate::store::write::{CallWrite, RowId, StoredCall};
use app::domain::{CallName, Number};

/// A column of texts.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Column {
    Text(&'static str),
    Json(&'static str),
}

impl Column {
    pub(in crate::store) const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Json(name) => name,
        }
    }
}

/// A table in which names and texts of sources stand, beside calls and sums. Its columns of texts, with `at` where it has
/// that, are unlike in each two rows.
#[derive(Debug)]
pub(in crate::store) struct TextTable {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) columns: &'static [Column],
    /// A column of instants, or of running numbers.
    pub(in crate::store) at: Option<&'static str>,
}

use Column::{Json, Text};

const SAMPLE: &[Column] = &[Text("kind"), Text("name"), Text("part"), Text("source"), Json("body")];

/// All of them. The audit log is not changed, costs name nobody.
pub(in crate::store) const TABLES: &[TextTable] = &[
    TextTable { name: "agents", columns: &[Text("agent")], at: None },
    TextTable { name: "agent_states", columns: &[Text("agent"), Text("campaign"), Text("reason")], at: Some("at") },
    TextTable { name: "samples", columns: SAMPLE, at: Some("at") },
    TextTable { name: "latest_samples", columns: SAMPLE, at: None },
    TextTable { name: "campaigns", columns: &[Text("campaign"), Json("settings")], at: None },
    TextTable { name: "routes", columns: &[Text("route"), Json("settings")], at: None },
    TextTable { name: "dids", columns: &[Text("did"), Json("settings")], at: None },
    TextTable { name: "rejudgements", columns: &[Text("campaign")], at: Some("id") },
    TextTable { name: "components", columns: &[Text("component")], at: None },
];

/// One row of such a table.
#[derive(Debug, Clone)]
pub(in crate::store) struct TextRow {
    pub(in crate::store) texts: Vec<Option<String>>,
    pub(in crate::store) at: Option<i64>,
}

/// A block of sums whose names changed.
#[derive(Debug)]
pub(in crate::store) struct BlockRow {
    pub(in crate::store) grain: i64,
    pub(in crate::store) dimension: i64,
    pub(in crate::store) bucket: i64,
    pub(in crate::store) campaign: String,
    pub(in crate::store) new_campaign: String,
    pub(in crate::store) block: Vec<u8>,
}

/// The new names of a block, where they are others.
pub(in crate::store) type Renames<'r> = dyn FnMut(&str, &[u8]) -> Result<Option<(String, Vec<u8>)>, StoreError> + 'r;

/// What a database does for it, held by nobody else meanwhile: a server holds calls in memory.
pub(in crate::store) trait Erasable {
    /// What the store notes of itself under a name.
    async fn note(&mut self, name: &str) -> Result<Option<String>, StoreError>;
    async fn keep_note(&mut self, name: &str, value: &str) -> Result<(), StoreError>;
    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError>;
    /// The first calls after a row.
    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    /// Writes calls in one transaction, those that got another name under that.
    async fn write_calls(&mut self, calls: &mut [CallWrite<'_>], renamed: &[RowId]) -> Result<(), StoreError>;
    /// The rows of a table that tell something.
    async fn texts_of(
        &mut self,
        table: &TextTable,
        tells: &dyn Fn(&TextRow) -> bool,
    ) -> Result<Vec<TextRow>, StoreError>;
    async fn put_texts(&mut self, table: &TextTable, old: &TextRow, new: Vec<Option<String>>)
    -> Result<(), StoreError>;
    /// The blocks of sums that get other names.
    async fn blocks(&mut self, renames: &mut Renames<'_>) -> Result<Vec<BlockRow>, StoreError>;
    async fn put_block(&mut self, block: BlockRow) -> Result<(), StoreError>;
    /// What commits added to the sums and is not yet in the blocks.
    async fn entries(&mut self) -> Result<Vec<(i64, Vec<u8>)>, StoreError>;
    async fn put_entry(&mut self, id: i64, entry: Vec<u8>) -> Result<(), StoreError>;
    /// Forgets that a person's number stands in names.
    async fn forget_person(&mut self, number: &Number) -> Result<(), StoreError>;
    /// How many entries of the audit log tell something.
    async fn audited(&mut self, tells: &dyn Fn(&str) -> bool) -> Result<u64, StoreError>;
    /// Writes the files anew: what a row was before stays in them until something is written over it.
    async fn write_anew(&mut self, changed: &Changed) -> Result<(), StoreError>;
}

/// The statements that every database takes, for the `Erasable` of one whose connection is `self.db`. `$clean` and `$plain`
/// make a text such as the database can keep, and read it.
macro_rules! by_sql {
    ($clean:path, $plain:path) => {
        async fn texts_of(
            &mut self,
            table: &TextTable,
            tells: &dyn Fn(&TextRow) -> bool,
        ) -> Result<Vec<TextRow>, StoreError> {
            let names: Vec<&str> = table.columns.iter().map(|column| column.name()).chain(table.at).collect();
            let sql = sqlx::AssertSqlSafe(format!("select {} from {}", names.join(", "), table.name));
            let (mut found, mut rows) = (Vec::new(), sqlx::query(sql).fetch(&mut self.db));
            while let Some(row) = rows.try_next().await? {
                let text = |at| row.try_get::<Option<&str>, _>(at).map(|text| text.map(|text| $plain(text).into_owned()));
                let texts = (0..table.columns.len()).map(text).collect::<Result<_, _>>()?;
                let at = table.at.map(|_| row.try_get(table.columns.len())).transpose()?;
                let row = TextRow { texts, at };
                if tells(&row) {
                    found.push(row);
                }
            }
            Ok(found)
        }

        async fn put_texts(
            &mut self,
            table: &TextTable,
            old: &TextRow,
            new: Vec<Option<String>>,
        ) -> Result<(), StoreError> {
            let width = table.columns.len();
            let columns = || table.columns.iter().zip(1..);
            let set: Vec<_> = columns().map(|(column, n)| format!("{} = ${n}", column.name())).collect();
            let mut which: Vec<_> =
                columns().map(|(column, n)| format!("{} is not distinct from ${}", column.name(), n + width)).collect();
            which.extend(table.at.map(|at| format!("{at} = ${}", 2 * width + 1)));
            let sql = format!("update {} set {} where {}", table.name, set.join(", "), which.join(" and "));
            let mut put = sqlx::query(sqlx::AssertSqlSafe(sql));
            for text in new.into_iter().chain(old.texts.iter().cloned()) {
                put = put.bind(text.map(|text| $clean(&text).into_owned()));
            }
            if let Some(at) = old.at {
                put = put.bind(at);
            }
            put.execute(&mut self.db).await?;
            Ok(())
        }

        async fn blocks(&mut self, renames: &mut Renames<'_>) -> Result<Vec<BlockRow>, StoreError> {
            let all = "select grain, dimension, bucket, campaign, block from rollups";
            let (mut found, mut rows) = (Vec::new(), sqlx::query(all).fetch(&mut self.db));
            while let Some(row) = rows.try_next().await? {
                let campaign = $plain(row.try_get::<&str, _>(3)?).into_owned();
                if let Some((new_campaign, block)) = renames(&campaign, row.try_get::<&[u8], _>(4)?)? {
                    let (grain, dimension, bucket) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                    found.push(BlockRow { grain, dimension, bucket, campaign, new_campaign, block });
                }
            }
            Ok(found)
        }

        async fn put_block(&mut self, block: BlockRow) -> Result<(), StoreError> {
            let put = "update rollups set campaign = $1, block = $2                 where grain = $3 and dimension = $4 and bucket = $5 and campaign = $6";
            let put = sqlx::query(put).bind($clean(&block.new_campaign).into_owned()).bind(block.block);
            let put = put.bind(block.grain).bind(block.dimension).bind(block.bucket);
            put.bind($clean(&block.campaign).into_owned()).execute(&mut self.db).await?;
            Ok(())
        }

        async fn entries(&mut self) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
            Ok(sqlx::query_as("select id, entries from journal").fetch_all(&mut self.db).await?)
        }

        async fn put_entry(&mut self, id: i64, entry: Vec<u8>) -> Result<(), StoreError> {
            let put = sqlx::query("update journal set entries = $1 where id = $2").bind(entry).bind(id);
            put.execute(&mut self.db).await?;
            Ok(())
        }

        async fn forget_person(&mut self, number: &Number) -> Result<(), StoreError> {
            let forget = sqlx::query("delete from meta where name = $1");
            forget.bind(format!("{NAMED_PERSON}{}", number.reveal())).execute(&mut self.db).await?;
            Ok(())
        }

        async fn audited(&mut self, tells: &dyn Fn(&str) -> bool) -> Result<u64, StoreError> {
            let (mut found, mut rows) = (0, sqlx::query("select entry from audit").fetch(&mut self.db));
            while let Some(row) = rows.try_next().await? {
                found += u64::from(tells(&$plain(row.try_get::<&str, _>(0)?)));
            }
            Ok(found)
        }
    };
}
pub(in crate::store) use by_sql;
