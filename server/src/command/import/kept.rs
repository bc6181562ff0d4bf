//! `--mapping FILE`: what a kind of files needs to be read, kept for the next time.

use crate::config::cli::ImportArgs;
use crate::import::mapping::{Mapped, Mapping};
use anyhow::{Context, anyhow};
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Kept {
    format: Option<String>,
    source: Option<String>,
    file_zone: Option<String>,
    dates: Option<String>,
    country: Option<String>,
    delimiter: Option<String>,
    encoding: Option<String>,
    template: Option<String>,
    columns: Option<String>,
    inbound_context: Vec<String>,
    outbound_context: Vec<String>,
    did: Vec<String>,
    carrier: BTreeMap<String, String>,
    set: BTreeMap<String, String>,
    map: BTreeMap<String, Column>,
}

/// A column by its name, or with what its values mean.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Column {
    Name(String),
    Values {
        column: String,
        #[serde(default)]
        values: BTreeMap<String, String>,
    },
}

impl From<Column> for Mapped {
    fn from(column: Column) -> Self {
        match column {
            Column::Name(column) => Self { column, values: Vec::new() },
            Column::Values { column, values } => Self { column, values: values.into_iter().collect() },
        }
    }
}

/// What is told on the command line goes before what the file keeps; gives the mapping of both.
///
/// # Errors
/// If the file can't be read, or what is in it, or on the command line, is none.
pub(super) fn apply(args: &mut ImportArgs) -> anyhow::Result<Mapping> {
    let told = Mapping::read(&args.map).map_err(anyhow::Error::msg).context("--map")?;
    let Some(path) = &args.mapping else { return Ok(told) };
    let place = format!("--mapping {}", path.display());
    let text = std::fs::read_to_string(path).with_context(|| place.clone())?;
    let kept: Kept = toml::from_str(&text).with_context(|| place.clone())?;
    let fill = |option: &mut Option<String>, kept: Option<String>| *option = option.take().or(kept);
    fill(&mut args.source, kept.source);
    fill(&mut args.file_zone, kept.file_zone);
    fill(&mut args.country, kept.country);
    fill(&mut args.delimiter, kept.delimiter);
    fill(&mut args.encoding, kept.encoding);
    fill(&mut args.template, kept.template);
    fill(&mut args.columns, kept.columns);
    args.format = args.format.map_or_else(|| word("format", kept.format, &place), |told| Ok(Some(told)))?;
    args.dates = args.dates.map_or_else(|| word("dates", kept.dates, &place), |told| Ok(Some(told)))?;
    args.inbound_context.extend(kept.inbound_context);
    args.outbound_context.extend(kept.outbound_context);
    args.did.extend(kept.did);
    // The last one that names a thing goes before the others.
    args.carrier.splice(..0, kept.carrier.into_iter().map(|(endpoint, route)| format!("{endpoint}={route}")));
    args.set.splice(..0, kept.set.into_iter().map(|(field, value)| format!("{field}={value}")));
    let mut mapping = Mapping::default();
    for (field, column) in kept.map {
        mapping.insert(&field, column.into()).map_err(anyhow::Error::msg).with_context(|| place.clone())?;
    }
    Ok(told.over(mapping))
}

/// A word that an option knows.
fn word<T: ValueEnum>(key: &str, kept: Option<String>, place: &str) -> anyhow::Result<Option<T>> {
    let known = |text: String| {
        T::from_str(&text, false).map_err(|_| {
            let words: Vec<_> = T::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
            let words: Vec<&str> = words.iter().map(clap::builder::PossibleValue::get_name).collect();
            anyhow!("{place}: {key}: `{text}` is none of {}", words.join(", "))
        })
    };
    kept.map(known).transpose()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::cli::{Cli, Command};
    use clap::Parser;

    #[test]
    fn the_mapping_that_the_manual_shows_is_read() {
        let manual = include_str!("../../../docs/import.md");
        let shown = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let file = std::env::temp_dir().join(format!("ringside-mapping-{}.toml", std::process::id()));
        std::fs::write(&file, shown).unwrap();
        let line = ["ringside", "import", "calls.csv", "--mapping", file.to_str().unwrap()];
        let Command::Import(mut args) = Cli::parse_from(line).command else { unreachable!() };
        let mapping = apply(&mut args);
        std::fs::remove_file(file).unwrap();
        mapping.unwrap();
        assert_eq!((args.source.as_deref(), args.file_zone.as_deref()), (Some("pbx-1"), Some("Europe/Rome")));
    }
}
