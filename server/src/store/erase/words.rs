//! What takes a number's place in texts, calls and sums: pure.

use crate::law::blocks::Block;
use crate::store::StoreError;
use crate::store::tally::{encode_block, encode_entry, read_block, read_entry};
use app::domain::event::{Metadata, Text};
use app::domain::mask::{Numbers, replaced};
use app::domain::{
    AgentId, Call, CallId, CallName, CampaignId, LastWrite, ListId, Number, QueueId, RealmId, RoomId, RouteId,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use smol_str::SmolStr;

/// The name under which a store keeps its key.
pub(in crate::store) const KEY: &str = "erase_key";

/// The secret of one store's pseudonyms: without it nobody finds a number by trying all there are.
pub type Key = [u8; 32];

/// A key as a store notes it.
pub(in crate::store) fn read_key(text: &str) -> Result<Key, StoreError> {
    let unreadable = || StoreError::Unreadable(format!("meta: {KEY}"));
    let mut key = Key::default();
    for (at, byte) in key.iter_mut().enumerate() {
        let digits = text.get(at * 2..at * 2 + 2).ok_or_else(unreadable)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| unreadable())?;
    }
    Ok(key)
}

/// A new one, to be noted.
pub(in crate::store) fn fresh_key() -> Result<String, StoreError> {
    let mut key = Key::default();
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut key).map_err(|_| StoreError::Io(std::io::Error::other("no random numbers")))?;
    Ok(key.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The number that stands for another one in this store: the same for the same, and no number that there can be, since
/// none begins with 0.
#[must_use]
pub fn pseudonym(key: &Key, number: &Number) -> Number {
    Number::trusted(format!("+{}", digits_for(key, number.reveal())))
}

/// Fifteen digits that stand for a text, the first of which is 0.
fn digits_for(key: &Key, text: &str) -> String {
    // A key of any length will do.
    let digest = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()
    });
    let digits = digest.unwrap_or_default().iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    format!("0{:014}", digits % 100_000_000_000_000)
}

/// What of a call was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touched {
    Not,
    Fields,
    /// Its own name too.
    Name,
}

/// Erases one number.
pub(super) struct Eraser<'a> {
    key: &'a Key,
    number: &'a Number,
    known: Numbers,
    stands: Number,
}

impl<'a> Eraser<'a> {
    pub(super) fn of(key: &'a Key, number: &'a Number) -> Self {
        Self { key, number, known: Numbers::of([number]), stands: pseudonym(key, number) }
    }

    /// The text with something else in the number's place. Of the number's own digits it is the pseudonym's; another spelling
    /// gets its own, so that two names stay two.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        if text == self.number.reveal() {
            return Some(self.stands.reveal().to_owned());
        }
        let plain = self.number.reveal().trim_start_matches('+');
        replaced(text, &self.known, |spelled| match spelled {
            _ if spelled == plain => self.stands.reveal().trim_start_matches('+').to_owned(),
            _ => digits_for(self.key, spelled),
        })
    }

    pub(super) fn tells(&self, text: &str) -> bool {
        self.text(text).is_some()
    }

    /// The same within the texts of some JSON. Numbers of JSON are counts and instants, never a person's.
    pub(super) fn json(&self, text: &str) -> Option<String> {
        let mut json: Value = serde_json::from_str(text).ok()?;
        self.within(&mut json).then(|| json.to_string())
    }

    fn within(&self, json: &mut Value) -> bool {
        match json {
            Value::String(text) => match self.text(text) {
                Some(other) => {
                    *text = other;
                    true
                }
                None => false,
            },
            Value::Array(all) => all.iter_mut().fold(false, |any, one| self.within(one) | any),
            Value::Object(members) => {
                let mut any = members.values_mut().fold(false, |any, one| self.within(one) | any);
                let names: Vec<String> = members.keys().filter(|name| self.tells(name)).cloned().collect();
                for name in names {
                    if let (Some(value), Some(other)) = (members.remove(&name), self.text(&name)) {
                        members.insert(other, value);
                        any = true;
                    }
                }
                any
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Takes the number out of a call, and with it the recording and the metadata of a call with that person: no sum of
    /// facts is made of these.
    pub(super) fn call(&self, name: &mut CallName, call: &mut Call) -> Touched {
        let mut any = false;
        for end in [&mut call.from, &mut call.to] {
            if let Some(told) = end.0.as_mut().filter(|told| told.value == *self.number) {
                told.value = self.stands.clone();
                any = true;
            }
        }
        if any {
            call.recording_url = LastWrite::default();
            call.metadata = LastWrite::default();
        }
        macro_rules! texts {
            ($($field:ident: $type:ident),*) => {
                $(any |= swap(&mut call.$field, |told| self.text(told.as_str()).map($type::trusted));)*
            };
        }
        texts!(campaign: CampaignId, route: RouteId, list: ListId, room: RoomId, queue: QueueId, agent: AgentId);
        for text in [&mut call.transfer_target, &mut call.sip_reason, &mut call.disposition, &mut call.recording_url] {
            any |= swap(text, |told| self.text(told.as_str()).map(|text| Text::clipped(&text)));
        }
        any |= swap(&mut call.metadata, |told| self.metadata(told));
        let (realm, call_id) = (self.text(name.realm.as_str()), self.text(name.call_id.as_str()));
        match (realm, call_id) {
            (None, None) if any => Touched::Fields,
            (None, None) => Touched::Not,
            (realm, call_id) => {
                name.realm = realm.map_or_else(|| name.realm.clone(), RealmId::trusted);
                name.call_id = call_id.map_or_else(|| name.call_id.clone(), CallId::trusted);
                Touched::Name
            }
        }
    }

    fn metadata(&self, told: &Metadata) -> Option<Metadata> {
        let other = |text: &String| self.text(text).unwrap_or_else(|| text.clone());
        let new = Metadata(told.0.iter().map(|(name, value)| (other(name), other(value))).collect());
        (new != *told).then_some(new)
    }

    /// A block of sums under other names, with its campaign's; `None` where it does not hold the number.
    pub(super) fn block(&self, campaign: &str, bytes: &[u8]) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        let (mut block, mut any) = (Block::new(), false);
        read_block(bytes, |key, tally| {
            let other = self.text(key);
            any |= other.is_some();
            *block.entry(other.map_or_else(|| SmolStr::new(key), SmolStr::new)).or_default() += &tally;
        })?;
        let other = self.text(campaign);
        if !any && other.is_none() {
            return Ok(None);
        }
        Ok(Some((other.unwrap_or_else(|| campaign.to_owned()), encode_block(&block))))
    }

    /// A journal entry under other names; `None` where it does not hold the number.
    pub(super) fn entry(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let (mut changes, mut any) = (Vec::new(), false);
        if bytes.is_empty() {
            return Ok(None);
        }
        read_entry(
            bytes,
            |_| true,
            |at, mut of, tally| {
                if let Some(other) = self.text(of.campaign.as_str()) {
                    (of.campaign, any) = (CampaignId::trusted(other), true);
                }
                if let Some(other) = self.text(&of.key) {
                    (of.key, any) = (other.into(), true);
                }
                changes.push((at, of, tally));
            },
        )?;
        Ok(any.then(|| encode_entry(changes.iter().map(|(at, of, tally)| (*at, of, tally)))))
    }
}

/// Puts another value in a field's place; told when the first was.
fn swap<T>(field: &mut LastWrite<T>, other: impl Fn(&T) -> Option<T>) -> bool {
    let new = field.get().and_then(other);
    match (&mut field.0, new) {
        (Some(told), Some(new)) => {
            told.value = new;
            true
        }
        (_, _) => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Moment;
    use app::domain::outcome::Direction;
    use std::collections::BTreeMap;

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

    fn call(person: &Number) -> (CallName, Call) {
        let at = Moment::from_secs(9);
        let text = |text: &str| LastWrite::at(Text::clipped(text), at);
        let call = Call {
            direction: LastWrite::at(Direction::Inbound, at),
            from: LastWrite::at(person.clone(), at),
            to: LastWrite::at(Number::trusted("+12025550142"), at),
            agent: LastWrite::at(AgentId::trusted("SIP/442079460018"), at),
            campaign: LastWrite::at(CampaignId::trusted("spring"), at),
            transfer_target: text("sip:020 7946-0018@x"),
            disposition: text("sold"),
            room: LastWrite::at(RoomId::trusted("r-442079460018"), at),
            recording_url: text("https://r/1"),
            metadata: LastWrite::at(Metadata(BTreeMap::from([("a".to_owned(), "b".to_owned())])), at),
            ..Call::default()
        };
        (CallName { realm: RealmId::trusted("pbx"), call_id: CallId::trusted("442079460018-7") }, call)
    }

    #[test]
    fn the_number_goes_from_everywhere_in_a_call_and_the_rest_stays() {
        let person = Number::new("+442079460018").unwrap();
        let (key, (mut name, mut call)) = ([7; 32], call(&person));
        let eraser = Eraser::of(&key, &person);
        assert_eq!(eraser.call(&mut name, &mut call), Touched::Name);
        let stands = pseudonym(&key, &person);
        assert_eq!((call.from.get(), call.from.stamp()), (Some(&stands), Some(Moment::from_secs(9))));
        assert_eq!(call.agent.get().unwrap().as_str(), format!("SIP/{}", stands.reveal().trim_start_matches('+')));
        assert_eq!(name.call_id.as_str(), format!("{}-7", stands.reveal().trim_start_matches('+')));
        assert_eq!((call.recording_url.get(), call.metadata.get()), (None, None));
        assert_eq!(call.disposition.get().unwrap().as_str(), "sold");
        assert_eq!(call.campaign.get().unwrap().as_str(), "spring");
        let said = format!("{name:?} {call:?} {:?}", call.transfer_target.get().unwrap().as_str());
        assert!(!said.contains("79460018") && !said.contains("7946-0018"), "{said}");
        assert_eq!(eraser.call(&mut name, &mut call), Touched::Not, "once is enough");
    }

    #[test]
    fn sums_are_kept_under_other_names() {
        use app::domain::{Dimension, Fact, Tally};
        let person = Number::new("+442079460018").unwrap();
        let key = [7; 32];
        let eraser = Eraser::of(&key, &person);
        let mut tally = Tally::default();
        tally.add(Fact::Attempts, 3);
        let block = Block::from([("SIP/442079460018".into(), tally.clone()), ("ann".into(), tally.clone())]);
        let (campaign, bytes) = eraser.block("c-442079460018", &encode_block(&block)).unwrap().unwrap();
        let mut keys = Vec::new();
        read_block(&bytes, |key, sum| keys.push((key.to_owned(), sum.get(Fact::Attempts)))).unwrap();
        assert!(
            !campaign.contains("79460018")
                && keys.len() == 2
                && keys.iter().all(|(key, n)| !key.contains("79460018") && *n == 3)
        );
        assert!(eraser.block("spring", &bytes).unwrap().is_none());
        let of = crate::law::change::SumKey {
            campaign: CampaignId::trusted("c-442079460018"),
            dimension: Dimension::Agent,
            key: "SIP/442079460018".into(),
        };
        let entry = encode_entry([(Moment::from_secs(7), &of, &tally)].into_iter());
        let new = eraser.entry(&entry).unwrap().unwrap();
        assert!(eraser.entry(&new).unwrap().is_none() && !String::from_utf8_lossy(&new).contains("79460018"));
    }

    #[test]
    fn texts_of_json_are_looked_through_and_its_numbers_stay() {
        let person = Number::new("+442079460018").unwrap();
        let key = [7; 32];
        let eraser = Eraser::of(&key, &person);
        let json = eraser.json(r#"{"at":442079460018,"name":["call 020 7946 0018",1]}"#).unwrap();
        assert!(json.contains("442079460018,") && !json.contains("7946 0018"), "{json}");
        assert_eq!(eraser.json(r#"{"at":442079460018}"#), None);
    }
}
