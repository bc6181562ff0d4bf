//! Asterisk's names taken apart: channels, dial strings, numbers, times.

use super::house::is_an_extension;
use app::domain::time::Moment;

/// The parts of a channel's name, `TECH/resource-hexsequence`. The resource may itself hold dashes and slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelName<'a> {
    pub tech: &'a str,
    pub resource: &'a str,
}

impl<'a> ChannelName<'a> {
    #[must_use]
    pub fn read(name: &'a str) -> Option<Self> {
        let (tech, rest) = name.split_once('/')?;
        let resource = rest.rsplit_once('-').map_or(rest, |(resource, _)| resource);
        (!tech.is_empty() && !resource.is_empty()).then_some(Self { tech, resource })
    }

    /// The device as queues name it, `TECH/resource`.
    #[must_use]
    pub fn interface(&self) -> String {
        format!("{}/{}", self.tech, self.resource)
    }
}

/// An interface as queues have it, without the options of a Local channel (`Local/1042@agents/n`).
#[must_use]
pub fn interface(text: &str) -> &str {
    match text.rsplit_once('/') {
        Some((local, options)) if local.starts_with("Local/") && !options.contains('@') => local,
        _ => text,
    }
}

/// Technologies whose devices people sit at.
const TECHNOLOGIES: [&str; 13] =
    ["PJSIP", "SIP", "IAX2", "SCCP", "Skinny", "MGCP", "DAHDI", "Zap", "H323", "OOH323", "Agent", "Console", "USTM"];

/// Who sits at a device, where nobody is named: the device without its technology, and of a Local channel the extension
/// that it reaches. So is one agent `1042` whether a queue, its log or a record tells of `PJSIP/1042`.
#[must_use]
pub fn sitting_at(device: &str) -> &str {
    let device = interface(device);
    match device.split_once('/') {
        Some(("Local", rest)) => rest.split('@').next().filter(|text| is_an_extension(text)).unwrap_or(device),
        Some((technology, resource)) if TECHNOLOGIES.contains(&technology) && !resource.is_empty() => resource,
        Some(_) | None => device,
    }
}

/// Channels that Asterisk makes for itself: recorders, announcers, listeners.
const INTERNAL: [&str; 9] =
    ["Local", "CBRec", "CBAnn", "Announcer", "Recorder", "Snoop", "Message", "Surrogate", "AsyncGoto"];

/// Whether somebody's device is at the other end of a channel.
#[must_use]
pub fn is_a_device(name: &ChannelName<'_>) -> bool {
    !INTERNAL.contains(&name.tech)
}

/// The other half of a Local channel, `Local/…;1` and `…;2`; `None` for every other channel.
#[must_use]
pub fn other_half(name: &str) -> Option<String> {
    if !name.starts_with("Local/") {
        return None;
    }
    match name.rsplit_once(';')? {
        (call, "1") => Some(format!("{call};2")),
        (call, "2") => Some(format!("{call};1")),
        _ => None,
    }
}

/// The number in what was dialled: `NUMBER@endpoint`, `endpoint/sip:NUMBER@host`, `endpoint/NUMBER`.
#[must_use]
pub fn dialled(dial_string: &str) -> &str {
    let target = dial_string.rsplit_once('/').map_or(dial_string, |(_, target)| target);
    let target = target.strip_prefix("sips:").or_else(|| target.strip_prefix("sip:")).unwrap_or(target);
    target.split(['@', ';', '?']).next().unwrap_or_default()
}

/// `Timestamp: 1795219200.101000`, seconds and a fraction.
#[must_use]
pub fn moment(timestamp: &str) -> Option<Moment> {
    let (secs, fraction) = timestamp.split_once('.').unwrap_or((timestamp, ""));
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    let micros =
        digits.map(|d| d.is_ascii_digit().then(|| i64::from(d - b'0'))).try_fold(0, |n, d| Some(n * 10 + d?))?;
    let secs: i64 = secs.parse().ok().filter(|s| (0..=253_402_300_799).contains(s))?;
    Some(Moment::from_micros(secs * 1_000_000 + micros))
}

/// `Duration: HH:MM:SS` in seconds.
#[must_use]
pub fn duration_secs(text: &str) -> Option<i64> {
    text.split(':')
        .map(|part| part.parse::<i64>().ok().filter(|n| (0..1_000_000).contains(n)))
        .try_fold(0, |n, part| Some(n * 60 + part?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_channels_resource_may_hold_dashes() {
        assert_eq!(
            ChannelName::read("PJSIP/carrier-a-0000001f"),
            Some(ChannelName { tech: "PJSIP", resource: "carrier-a" })
        );
        assert_eq!(ChannelName::read("Local/142@dial-00000002;1").unwrap().resource, "142@dial");
        assert_eq!(ChannelName::read("nonsense"), None);
    }

    #[test]
    fn an_interface_is_the_device_without_options() {
        assert_eq!(interface("Local/1042@agents/n"), "Local/1042@agents");
        assert_eq!(interface("Local/1042@agents"), "Local/1042@agents");
        assert_eq!(interface("PJSIP/1042"), "PJSIP/1042");
        assert_eq!(ChannelName::read("Local/1042@agents-00000002;1").unwrap().interface(), "Local/1042@agents");
    }

    #[test]
    fn who_sits_at_a_device_goes_by_its_name_alone() {
        for (device, who) in [
            ("PJSIP/1042", "1042"),
            ("SIP/agent-7", "agent-7"),
            ("Local/1042@agents/n", "1042"),
            ("Local/12025550187@mobiles/n", "Local/12025550187@mobiles"),
            ("Agent/7", "7"),
            ("1042", "1042"),
            ("Ann/Sales", "Ann/Sales"),
        ] {
            assert_eq!(sitting_at(device), who, "{device}");
        }
    }

    #[test]
    fn local_halves_name_each_other() {
        assert_eq!(other_half("Local/142@dial-00000002;1").unwrap(), "Local/142@dial-00000002;2");
        assert_eq!(other_half("PJSIP/a-1;1"), None);
    }

    #[test]
    fn what_was_dialled_is_found_in_every_form() {
        for text in [
            "12025550142@carrier-a",
            "carrier-a/sip:12025550142@192.0.2.1:5060",
            "carrier-a/12025550142",
            "12025550142",
        ] {
            assert_eq!(dialled(text), "12025550142");
        }
    }

    #[test]
    fn times_keep_their_microseconds() {
        assert_eq!(moment("1795219200.101000"), Some(Moment::from_micros(1_795_219_200_101_000)));
        assert_eq!(moment("1795219200.1"), Some(Moment::from_micros(1_795_219_200_100_000)));
        assert_eq!(moment("1795219200"), Some(Moment::from_secs(1_795_219_200)));
        assert_eq!((moment(""), moment("1.x"), moment("99999999999999")), (None, None, None));
        assert_eq!(duration_secs("01:02:03"), Some(3_723));
    }
}
