//! The channels of one call as the log tells of them, and who was in a bridge with whom.

use super::columns::Columns;
use crate::source::asterisk::names::other_half;
use app::domain::outcome::TransferKind;
use app::domain::{Moment, QueueId};
use csv::StringRecord;
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What the PBX says of a hang-up or a bridge, in JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extra {
    hangupcause: Option<u16>,
    hangupsource: Option<String>,
    dialstatus: Option<String>,
    bridge_id: Option<String>,
    bridge1_id: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct HangUp {
    pub cause: Option<u16>,
    /// The channel that hung up.
    pub source: SmolStr,
    pub dial_status: SmolStr,
}

#[derive(Debug, Default)]
pub struct Channel {
    pub name: SmolStr,
    pub id: SmolStr,
    /// Its call, as it began.
    pub linked: SmolStr,
    pub start: Option<Moment>,
    pub exten: SmolStr,
    pub context: SmolStr,
    /// The number that it showed first, and last.
    pub first_number: SmolStr,
    pub number: SmolStr,
    pub called: SmolStr,
    pub account: SmolStr,
    pub answered: Option<Moment>,
    pub ended: Option<Moment>,
    pub hang_up: HangUp,
    /// The other side of a `Dial` or an `Originate`.
    pub outgoing: bool,
    pub conference: bool,
    /// It was in a bridge of which the log does not tell who else was in it.
    pub with_somebody: bool,
    pub queue: Option<QueueId>,
    pub queued: Option<Moment>,
    /// What it dialled.
    pub dialled: Vec<SmolStr>,
}

/// A channel's time in a bridge; a log may be read from its end, so either may come first.
#[derive(Debug)]
struct Stay {
    bridge: SmolStr,
    channel: SmolStr,
    from: Option<Moment>,
    to: Option<Moment>,
}

/// Everything the log tells of one call.
#[derive(Debug, Default)]
pub struct Thread {
    pub channels: Vec<Channel>,
    stays: Vec<Stay>,
    /// Two channels of which one names the other, and when, where the log names no bridges.
    named: Vec<(SmolStr, SmolStr, Moment)>,
    pub transfer: Option<(TransferKind, Moment)>,
}

/// Whether a row says who was in a bridge with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    Named,
    Unnamed,
}

/// The events that tell something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Start,
    Answer,
    AppStart,
    /// Somebody comes into a bridge; before Asterisk 12, two are put together.
    Enter,
    Exit,
    BlindTransfer,
    AttendedTransfer,
    HangUp,
    End,
}

impl Kind {
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "CHAN_START" => Self::Start,
            "ANSWER" => Self::Answer,
            "APP_START" => Self::AppStart,
            "BRIDGE_ENTER" | "BRIDGE_START" => Self::Enter,
            "BRIDGE_EXIT" => Self::Exit,
            "BLINDTRANSFER" => Self::BlindTransfer,
            "ATTENDEDTRANSFER" => Self::AttendedTransfer,
            "HANGUP" => Self::HangUp,
            "CHAN_END" => Self::End,
            _ => return None,
        })
    }
}

impl Thread {
    /// Takes in what a row tells.
    pub fn hear(&mut self, kind: Kind, columns: &Columns, row: &StringRecord, at: Moment) -> Company {
        let get = |name| columns.get(row, name);
        let extra: Extra = serde_json::from_str(get("extra")).unwrap_or_default();
        let name = SmolStr::new(get("channame"));
        match kind {
            Kind::Enter => self.enter(&name, &extra, get("peer"), at),
            Kind::Exit => self.exit(&name, &extra, at),
            Kind::BlindTransfer => self.transfer = Some((TransferKind::Blind, at)),
            Kind::AttendedTransfer => self.transfer = Some((TransferKind::Warm, at)),
            Kind::Start | Kind::Answer | Kind::AppStart | Kind::HangUp | Kind::End => {}
        }
        let channel = self.channel(get("uniqueid"), &name);
        channel.shows(get);
        match kind {
            Kind::Start => {
                channel.start = Some(at);
                channel.linked = get("linkedid").into();
                channel.exten = get("exten").into();
                channel.context = get("context").into();
            }
            Kind::Answer => channel.answered = channel.answered.or(Some(at)),
            Kind::AppStart if get("appname").eq_ignore_ascii_case("queue") => {
                channel.queued = channel.queued.or(Some(at));
            }
            Kind::HangUp => {
                channel.ended = Some(at);
                channel.hang_up = HangUp {
                    cause: extra.hangupcause.filter(|cause| *cause != 0),
                    source: extra.hangupsource.unwrap_or_default().into(),
                    dial_status: extra.dialstatus.unwrap_or_default().into(),
                };
            }
            Kind::End => channel.ended = channel.ended.or(Some(at)),
            Kind::Enter if extra.bridge().is_none() && get("peer").is_empty() => channel.with_somebody = true,
            Kind::Enter => return Company::Named,
            Kind::AppStart | Kind::Exit | Kind::BlindTransfer | Kind::AttendedTransfer => {}
        }
        Company::Unnamed
    }

    fn channel(&mut self, id: &str, name: &SmolStr) -> &mut Channel {
        let known = self.channels.iter().position(|channel| channel.id == id);
        let at = known.unwrap_or_else(|| {
            self.channels.push(Channel { id: id.into(), name: name.clone(), ..Channel::default() });
            self.channels.len() - 1
        });
        &mut self.channels[at]
    }

    /// Whoever comes into a bridge meets those who are there; where bridges have no names, one of two names the other.
    fn enter(&mut self, name: &SmolStr, extra: &Extra, peers: &str, at: Moment) {
        let Some(bridge) = extra.bridge() else {
            let peers = peers.split(',').map(str::trim).filter(|peer| !peer.is_empty() && *peer != name);
            self.named.extend(peers.map(|peer| (name.clone(), SmolStr::new(peer), at)));
            return;
        };
        let left =
            |stay: &&mut Stay| stay.is_of(bridge, name) && stay.from.is_none() && stay.to.is_some_and(|to| to >= at);
        match self.stays.iter_mut().find(left) {
            Some(stay) => stay.from = Some(at),
            None => self.stays.push(Stay { bridge: bridge.into(), channel: name.clone(), from: Some(at), to: None }),
        }
    }

    fn exit(&mut self, name: &SmolStr, extra: &Extra, at: Moment) {
        let Some(bridge) = extra.bridge() else { return };
        let there = |stay: &&mut Stay| {
            stay.is_of(bridge, name) && stay.to.is_none() && stay.from.is_some_and(|from| from <= at)
        };
        match self.stays.iter_mut().find(there) {
            Some(stay) => stay.to = Some(at),
            None => self.stays.push(Stay { bridge: bridge.into(), channel: name.clone(), from: None, to: Some(at) }),
        }
    }

    /// Whether every channel was seen to start and to end.
    pub fn is_over(&self) -> bool {
        self.channels.iter().all(|channel| channel.start.is_some() && channel.ended.is_some())
    }

    pub fn absorb(&mut self, other: Self) {
        self.channels.extend(other.channels);
        self.stays.extend(other.stays);
        self.named.extend(other.named);
        self.transfer = self.transfer.or(other.transfer);
    }

    /// Those whom a channel met itself, and when first.
    fn beside(&self, channel: &str) -> Vec<(&SmolStr, Moment)> {
        let own = || self.stays.iter().filter(|stay| stay.channel == channel);
        let in_a_bridge = own().flat_map(|own| {
            let others = self.stays.iter().filter(|stay| stay.bridge == own.bridge && stay.channel != channel);
            others.filter_map(|other| Some((&other.channel, own.meets(other)?)))
        });
        let by_name = self.named.iter().filter_map(|(one, other, at)| match channel {
            _ if one == channel => Some((other, *at)),
            _ if other == channel => Some((one, *at)),
            _ => None,
        });
        let mut beside: Vec<(&SmolStr, Moment)> = in_a_bridge.chain(by_name).collect();
        beside.sort_by_key(|(_, at)| *at);
        beside
    }

    /// Whom a channel met, directly or across the two halves of Local channels, and since when.
    pub fn met(&self, channel: &str) -> Vec<(SmolStr, Moment)> {
        let mut met: Vec<(SmolStr, Moment)> = Vec::new();
        let mut from: Vec<(SmolStr, Option<Moment>)> = vec![(channel.into(), None)];
        let mut seen: BTreeSet<SmolStr> = BTreeSet::from([channel.into()]);
        while let Some((here, since)) = from.pop() {
            for (there, at) in self.beside(&here) {
                if !seen.insert(there.clone()) {
                    continue;
                }
                let since = since.map_or(at, |since| since.max(at));
                met.push((there.clone(), since));
                if let Some(half) = other_half(there).map(SmolStr::from) {
                    seen.insert(half.clone());
                    from.push((half, Some(since)));
                }
            }
        }
        met
    }
}

impl Extra {
    fn bridge(&self) -> Option<&str> {
        self.bridge_id.as_deref().or(self.bridge1_id.as_deref())
    }
}

impl Stay {
    fn is_of(&self, bridge: &str, channel: &str) -> bool {
        self.bridge == bridge && self.channel == channel
    }

    /// Since when two were in their bridge together, if they were.
    fn meets(&self, other: &Self) -> Option<Moment> {
        let since = self.from?.max(other.from?);
        let until = [self.to, other.to].into_iter().flatten().min();
        until.is_none_or(|until| since <= until).then_some(since)
    }
}

impl Channel {
    /// What every row says of its channel.
    fn shows<'r>(&mut self, get: impl Fn(&'static str) -> &'r str) {
        let app = get("appname").to_ascii_lowercase();
        match app.as_str() {
            "appdial" | "appdial2" => self.outgoing = true,
            "confbridge" | "meetme" | "konference" => self.conference = true,
            "queue" => {
                let queue = get("appdata").split([',', '|']).next().unwrap_or_default();
                self.queue = self.queue.take().or_else(|| QueueId::new(queue).ok());
            }
            "dial" => {
                let data = get("appdata");
                if !self.dialled.iter().any(|known| known == data) {
                    self.dialled.push(data.into());
                }
            }
            _ => {}
        }
        let last = |field: &mut SmolStr, text: &str| {
            if !text.is_empty() {
                *field = text.into();
            }
        };
        last(&mut self.number, get("cidnum"));
        last(&mut self.called, get("ciddnid"));
        last(&mut self.account, get("acctcode"));
        if self.first_number.is_empty() {
            self.first_number = self.number.clone();
        }
    }
}
