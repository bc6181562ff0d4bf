//! Where an import goes: a store that is held meanwhile, or a server.

use crate::client::Client;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::cli::{ImportArgs, ingest_key};
use crate::import::Remote;
use crate::ingest::{Opened, StoreConfig, open};
use crate::source::feed::{Feed, Identity, Rejections};
use crate::store::any::{self, Store};
use anyhow::Context;
use app::domain::Span;
use chrono_tz::Tz;
use std::borrow::Cow;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(super) struct Target {
    pub(super) remote: Remote,
    pub(super) reader: Option<Store>,
    writer: Option<(JoinHandle<()>, CancellationToken)>,
}

impl Target {
    pub(super) async fn open(args: &ImportArgs, config: &Config) -> anyhow::Result<Self> {
        if let Some(to) = &args.to {
            let client = Client::new(to, ingest_key()?)?;
            return Ok(Self { remote: Remote::There(client), reader: None, writer: None });
        }
        let stored = any::stored_zone(&config.database).await.context("cannot open the store")?;
        let zone = config.told_zone.or(stored).unwrap_or(Tz::UTC);
        let keep_calls = Span::days(i64::from(config.calls_days));
        let store = StoreConfig { database: config.database.clone(), zone, keep_calls };
        let stop = CancellationToken::new();
        let opened = open(store, Clock::system(), stop.clone()).await;
        let Opened { ingest, reader, mut changes, writer, .. } =
            opened.context("cannot open the store (a server that runs on it takes imports by --to URL)")?;
        // Nobody looks on.
        tokio::spawn(async move { while changes.recv().await.is_some() {} });
        Ok(Self { remote: Remote::Here(ingest), reader: Some(reader), writer: Some((writer, stop)) })
    }

    /// The way on of one file: what it counts is that file's.
    pub(super) fn feed(&self) -> Feed<Remote> {
        let identity = Identity { kind: "import", name: Cow::Borrowed("import") };
        // An interrupt ends the reading; what is on its way is still handed on.
        let never = CancellationToken::new();
        Feed::unlisted(identity, self.remote.clone(), Clock::system(), never, Rejections::ToldByCommand)
    }

    /// Lets everything be judged and folded, and the store go.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        if let Remote::Here(ingest) = &self.remote {
            ingest.settle().await?;
        }
        if let Some((writer, stop)) = self.writer {
            stop.cancel();
            writer.await?;
        }
        Ok(())
    }
}
