//! Which country a number is of, by libphonenumber's tables. Done at the door, in the caller's task.

use app::domain::outcome::Direction;
use app::domain::{Call, Country, Data, Event, Number, Told};

/// The country of a number; `ZZ` where it can't be placed.
#[must_use]
pub fn of(number: &Number) -> Country {
    phonenumber::parse(None, number.reveal())
        .ok()
        .and_then(|number| number.country().id())
        .and_then(|id| Country::new(id.as_ref()).ok())
        .unwrap_or(Country::UNKNOWN)
}

/// The far end's country where an event tells the far end's number, told when the number was.
#[must_use]
pub fn placed(call: &Call) -> Told<Country> {
    let far = if call.is_outbound() { &call.to } else { &call.from };
    match &far.0 {
        Some(number) => Told::at(of(&number.value), number.at),
        None => Told::default(),
    }
}

/// The far end's country where an event tells the far end's number. Whose end is far is believed of the event alone; the
/// writer mends it where the call's direction is told apart from its numbers.
#[must_use]
pub fn told_by(event: &Event) -> Told<Country> {
    let (direction, from, to) = match &event.data {
        Data::CallStarted(b) => (Some(b.direction), Some(&b.from), Some(&b.to)),
        Data::CallUpdated(b) => (b.direction, b.from.as_ref(), b.to.as_ref()),
        Data::CallRecord(b) => (b.direction, b.from.as_ref(), b.to.as_ref()),
        _ => return Told::default(),
    };
    let far = if direction == Some(Direction::Inbound) { from } else { to };
    far.map_or_else(Told::default, |number| Told::at(of(number), event.time))
}

/// Whether the country noted of a call may be of another number than its far end: a direction told apart from the
/// numbers, or a number told without the direction.
#[must_use]
pub fn is_misplaced(call: &Call, turned: bool, told: &Call) -> bool {
    let far = if call.is_outbound() { &call.to } else { &call.from };
    let told_otherwise = told.placed_in.get().is_some() && told.is_outbound() != call.is_outbound();
    turned || told_otherwise || far.stamp() != call.placed_in.stamp()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_placed_by_the_tables() {
        for (number, country) in [
            ("+12025550142", "US"),
            ("+16045550142", "CA"),
            ("+442079460018", "GB"),
            ("+6591234567", "SG"),
            ("+999123", "ZZ"),
        ] {
            assert_eq!(of(&Number::new(number).unwrap()).as_str(), country, "{number}");
        }
    }
}
