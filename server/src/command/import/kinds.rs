//! Which translator reads a file, and what it must be told: by the file's kind.

use crate::aside;
use crate::config::Config;
use crate::config::cli::{ImportArgs, import_password};
use crate::import::columns::Columns;
use crate::import::lines::{Header, Rows, Source};
use crate::import::mapping::Mapping;
use crate::import::seen::endpoints_in;
use crate::import::shape::Shape;
use crate::import::tables::TableSource;
use crate::import::{Format, bytes, columns};
use crate::kit::mask::quoted;
use crate::source::asterisk::AsteriskConfig;
use crate::source::asterisk::cdr::Records;
use crate::source::asterisk::cel::Log;
use crate::source::asterisk::config::RouteConfig;
use crate::source::asterisk::house::Names;
use crate::source::asterisk::queue_log::{Meaning, QueueLog};
use crate::source::file::defaults::Defaults;
use crate::source::file::{Origin, Translate};
use crate::source::freeswitch::cdr_csv::{self as freeswitch, House, Legs};
use crate::source::pattern::Pattern;
use crate::store::foreign::{ForeignAddress, Table};
use anyhow::{Context, anyhow, bail, ensure};
use app::domain::RouteId;
use csv::StringRecord;
use encoding_rs::Encoding;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::path::Path;

/// What all files of one command are read with.
pub(super) struct Asked<'a> {
    pub(super) args: &'a ImportArgs,
    pub(super) config: &'a Config,
    pub(super) mapping: &'a Mapping,
    pub(super) origin: Option<Origin>,
}

impl Asked<'_> {
    /// A file, with what reads it.
    pub(super) fn file(&self, path: &Path) -> anyhow::Result<Source> {
        let encoding = self.encoding()?;
        let shape = Shape::of(&bytes::begins(path, encoding)?, self.delimiter()?);
        let rows = match self.format(&shape.first)? {
            Format::Ndjson => match self.origin {
                None => Rows::Events,
                Some(_) => bail!("events name their own source: leave --source away"),
            },
            format @ (Format::Csv
            | Format::AsteriskCdr
            | Format::AsteriskCel
            | Format::AsteriskQueueLog
            | Format::FreeswitchCsv) => {
                let named = format == Format::Csv || freeswitch_header(&shape.first).is_some();
                let header = if named { Header::First } else { Header::None };
                if matches!(format, Format::AsteriskCdr | Format::AsteriskCel) && !self.has_carriers() {
                    bail!(which_carriers(&endpoints_in(path, encoding, shape.delimiter)?));
                }
                let translate = self.translate(format, &shape.first)?;
                Rows::Csv { translate, header, delimiter: shape.delimiter }
            }
        };
        Ok(Source { path: path.to_owned(), encoding, rows })
    }

    /// A table of another's database, with what reads it, and how many rows it has.
    pub(super) async fn table(&self, url: &str, table: &str) -> anyhow::Result<(TableSource, u64)> {
        let password = import_password()?;
        let address = ForeignAddress::new(url, password.as_deref()).context("--from")?;
        let name = format!("{address}, {table}");
        let mut open = Table::open(&address, table).await.with_context(|| name.clone())?;
        let header = open.header();
        let format = self.format(&header)?;
        let time = time_column(format, &header, self.mapping).with_context(|| name.clone())?;
        open.begin(&time, self.args.since.as_deref())?;
        let (rows, without_time) = open.count().await.with_context(|| name.clone())?;
        if without_time > 0 {
            aside!("{name}: {without_time} rows have no `{time}` and are not read");
        }
        let translate = self.translate(format, &header)?;
        let header = match format {
            // These know their columns by a first row that names them.
            Format::AsteriskCdr | Format::AsteriskCel | Format::AsteriskQueueLog => Some(header),
            Format::Csv | Format::FreeswitchCsv | Format::Ndjson => None,
        };
        Ok((TableSource { table: open, name, translate, header }, rows))
    }

    fn has_carriers(&self) -> bool {
        !self.args.carrier.is_empty() || self.pbx().is_some_and(|pbx| !pbx.routes.is_empty())
    }

    /// The configured PBX whose records these are: the only one; of several that of the records' realm.
    fn pbx(&self) -> Option<&AsteriskConfig> {
        match self.config.sources.asterisk.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|pbx| self.origin.as_ref().is_some_and(|origin| origin.realm == pbx.realm)),
        }
    }

    /// The floor's own numbers: as the followed PBX is configured, and as told.
    fn dids(&self) -> anyhow::Result<Vec<Pattern>> {
        let read = |text: &String| {
            ensure!(text.starts_with(['+', '*']), "--did `{text}`: a number begins with + and its country's code");
            Ok(Pattern::from(text.as_str()))
        };
        let told = self.args.did.iter().map(read);
        self.pbx().into_iter().flat_map(|pbx| pbx.dids.iter().cloned().map(Ok)).chain(told).collect()
    }

    fn format(&self, first: &StringRecord) -> anyhow::Result<Format> {
        // Only a CSV of one's own has columns to name: where a file is of no other kind, that says what it is.
        let by_mapping = || (!self.mapping.is_empty()).then_some(Format::Csv);
        let found = self.args.format.or_else(|| Format::recognise(first)).or_else(by_mapping);
        found.context(
            "of no kind that can be recognised; name it with --format. A CSV of one's own needs a header, and \
             --map FIELD=COLUMN for what is not named like a field: call_id, direction, from, to, started_at, answered_at, \
             bridged_at, ended_at, agent, outcome, …",
        )
    }

    /// What makes events of rows, of which `first` is the first: their header, where they have one.
    fn translate(&self, format: Format, first: &StringRecord) -> anyhow::Result<Box<dyn Translate>> {
        let Self { args, config, .. } = self;
        let origin = self.origin.clone().context("whose calls are they? Name them with --source")?;
        let defaults = Defaults::read(&args.set).map_err(anyhow::Error::msg).context("--set")?;
        Ok(match format {
            Format::Ndjson => bail!("events are no rows of a table"),
            Format::Csv => {
                let columns = Columns::new(origin, config.country, defaults, first, self.mapping);
                Box::new(columns.map_err(anyhow::Error::msg)?)
            }
            Format::AsteriskCdr => Box::new(Records::new(origin, self.names()?, defaults)),
            Format::AsteriskCel => {
                let log = Log::new(origin, self.names()?, defaults, args.columns.as_deref());
                Box::new(log.map_err(anyhow::Error::msg)?)
            }
            Format::AsteriskQueueLog => {
                let meaning = self.pbx().map(Meaning::of).unwrap_or_default();
                Box::new(QueueLog::new(origin, config.country, meaning, defaults))
            }
            Format::FreeswitchCsv => {
                let inbound = args.inbound_context.iter().map(Into::into).collect();
                let outbound = args.outbound_context.iter().map(Into::into).collect();
                let template = args.template.clone().or_else(|| freeswitch_header(first));
                let house =
                    House { country: config.country, inbound, outbound, gateways: carriers(args)?, dids: self.dids()? };
                let legs = Legs::new(origin, house, defaults, template.as_deref());
                Box::new(legs.map_err(anyhow::Error::msg)?)
            }
        })
    }

    /// What the names of an Asterisk mean: as the followed PBX is configured, and as told.
    fn names(&self) -> anyhow::Result<Names> {
        let mut names = Names::of(self.pbx(), self.config.country);
        let carriers = carriers(self.args)?.into_iter();
        names
            .routes
            .extend(carriers.map(|(endpoint, route)| (endpoint, RouteConfig { route, capacity: None, prefix: None })));
        if names.routes.is_empty() {
            bail!(which_carriers(&[]));
        }
        names.dids = self.dids()?;
        names.inbound = self.args.inbound_context.iter().map(Into::into).collect();
        names.outbound = self.args.outbound_context.iter().map(Into::into).collect();
        Ok(names)
    }

    fn encoding(&self) -> anyhow::Result<Option<&'static Encoding>> {
        let known = |name: &String| {
            Encoding::for_label(name.as_bytes())
                .ok_or_else(|| anyhow!("--encoding `{name}`: is none (like utf-8, latin1, windows-1251, shift_jis)"))
        };
        self.args.encoding.as_ref().map(known).transpose()
    }

    fn delimiter(&self) -> anyhow::Result<Option<u8>> {
        let sign = |text: &String| match text.as_bytes() {
            b"tab" | b"\\t" => Ok(b'\t'),
            &[sign] if sign.is_ascii() && !sign.is_ascii_alphanumeric() && sign != b'"' => Ok(sign),
            _ => Err(anyhow!("--delimiter `{text}`: must be one sign (like `;`), or `tab`")),
        };
        self.args.delimiter.as_ref().map(sign).transpose()
    }
}

/// A header of FreeSWITCH's variables, as the template that it stands for.
fn freeswitch_header(first: &StringRecord) -> Option<String> {
    freeswitch::is_header(first).then(|| {
        let variables: Vec<String> = first.iter().map(|name| format!("\"${{{}}}\"", name.trim())).collect();
        variables.join(",")
    })
}

/// The column that tells when a call was, in the order of which a table is read.
fn time_column(format: Format, header: &StringRecord, mapping: &Mapping) -> anyhow::Result<String> {
    let known: &[&str] = match format {
        Format::AsteriskCdr => &["calldate", "start"],
        Format::AsteriskCel => &["eventtime"],
        Format::AsteriskQueueLog => &["time"],
        Format::FreeswitchCsv => &["start_uepoch", "start_epoch", "start_stamp"],
        Format::Csv | Format::Ndjson => &["started_at"],
    };
    let mapped = mapping.get("started_at").map(|mapped| mapped.column.as_str()).filter(|_| format == Format::Csv);
    let mut wanted = mapped.into_iter().chain(known.iter().copied());
    let found = wanted.find_map(|name| header.iter().find(|column| columns::plain(column) == columns::plain(name)));
    found
        .map(str::to_owned)
        .with_context(|| format!("no column tells when a call was: there is none of {}", known.join(", ")))
}

/// Endpoints named at most.
const NAMED: usize = 12;

/// What to say where nobody said which endpoints are carriers.
fn which_carriers(seen: &[(SmolStr, u64)]) -> String {
    let named: Vec<String> =
        seen.iter().take(NAMED).map(|(name, count)| format!("{} ({count})", quoted(name))).collect();
    let more = seen.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let seen_of =
        if named.is_empty() { String::new() } else { format!(" Its channels are of {}{more}.", named.join(", ")) };
    let example = seen.first().map_or_else(|| "ENDPOINT".to_owned(), |(name, _)| quoted(name));
    format!(
        "which endpoints are carriers?{seen_of} Name each that leads outside with its route: --carrier {example}=ROUTE, or by \
         --config with [[source.asterisk]]"
    )
}

/// Endpoints, or gateways, and their routes.
fn carriers(args: &ImportArgs) -> anyhow::Result<BTreeMap<SmolStr, RouteId>> {
    let read = |text: &String| {
        let (endpoint, route) =
            text.split_once('=').with_context(|| format!("--carrier `{text}`: must be ENDPOINT=ROUTE"))?;
        Ok((endpoint.into(), RouteId::new(route).with_context(|| format!("--carrier `{text}`"))?))
    };
    args.carrier.iter().map(read).collect()
}
