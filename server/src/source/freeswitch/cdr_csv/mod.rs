//! Call detail records as FreeSWITCH writes them by a template (`mod_cdr_csv`), one a leg, for `ringside import`.
//!
//! The template (`template`) names channel variables: that of the default configuration (`example`) is known, any other is
//! given as it stands in the configuration. What the default leaves out (gateway, ringing, SIP codes, the moment of the
//! bridge) is read where a template has it. Legs of one call are held until they can be read together (`story`); the uuid of
//! the first names it.

mod leg;
mod story;
mod template;
#[cfg(test)]
mod tests;

pub use story::House;
pub use template::{is_header, is_one};

use crate::source::file::defaults::Defaults;
use crate::source::file::event;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Together, Translate, Wrong};
use crate::source::joined::{Joined, Taken};
use crate::source::own::OwnNumbers;
use app::domain::Event;
use csv::StringRecord;
use leg::Leg;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use story::Standing;
use template::Template;

/// Calls held back at once; the one heard of first is let go where there are more.
const MOST_CALLS: usize = 20_000;

/// Makes calls of legs.
#[derive(Debug)]
pub struct Legs {
    origin: Origin,
    house: House,
    defaults: Defaults,
    template: Template,
    held: Joined<Vec<Leg>>,
    own: OwnNumbers,
    /// Legs of which moments lie outside of them, by the variable that tells those.
    contradictions: BTreeMap<String, u64>,
    ready: Vec<Event>,
    together: Vec<Together>,
}

impl Legs {
    /// `template` as it stands in the configuration, `"${uuid}","${start_stamp}",…`, where it is not the default one.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn new(origin: Origin, house: House, defaults: Defaults, template: Option<&str>) -> Result<Self, String> {
        let template = Template::read(template)?;
        let (held, own) = (Joined::default(), OwnNumbers::new(house.dids.clone()));
        let (ready, together) = (Vec::new(), Vec::new());
        let contradictions = BTreeMap::new();
        Ok(Self { origin, house, defaults, template, held, own, contradictions, ready, together })
    }

    fn tell(&mut self, Taken { thing: legs, rows }: &Taken<Vec<Leg>>) {
        let calls = self.house.calls(&self.template, legs, &self.own);
        self.together.push(Together { rows: rows.clone(), calls: calls.len() });
        self.ready.extend(calls.into_iter().map(|record| {
            let time = record.ended_at.unwrap_or(record.started_at);
            event(&self.origin, "leg", &self.defaults, record, time)
        }));
    }

    fn hold(&mut self, row: u64, leg: Leg) {
        let names: Vec<SmolStr> = leg.names().cloned().chain(leg.dialled()).collect();
        let belongs = |legs: &Vec<Leg>| legs.iter().any(|other| leg.may_belong_to(other));
        let place = self.held.join(row, &names, belongs, Vec::extend);
        if let Some(legs) = self.held.get_mut(place) {
            legs.push(leg);
        }
        let overdue = if self.held.len() > MOST_CALLS { self.held.take_first() } else { None };
        if let Some(legs) = overdue {
            self.tell(&legs);
        }
    }
}

impl Translate for Legs {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if row.len() != self.template.len() {
            let why = format!("{} columns; the template has {}", row.len(), self.template.len());
            return Err(Wrong::new("", why));
        }
        let leg = Leg::read(&self.template, row, times)?;
        let standing = self.house.standing(&leg);
        self.house.learn(&leg, &mut self.own);
        for variable in &leg.contradicting {
            *self.contradictions.entry(variable.clone()).or_default() += 1;
        }
        let gateway = leg.gateway.clone();
        self.hold(times.row(), leg);
        Ok(match standing {
            Standing::Inbound | Standing::Outbound | Standing::Either => Fate::Told(std::mem::take(&mut self.ready)),
            Standing::House => Fate::Held("within the house: a telephone, a feature code or a menu"),
            Standing::NoRoute => Fate::NoRoute(vec![gateway]),
        })
    }

    fn end(&mut self) -> Vec<Event> {
        while let Some(legs) = self.held.take_first() {
            self.tell(&legs);
        }
        std::mem::take(&mut self.ready)
    }

    fn together(&mut self) -> Option<Vec<Together>> {
        // Not before the events that they are of.
        Some(if self.ready.is_empty() { std::mem::take(&mut self.together) } else { Vec::new() })
    }

    fn lenient(&self, line: &str) -> Option<StringRecord> {
        self.template.take_apart(line)
    }

    fn doubt(&self) -> Option<String> {
        let counted = |legs: u64| app::kpi::format::counted(i64::try_from(legs).unwrap_or(i64::MAX), "leg", "legs");
        let named = self.contradictions.iter().map(|(name, legs)| format!("`{name}` ({})", counted(*legs)));
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| {
            format!(
                "Warning: the moments of {} lie outside of their legs: `start_stamp` and `end_stamp`, which are a clock's, were \
                 hardly written in the zone that --file-zone names. Such moments are left out, and those legs are not judged; \
                 all their times may be wrong by hours.",
                named.join(", ")
            )
        })
    }

    fn caveat(&self) -> Option<&'static str> {
        (!self.template.tells("bridge")).then_some(
            "The template does not tell when a leg was bridged: whether an agent came on the line of a call to outside is not \
             known, and such calls are not judged. Add ${bridge_uepoch} to the template for the abandon rate.",
        )
    }
}
