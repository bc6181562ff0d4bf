//! What is in force, as a configuration file would say it: for `ringside check`. Secrets are left out.

use super::{Config, Reach, Trunk};
use crate::access::Reading;
use crate::access::Transport;
use crate::access::hosts::Hosts;
use crate::access::keys::Key;
use crate::access::limits::Limits;
use crate::control::config::ControlTable;
use crate::source::SourceConfigs;
use crate::telemetry::LogFormat;
use app::domain::{ComponentId, TrunkId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
struct InForce<'a> {
    listen: String,
    database: String,
    open: Open,
    hosts: &'a Hosts,
    trusted_proxies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_head_file: Option<&'a Path>,
    hsts: bool,
    zone: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    log: Log<'a>,
    retention: Retention,
    limits: &'a Limits,
    #[serde(skip_serializing_if = "Ingest::is_empty")]
    ingest: Ingest<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    trunks: BTreeMap<&'a TrunkId, TrunkInForce<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    links: &'a BTreeMap<ComponentId, String>,
    #[serde(skip_serializing_if = "ControlTable::is_empty")]
    control: &'a ControlTable,
    #[serde(skip_serializing_if = "SourceConfigs::is_empty")]
    source: &'a SourceConfigs,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Open {
    Told(bool),
    Word(&'static str),
}

#[derive(Serialize)]
struct Log<'a> {
    filter: &'a str,
    format: &'static str,
}

#[derive(Serialize)]
struct Retention {
    calls_days: u32,
}

#[derive(Serialize)]
struct Ingest<'a> {
    keys: Vec<KeyInForce<'a>>,
}

impl Ingest<'_> {
    const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[derive(Serialize)]
struct KeyInForce<'a> {
    name: &'a str,
    scopes: Vec<&'static str>,
}

#[derive(Serialize)]
struct TrunkInForce<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
}

/// The whole as TOML. Warnings and what a file can't say stand in it as comments.
///
/// # Errors
/// If something in it can't be written as TOML.
pub fn as_toml(config: &Config) -> Result<String, toml::ser::Error> {
    let mut text = String::from("# What is in force. Secrets are left out.\n");
    for warning in &config.warnings {
        text.push_str(&format!("# warning: {warning}\n"));
    }
    let others: Vec<String> = config.listen.iter().skip(1).map(ToString::to_string).collect();
    if !others.is_empty() {
        text.push_str(&format!("# listening at {} too\n", others.join(", ")));
    }
    text.push_str(&toml::to_string(&toml::Table::try_from(in_force(config))?)?);
    Ok(text)
}

fn in_force(config: &Config) -> InForce<'_> {
    InForce {
        listen: config.listen.first().map(ToString::to_string).unwrap_or_default(),
        database: config.database.to_string(),
        open: match (config.reach, config.doors.reading) {
            (Reach::ThisMachine, _) => Open::Told(false),
            (Reach::OtherMachines, Reading::Keyed) => Open::Told(true),
            (Reach::OtherMachines, Reading::Free) => Open::Word("anonymous"),
        },
        hosts: &config.doors.hosts,
        trusted_proxies: config.doors.proxies.named().collect(),
        audit_head_file: config.audit_head.as_deref(),
        hsts: config.doors.transport == Transport::TlsAlone,
        zone: config.zone.name(),
        country: config.country.map(|country| country.as_str().to_owned()),
        log: Log {
            filter: &config.log,
            format: match config.log_format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            },
        },
        retention: Retention { calls_days: config.calls_days },
        limits: &config.doors.limits,
        ingest: Ingest { keys: config.keys.iter().map(key).collect() },
        trunks: config.trunks.iter().map(|(id, trunk)| (id, of_trunk(trunk))).collect(),
        links: &config.links,
        control: &config.control,
        source: &config.sources,
    }
}

fn key(key: &Key) -> KeyInForce<'_> {
    KeyInForce { name: &key.name, scopes: key.scopes.iter().map(|scope| scope.word()).collect() }
}

fn of_trunk(trunk: &Trunk) -> TrunkInForce<'_> {
    TrunkInForce { route: trunk.route.as_ref().map(|route| route.as_str()), capacity: trunk.capacity }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::cli::Settings;
    use crate::config::file;

    const WHOLE: &str = r#"
        listen = "127.0.0.1:9000"
        zone = "America/New_York"
        country = "US"
        [[ingest.keys]]
        name = "dialer"
        secret = "tulip-tulip-tulip-tulip"
        [trunks.carrier-a]
        route = "alpha"
        capacity = 120
        [links]
        media-1 = "https://grafana.example/d/1"
        [worker]
        url = "http://127.0.0.1:9000/health"
        [[control.http]]
        url = "https://dialer.example/{{ campaign }}/{{ action }}"
        secret = "tulip-tulip-tulip-tulip"
        confirm = "event"
        [[control.vicidial]]
        url = "https://vici.example/non_agent_api.php"
        user = "ringside"
        password = "tulip-tulip-tulip-tulip"
        names = { east = "EAST" }
        [[source.webhook]]
        name = "crm"
        secrets = ["whsec_dHVsaXAtdHVsaXAtdHVsaXAtdHVsaXAt"]
        [[source.livekit]]
        keys = { APIlab = "tulip-tulip-tulip-tulip" }
        trunks = { ST_1 = "alpha" }
        api = "http://livekit.example:7880"
        [[source.twilio]]
        url = "https://ops.example.com/hooks/twilio"
        keys = ["tulip-tulip-tulip-tulip"]
        [[source.statsd]]
        listen = "0.0.0.0:8125"
        from = ["10.0.0.0/8"]
        metrics = { load = { name = "cpu", scale = 0.01 } }
        [source.asterisk]
        address = "pbx:5038"
        user = "ringside"
        secret = "tulip-tulip-tulip-tulip"
        campaign = { variable = "CAMP" }
        agents = ["PJSIP/10*"]
        [source.asterisk.routes]
        trunk-a = { route = "alpha", capacity = 60 }
        trunk-b = "beta"
    "#;

    #[test]
    fn what_is_in_force_is_a_file_that_can_be_read_without_its_secrets() {
        let read = |text: &str| file::read(Path::new("r.toml"), text).map_err(|error| error.to_string());
        let config = Config::checked(Settings::default(), read(WHOLE).unwrap()).unwrap();
        let text = as_toml(&config).unwrap();
        assert!(!text.contains("tulip") && !text.contains("whsec") && !text.contains("dHVsaXA"), "{text}");
        let again = read(&text).unwrap();
        assert_eq!(again.listen.as_deref(), Some("127.0.0.1:9000"));
        assert_eq!(again.trunks["carrier-a"].capacity, Some(120));
        assert_eq!(again.ingest.keys[0].name, "dialer");
        assert_eq!(again.control.vicidial[0].user, "ringside");
        assert!(text.contains("[[source.asterisk]]") && text.contains("[[source.worker]]"), "{text}");
        assert_eq!(again.source.webhook.tables[0].name, "crm");
        let livekit = &again.source.livekit.tables[0];
        assert_eq!((livekit.name.as_deref(), livekit.call_id.as_deref()), (Some("livekit"), Some("sip.callID")));
        assert_eq!((livekit.api_key.as_deref(), livekit.every_s), (Some("APIlab"), Some(5)));
        assert_eq!((livekit.trunks["ST_1"].as_str(), livekit.country), ("alpha", app::domain::Country::new("US").ok()));
        let twilio = &again.source.twilio.tables[0];
        assert_eq!((twilio.url.as_deref(), twilio.keys.len()), (Some("https://ops.example.com/hooks/twilio"), 0));
        let statsd = again.source.statsd.tables[0].clone().checked().unwrap();
        assert_eq!((statsd.name.as_str(), statsd.listen.port(), statsd.every.as_secs()), ("statsd", 8125, 10));
        let pbx = &again.source.asterisk.tables[0];
        assert_eq!((pbx.routes.len(), pbx.agents.len()), (2, 1));
        assert_eq!(pbx.campaign, config.sources.asterisk[0].campaign);
        assert_eq!(again.source.worker.tables[0].slow_ms, Some(500));
        let nothing = as_toml(&Config::checked(Settings::default(), read("").unwrap()).unwrap()).unwrap();
        assert!(nothing.contains("calls_days = 90") && read(&nothing).is_ok(), "{nothing}");
    }
}
