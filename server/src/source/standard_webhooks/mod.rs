//! `[[source.webhook]]`: whatever can send events as this server knows them, signed instead of with a key.
//!
//! A message's body is what `/api/v1/events` takes: one event, or an array of them. Events are named by their ids, so that
//! a message that comes twice does no harm.
//!
//! # Source
//! [Standard Webhooks 1.0](https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp` and `webhook-signature`, which may
//! list several while keys are changed.

mod config;
#[cfg(test)]
mod tests;

pub use config::{ConfigError, WebhookConfig, WebhookTable};

use super::feed::WayIn;
use super::webhook::{Contents, Hook, Hooks, Message, TOLERANCE_S, Told, Unsigned, header};
use super::{Needs, Site, Source};
use crate::kit::webhook_key::WebhookKey;
use app::domain::{Moment, parse};
use serde_json::value::RawValue;
use std::borrow::Cow;
use tokio::task::JoinHandle;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// A sender of signed events, as the file has it.
#[derive(Debug)]
pub struct StandardWebhook;

impl Source for StandardWebhook {
    const KIND: &'static str = "webhook";
    const NAMED_BY: &'static str = "name";
    type Table = WebhookTable;
    type Config = WebhookConfig;

    fn checked(table: WebhookTable, _: Site) -> Result<WebhookConfig, String> {
        table.checked().map_err(|error| error.to_string())
    }

    fn name(config: &WebhookConfig) -> &str {
        &config.name
    }

    fn start(config: WebhookConfig, needs: Needs) -> Result<JoinHandle<()>, String> {
        Self::open(config, &needs.hooks, &needs.way_in)
    }
}

impl StandardWebhook {
    /// Opens its address.
    ///
    /// # Errors
    /// If that is another source's.
    pub fn open(config: WebhookConfig, hooks: &Hooks, way_in: &WayIn) -> Result<JoinHandle<()>, String> {
        hooks.open(&config.name, Self::KIND, Signed { keys: config.keys }, way_in)
    }
}

/// What is looked for in each message.
#[derive(Debug)]
struct Signed {
    keys: Vec<WebhookKey>,
}

impl Hook for Signed {
    fn is_signed(&self, message: &Message<'_>, now: Moment) -> Result<(), Unsigned> {
        let Message { head, body, .. } = *message;
        let (id, timestamp, signatures) = (header(head, ID)?, header(head, TIMESTAMP)?, header(head, SIGNATURE)?);
        // Digits alone, as they were signed: `+1` and `1` are one number and two messages.
        let at = Some(timestamp).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let at: i64 = at
            .and_then(|text| text.parse().ok())
            .ok_or(Unsigned::Unreadable(TIMESTAMP, "it is whole seconds since 1970"))?;
        let ago_s = now.secs().saturating_sub(at);
        // An id or a time with a full stop in it would let a part of one pass for a part of the next; but then what is left for
        // the body is no JSON.
        if !self.keys.iter().fold(false, |found, key| found | key.has_signed(signatures, id, timestamp, body)) {
            return Err(Unsigned::Forged);
        }
        if ago_s > TOLERANCE_S {
            Err(Unsigned::Old { ago_s })
        } else if ago_s < -TOLERANCE_S {
            Err(Unsigned::Early { ahead_s: -ago_s })
        } else {
            Ok(())
        }
    }

    fn read<'b>(&self, body: &'b str, _: Option<&str>, _: Moment) -> Result<Contents<'b>, String> {
        let told = if body.trim_ascii_start().starts_with('[') {
            let events: Vec<&'b RawValue> = serde_json::from_str(body).map_err(|error| error.to_string())?;
            events.into_iter().map(|event| event_of(event.get())).collect()
        } else {
            let event: &'b RawValue = serde_json::from_str(body).map_err(|error| error.to_string())?;
            vec![event_of(event.get())]
        };
        Ok(Contents { told, shown: body.into() })
    }

    /// Events of ours name nobody but by numbers.
    fn unread<'b>(&self, body: &'b str) -> Cow<'b, str> {
        body.into()
    }
}

fn event_of(text: &str) -> Told<'_> {
    let mut unknown = Vec::new();
    let event = parse::event_noting(text, &mut |field| unknown.push(field));
    Told { text: text.into(), event, unknown }
}
