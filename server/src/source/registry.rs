//! What every source that stands in the file is: a table, its check, and a run. Which there are is the list in `source/mod.rs`.

use super::Needs;
use super::several::{Several, Written};
use app::domain::Country;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt::Debug;
use tokio::task::JoinHandle;

/// What the site says for all of its sources.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// Of numbers that are told without a country code.
    pub country: Option<Country>,
}

/// A source as the file has it.
pub trait Source {
    /// Its name in `[[source.<kind>]]`.
    const KIND: &'static str;
    /// The key by which several of the kind are told apart.
    const NAMED_BY: &'static str;
    /// Its table in the file.
    type Table: DeserializeOwned + Debug;
    /// The same, checked; written it is a table again, without secrets.
    type Config: Clone + Debug + Serialize;

    /// # Errors
    /// Names the key, and says what to do.
    fn checked(table: Self::Table, site: Site) -> Result<Self::Config, String>;

    /// What stands under `NAMED_BY`.
    fn name(config: &Self::Config) -> &str;

    /// Listens in a task of its own until the server stops.
    ///
    /// # Errors
    /// If it can't begin.
    fn start(config: Self::Config, needs: Needs) -> Result<JoinHandle<()>, String>;
}

/// What is wrong with a source's table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", of(*.place, .kind))]
pub struct SourceError {
    kind: &'static str,
    /// From 1, where there are several of the kind.
    place: Option<usize>,
    why: String,
}

fn of(place: Option<usize>, kind: &str) -> String {
    place.map_or_else(String::new, |place| format!("[[source.{kind}]] no. {place}: "))
}

/// Checks the tables of one kind; says what to write now where they stand as they did once.
pub(super) fn checked<S: Source>(
    several: Several<S::Table>,
    site: Site,
    warnings: &mut Vec<String>,
) -> Result<Vec<S::Config>, SourceError> {
    let kind = S::KIND;
    match several.written {
        Written::AsOne => warnings.push(format!(
            "`[source.{kind}]` is its name of old, and the file can hold one such table only: write `[[source.{kind}]]`"
        )),
        Written::AsList => {}
    }
    let alone = several.tables.len() == 1;
    let (mut configs, mut names) = (Vec::new(), BTreeSet::new());
    for (at, table) in several.tables.into_iter().enumerate() {
        let wrong = |why| SourceError { kind, place: (!alone).then_some(at + 1), why };
        let config = S::checked(table, site).map_err(wrong)?;
        let name = S::name(&config);
        if !names.insert(name.to_owned()) {
            let key = S::NAMED_BY;
            return Err(wrong(format!(
                "another one has the {key} `{name}` already, and nobody could tell the two apart: give each a `{key}` of its own"
            )));
        }
        configs.push(config);
    }
    Ok(configs)
}

/// Starts those of one kind.
pub(super) fn start<S: Source>(configs: &[S::Config], needs: &Needs) -> Result<Vec<JoinHandle<()>>, SourceError> {
    let alone = configs.len() == 1;
    let wrong = |at: usize, why| SourceError { kind: S::KIND, place: (!alone).then_some(at + 1), why };
    let started = configs.iter().enumerate();
    started.map(|(at, config)| S::start(config.clone(), needs.clone()).map_err(|why| wrong(at, why))).collect()
}

/// Makes of the list of sources the tables of the file, what is configured, and the start of all.
macro_rules! sources {
    ($($kind:ident: $source:ty),* $(,)?) => {
        /// `source` of the file.
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct SourceTables {
            $(#[serde(default)] pub $kind: Several<<$source as Source>::Table>,)*
        }

        /// The same, checked: what there is to listen to.
        #[derive(Debug, Clone, Default, serde::Serialize)]
        pub struct SourceConfigs {
            $(#[serde(skip_serializing_if = "Vec::is_empty")] pub $kind: Vec<<$source as Source>::Config>,)*
        }

        impl SourceTables {
            /// Checks all; what should be written otherwise is added to the warnings.
            ///
            /// # Errors
            /// The first thing that is wrong, with its place.
            pub fn checked(self, site: Site, warnings: &mut Vec<String>) -> Result<SourceConfigs, SourceError> {
                Ok(SourceConfigs { $($kind: registry::checked::<$source>(self.$kind, site, warnings)?,)* })
            }
        }

        impl SourceConfigs {
            #[must_use]
            pub const fn is_empty(&self) -> bool {
                true $(&& self.$kind.is_empty())*
            }

            /// Starts all, each in a task of its own.
            ///
            /// # Errors
            /// The first that can't begin.
            pub fn start(&self, needs: &Needs) -> Result<Vec<JoinHandle<()>>, SourceError> {
                let mut tasks = Vec::new();
                $(tasks.extend(registry::start::<$source>(&self.$kind, needs)?);)*
                Ok(tasks)
            }
        }
    };
}
pub(super) use sources;
