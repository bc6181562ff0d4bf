//! Call detail records as Asterisk writes them to a file, for `ringside import`.
//!
//! A record is of a channel and of the party it was connected to (`leg`, its columns by `layout`); those of one call are
//! `held` until they can be read together, and then tell of it (`story`). It is a call of ours where a carrier's endpoint is
//! among them; records between telephones of the house are none. What no record tells is said by each call, so that there
//! is no figure of it.

mod held;
mod layout;
mod leg;
mod story;
#[cfg(test)]
mod tests;

use super::endpoints;
use super::house::{Names, destinations, endpoint_of, is_an_extension, is_dialled_through, is_local};
use super::names::ChannelName;
use crate::source::file::defaults::Defaults;
use crate::source::file::event;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Together, Translate, Wrong};
use crate::source::joined::Taken;
use crate::source::numbers;
use crate::source::own::OwnNumbers;
use app::domain::Event;
use csv::StringRecord;
use held::Held;
use layout::Layout;
use leg::{App, Leg};
use smol_str::SmolStr;
use story::Story;

/// Whether a row looks like a record, or like a header of records.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    Layout::header(row).or_else(|| Layout::of(row)).is_some()
}

/// Makes calls of records.
#[derive(Debug)]
pub struct Records {
    origin: Origin,
    names: Names,
    defaults: Defaults,
    /// As the file's header says, where it has one.
    header: Option<Layout>,
    own: OwnNumbers,
    held: Held,
    /// Told already, by records of no call of ours.
    ready: Vec<Event>,
    together: Vec<Together>,
}

impl Records {
    #[must_use]
    pub fn new(origin: Origin, names: Names, defaults: Defaults) -> Self {
        let own = OwnNumbers::new(names.dids.clone());
        Self {
            origin,
            names,
            defaults,
            header: None,
            own,
            held: Held::default(),
            ready: Vec::new(),
            together: Vec::new(),
        }
    }

    fn tell(&mut self, Taken { thing: legs, rows }: Taken<Vec<Leg>>) {
        let calls = Story { legs: &legs, names: &self.names, own: &mut self.own }.calls();
        self.together.push(Together { rows, calls: calls.len() });
        self.ready.extend(calls.into_iter().map(|record| {
            let time = record.ended_at.unwrap_or(record.started_at);
            event(&self.origin, "cdr", &self.defaults, record, time)
        }));
    }

    /// What a record is, by the endpoints that it names.
    fn fate(&self, leg: &Leg) -> Fate {
        if !leg.app.dials() && self.names.carrier(&leg.channel).is_none() && self.names.carrier(&leg.party).is_some() {
            return Fate::Held("met somebody on a carrier's channel, whose own records tell of the call");
        }
        let refused = || leg.party.is_empty() && leg.app == App::Dial;
        let carriers = [&leg.channel, &leg.party].into_iter().any(|channel| self.names.carrier(channel).is_some());
        if carriers || (refused() && self.names.dialled(&leg.data).next().is_some()) {
            return Fate::Told(Vec::new());
        }
        let outside = |text: &str| numbers::read(text, None, self.names.country).number().is_some();
        if !outside(&leg.src) && !outside(&leg.dst) {
            return Fate::Held("between telephones of the house");
        }
        let channels = [&leg.channel, &leg.party].into_iter().filter(|channel| !is_local(channel));
        let unknown = channels.filter(|channel| !self.is_of_the_house(leg, channel));
        let mut endpoints: Vec<SmolStr> = unknown
            .filter_map(|channel| ChannelName::read(channel))
            .map(|name| endpoints::shown(&name).into())
            .collect();
        if endpoints.is_empty() && refused() {
            let dialled = destinations(&leg.data).filter_map(endpoint_of).filter(|(tech, _)| *tech != "Local");
            endpoints.extend(
                dialled.map(|(tech, resource)| SmolStr::from(endpoints::shown(&ChannelName { tech, resource }))),
            );
        }
        if !endpoints.is_empty() {
            return Fate::NoRoute(endpoints);
        }
        // Half of a Local channel is a part of whatever call it leads to.
        if is_local(&leg.channel) || is_local(&leg.party) {
            return Fate::Told(Vec::new());
        }
        Fate::Held("between telephones of the house")
    }

    /// Whether a channel's endpoint is a telephone: nobody was dialled through it, and it brings nobody from outside.
    fn is_of_the_house(&self, leg: &Leg, channel: &str) -> bool {
        if self.names.telephone(channel).is_none() {
            return false;
        }
        let leads_out = leg.app == App::Dial && leg.party == channel && is_dialled_through(&leg.data, channel);
        let from_outside =
            leg.channel == channel && numbers::read(&leg.src, None, self.names.country).number().is_some();
        let extension = ChannelName::read(channel).is_some_and(|name| is_an_extension(name.resource));
        !leads_out && (!from_outside || extension || !self.names.agents.is_empty())
    }
}

impl Translate for Records {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if let Some(header) = Layout::header(row) {
            self.header = Some(header);
            return Ok(Fate::Header);
        }
        let leg = match &self.header {
            Some(header) => Leg::read(header, row, times)?,
            None => Leg::read(&Layout::without_header(row).map_err(|why| Wrong::new("", why))?, row, times)?,
        };
        let fate = self.fate(&leg);
        if let Some(legs) = self.held.add(times.row(), leg) {
            self.tell(legs);
        }
        Ok(match fate {
            Fate::Told(_) => Fate::Told(std::mem::take(&mut self.ready)),
            Fate::Header | Fate::Held(_) | Fate::Other(_) | Fate::NoRoute(_) => fate,
        })
    }

    fn end(&mut self) -> Vec<Event> {
        while let Some(legs) = self.held.rest() {
            self.tell(legs);
        }
        std::mem::take(&mut self.ready)
    }

    fn together(&mut self) -> Option<Vec<Together>> {
        // Not before the events that they are of.
        Some(if self.ready.is_empty() { std::mem::take(&mut self.together) } else { Vec::new() })
    }

    fn caveat(&self) -> Option<&'static str> {
        Some(
            "Call detail records do not tell when an agent came on the line, nor of ringing: an agent is taken to be there from \
             the answer, or from when the telephone was dialled; calls whose agent no record shows are not judged, and there is \
             no post-dial delay. For the abandon rate import the channel event log. A record has the last context that its \
             channel was in: a carrier's channel in one that is no --inbound-context (people call in there, or are led there) \
             and no --outbound-context (the dialer's) has no direction and counts as `undirected`.",
        )
    }
}
