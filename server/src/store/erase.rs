//! Forgetting a person's number: what is put in its place, and what goes with it. The same in every database, each of which
//! finds and writes the calls, and sees to it that no copy of what they held stays behind.

use super::StoreError;
use super::write::{CallBefore, CallWrite, Kept, RowId};
use app::domain::{Call, CallName, Number, Told};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Calls changed in one transaction.
const SLICE: usize = 1_000;

/// The name under which a store keeps its key.
const KEY: &str = "erase_key";

/// The secret of one store's pseudonyms: without it nobody finds a number by trying all there are.
pub type Key = [u8; 32];

/// What erasing a number did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    pub calls: u64,
    /// Calls whose id holds the number: ids are names, and stay.
    pub telling_ids: u64,
}

/// The number that stands for another one in this store: the same for the same, and no number that there can be, since
/// none begins with 0.
#[must_use]
pub fn pseudonym(key: &Key, number: &Number) -> Number {
    // A key of any length will do.
    let digest = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
        mac.update(number.reveal().as_bytes());
        mac.finalize().into_bytes()
    });
    let digits = digest.unwrap_or_default().iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    Number::trusted(format!("+0{:014}", digits % 100_000_000_000_000))
}

/// What a database does for it, held by nobody else meanwhile: a server holds calls in memory.
pub(super) trait EraseCalls {
    /// What the store notes of itself under a name.
    async fn note(&mut self, name: &str) -> Result<Option<String>, StoreError>;

    async fn keep_note(&mut self, name: &str, value: &str) -> Result<(), StoreError>;

    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError>;

    /// The first calls after a row that have the number at one of their ends.
    async fn calls_with(
        &mut self,
        number: &Number,
        after: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, Kept)>, StoreError>;

    /// Writes calls in one transaction.
    async fn write(&mut self, calls: &mut [CallWrite<'_>]) -> Result<(), StoreError>;

    /// Writes the files of those calls that have the pseudonym anew: what a row was before stays in them until something is
    /// written over it.
    async fn write_anew(&mut self, pseudonym: &Number) -> Result<(), StoreError>;
}

/// Puts a pseudonym in the place of a far end's number in all calls, and clears what they held out of the files.
///
/// # Errors
/// If the store can't be read or written. What was erased before stays so, and the next time with this number ends the work.
pub(super) async fn erase(store: &mut impl EraseCalls, number: &Number) -> Result<Erased, StoreError> {
    let stands = pseudonym(&key(store).await?, number);
    let unfinished = format!("erasing {}", stands.reveal());
    let mut begun = store.note(&unfinished).await?.is_some();
    let mut erased = Erased::default();
    let mut after = RowId::FIRST;
    loop {
        let mut found = store.calls_with(number, after, SLICE).await?;
        let Some(last) = found.last().and_then(|(_, kept)| kept.id) else { break };
        after = last;
        let mut writes = Vec::new();
        for (name, kept) in &mut found {
            if hide(&mut kept.call, number, &stands) {
                erased.calls += 1;
                erased.telling_ids += u64::from(tells(name.call_id.as_str(), number));
                writes.push(CallWrite { name, kept, before: CallBefore::default() });
            }
        }
        if !writes.is_empty() {
            if !begun {
                store.keep_note(&unfinished, "").await?;
                begun = true;
            }
            store.write(&mut writes).await?;
        }
    }
    if begun {
        store.write_anew(&stands).await?;
        store.drop_note(&unfinished).await?;
    }
    Ok(erased)
}

/// The store's own key, made when it is first needed.
async fn key(store: &mut impl EraseCalls) -> Result<Key, StoreError> {
    let unreadable = || StoreError::Unreadable(format!("meta: {KEY}"));
    let mut key = Key::default();
    if let Some(text) = store.note(KEY).await? {
        for (at, byte) in key.iter_mut().enumerate() {
            let digits = text.get(at * 2..at * 2 + 2).ok_or_else(unreadable)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| unreadable())?;
        }
        return Ok(key);
    }
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut key).map_err(|_| StoreError::Io(std::io::Error::other("no random numbers")))?;
    store.keep_note(KEY, &key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).await?;
    Ok(key)
}

/// Digits of a number by which a text is taken to hold it, however it is written there.
const TELLING: usize = 7;

/// Whether a text holds a number.
#[must_use]
pub fn tells(text: &str, number: &Number) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let number = digits(number.reveal());
    let tail = &number[number.len().saturating_sub(TELLING)..];
    digits(text).contains(tail)
}

/// Puts the pseudonym in the place of the far end's number, and drops the recording, the metadata and whatever text holds
/// the number. `false` where the call has another far end; then nothing is changed. No sum of facts is made of any of it.
pub fn hide(call: &mut Call, number: &Number, pseudonym: &Number) -> bool {
    if call.far_end() != Some(number) {
        return false;
    }
    let far = if call.is_outbound() { &mut call.to } else { &mut call.from };
    if let Some(told) = &mut far.0 {
        told.value = pseudonym.clone();
    }
    call.recording_url = Told::default();
    call.metadata = Told::default();
    for text in [&mut call.transfer_target, &mut call.disposition, &mut call.sip_reason] {
        if text.get().is_some_and(|text| tells(text.as_str(), number)) {
            *text = Told::default();
        }
    }
    if call.room.get().is_some_and(|room| tells(room.as_str(), number)) {
        call.room = Told::default();
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::event::Text;
    use app::domain::outcome::Direction;
    use app::domain::{Moment, RoomId};

    #[test]
    fn a_pseudonym_is_the_same_for_the_same_and_no_number() {
        let (one, other) = (Number::new("+442079460018").unwrap(), Number::new("+442079460019").unwrap());
        let of = |key: u8, number| pseudonym(&[key; 32], number);
        assert_eq!(of(1, &one), of(1, &one));
        assert_ne!(of(1, &one), of(1, &other));
        assert_ne!(of(1, &one), of(2, &one), "of another store");
        assert_eq!(of(1, &one).reveal().len(), 16);
        assert!(Number::new(of(1, &one).reveal()).is_err());
    }

    #[test]
    fn everything_that_holds_the_number_goes_and_the_rest_stays() {
        let (at, person) = (Moment::from_secs(9), Number::new("+442079460018").unwrap());
        let did = Number::new("+12025550142").unwrap();
        let mut call = Call {
            direction: Told::at(Direction::Inbound, at),
            from: Told::at(person.clone(), at),
            to: Told::at(did.clone(), at),
            transfer_target: Told::at(Text::clipped("sip:020 7946-0018@x"), at),
            disposition: Told::at(Text::clipped("sold"), at),
            room: Told::at(RoomId::trusted("r-442079460018"), at),
            recording_url: Told::at(Text::clipped("https://r/1"), at),
            ..Call::default()
        };
        let stands = pseudonym(&[7; 32], &person);
        assert!(!hide(&mut call.clone(), &did, &stands), "the floor's own number is nobody's");
        assert!(hide(&mut call, &person, &stands));
        assert_eq!((call.from.get(), call.from.stamp()), (Some(&stands), Some(at)));
        assert_eq!((call.transfer_target.get(), call.room.get(), call.recording_url.get()), (None, None, None));
        assert_eq!(call.disposition.get().unwrap().as_str(), "sold");
        assert!(!hide(&mut call, &person, &stands), "once is enough");
    }
}
