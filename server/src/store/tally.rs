//! How tallies are kept: pairs of position and count as variable-length integers, sorted by position.
//!
//! A *block* holds the tallies of many keys, sorted by key. A *journal entry* holds what one commit changed, by dimension,
//! so that a reader skips the dimensions that it doesn't ask for. Both are open to facts that later versions add.

use super::StoreError;
use crate::law::blocks::Block;
use crate::law::change::SumKey;
use app::domain::facts::Slot;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// Appends an unsigned LEB128 integer.
fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n as u8 & 0x7f) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a signed integer, small absolute values short.
pub(super) fn put_signed(out: &mut Vec<u8>, n: i64) {
    put(out, ((n << 1) ^ (n >> 63)).cast_unsigned());
}

/// Takes an unsigned integer off the front; `None` where the bytes end or the number is too large.
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

pub(super) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(|n| (n >> 1).cast_signed() ^ -((n & 1).cast_signed()))
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(take_bytes(bytes)?).ok()
}

fn put_tally(out: &mut Vec<u8>, tally: &Tally) {
    put(out, tally.len() as u64);
    for (slot, n) in tally.iter() {
        out.push(slot.position());
        put_signed(out, n);
    }
}

/// The counters of a tally as they are read off the front of some bytes. They end early where these can't be read.
struct Counters<'r, 'b> {
    bytes: &'r mut &'b [u8],
    left: usize,
    last: Option<Slot>,
}

impl<'r, 'b> Counters<'r, 'b> {
    fn of(bytes: &'r mut &'b [u8]) -> Option<Self> {
        let left = usize::try_from(take(bytes)?).ok()?;
        Some(Self { bytes, left, last: None })
    }

    fn take(&mut self) -> Option<(Slot, i64)> {
        let (position, rest) = self.bytes.split_first()?;
        *self.bytes = rest;
        let slot = Slot::at(*position).filter(|slot| self.last.is_none_or(|last| last < *slot))?;
        self.last = Some(slot);
        take_signed(self.bytes).filter(|n| *n != 0).map(|n| (slot, n))
    }
}

impl Iterator for Counters<'_, '_> {
    type Item = (Slot, i64);

    fn next(&mut self) -> Option<Self::Item> {
        let taken = (self.left > 0).then(|| self.take())??;
        self.left -= 1;
        Some(taken)
    }
}

/// Takes a tally off the front of some bytes and adds it.
fn add_tally(bytes: &mut &[u8], sum: &mut Tally) -> Option<()> {
    let mut counters = Counters::of(bytes)?;
    sum.add_sorted(&mut counters);
    (counters.left == 0).then_some(())
}

fn take_tally(bytes: &mut &[u8]) -> Option<Tally> {
    let mut counters = Counters::of(bytes)?;
    // Each takes two bytes or more, whatever their number is said to be.
    let mut tally = Tally::with_room(counters.left.min(counters.bytes.len() / 2));
    tally.add_sorted(&mut counters);
    (counters.left == 0).then_some(tally)
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Unreadable(format!("{what}: cut short, or of a newer version"))
}

/// A block's bytes; keys whose tally is empty are left out.
#[must_use]
pub fn encode_block(block: &Block) -> Vec<u8> {
    let mut out = Vec::with_capacity(block.len() * 40);
    for (key, tally) in block.iter().filter(|(_, tally)| !tally.is_empty()) {
        put_text(&mut out, key);
        put_tally(&mut out, tally);
    }
    out
}

/// Reads a block key by key.
///
/// # Errors
/// If the bytes are cut short, or hold a fact that this version does not know.
pub fn read_block(mut bytes: &[u8], mut each: impl FnMut(&str, Tally)) -> Result<(), StoreError> {
    while !bytes.is_empty() {
        let key = take_text(&mut bytes).ok_or_else(|| unreadable("a block of sums"))?;
        each(key, take_tally(&mut bytes).ok_or_else(|| unreadable("a block of sums"))?);
    }
    Ok(())
}

/// Adds the tally of each key that `is_asked` for to its sum in `sums`.
///
/// # Errors
/// If the bytes are cut short, or hold a fact that this version does not know.
pub fn add_block<H: BuildHasher>(
    bytes: &[u8],
    is_asked: impl Fn(&str) -> bool,
    sums: &mut HashMap<SmolStr, Tally, H>,
) -> Result<(), StoreError> {
    try_add_block(bytes, is_asked, sums).ok_or_else(|| unreadable("a block of sums"))
}

fn try_add_block<H: BuildHasher>(
    mut bytes: &[u8],
    is_asked: impl Fn(&str) -> bool,
    sums: &mut HashMap<SmolStr, Tally, H>,
) -> Option<()> {
    while !bytes.is_empty() {
        let key = take_text(&mut bytes)?;
        if !is_asked(key) {
            take_tally(&mut bytes)?;
        } else if let Some(sum) = sums.get_mut(key) {
            add_tally(&mut bytes, sum)?;
        } else {
            sums.insert(key.into(), take_tally(&mut bytes)?);
        }
    }
    Some(())
}

/// What one commit changed, as bytes: the names used, then the changes of each dimension.
#[must_use]
pub fn encode_entry<'a>(changes: impl Iterator<Item = (Moment, &'a SumKey, &'a Tally)>) -> Vec<u8> {
    let mut names: HashMap<&str, u64, foldhash::fast::RandomState> = HashMap::default();
    let mut texts = Vec::new();
    let mut sections: [Vec<u8>; Dimension::ALL.len()] = Default::default();
    let mut last = [0i64; Dimension::ALL.len()];
    for (bucket, of, tally) in changes {
        let mut name = |text: &'a str| {
            let next = names.len() as u64;
            *names.entry(text).or_insert_with(|| {
                put_text(&mut texts, text);
                next
            })
        };
        let (campaign, key) = (name(of.campaign.as_str()), name(&of.key));
        let at = of.dimension as usize;
        let out = &mut sections[at];
        put_signed(out, bucket.secs() - last[at]);
        last[at] = bucket.secs();
        put(out, campaign);
        put(out, key);
        put_tally(out, tally);
    }
    let mut out = Vec::with_capacity(texts.len() + 32);
    put(&mut out, texts.len() as u64);
    out.extend_from_slice(&texts);
    for (dimension, section) in Dimension::ALL.iter().zip(&sections).filter(|(_, section)| !section.is_empty()) {
        out.push(*dimension as u8);
        put(&mut out, section.len() as u64);
        out.extend_from_slice(section);
    }
    out
}

/// Reads of a journal entry the dimensions that are asked for.
///
/// # Errors
/// If the bytes are cut short, or hold a fact or dimension that this version does not know.
pub fn read_entry(
    bytes: &[u8],
    asked: impl Fn(Dimension) -> bool,
    each: impl FnMut(Moment, SumKey, Tally),
) -> Result<(), StoreError> {
    try_read_entry(bytes, asked, each).ok_or_else(|| unreadable("a journal entry of sums"))
}

fn try_read_entry(
    mut bytes: &[u8],
    asked: impl Fn(Dimension) -> bool,
    mut each: impl FnMut(Moment, SumKey, Tally),
) -> Option<()> {
    let mut texts = take_bytes(&mut bytes)?;
    let mut names = Vec::new();
    while !texts.is_empty() {
        names.push(SmolStr::new(take_text(&mut texts)?));
    }
    let name = |n: u64| usize::try_from(n).ok().and_then(|n| names.get(n)).cloned();
    while let Some((dimension, rest)) = bytes.split_first() {
        bytes = rest;
        let mut section = take_bytes(&mut bytes)?;
        let dimension = *Dimension::ALL.get(usize::from(*dimension))?;
        if !asked(dimension) {
            continue;
        }
        let mut secs = 0i64;
        while !section.is_empty() {
            secs = secs.checked_add(take_signed(&mut section)?)?;
            let (campaign, key) = (name(take(&mut section)?)?, name(take(&mut section)?)?);
            let of = SumKey { campaign: CampaignId::trusted(campaign), dimension, key };
            each(Moment::try_from_secs(secs)?, of, take_tally(&mut section)?);
        }
    }
    Some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Fact;
    use proptest::prelude::*;

    fn tally() -> impl Strategy<Value = Tally> {
        prop::collection::vec((0..Fact::ALL.len(), -1_000_000..1_000_000i64), 1..20).prop_map(|counts| {
            let mut tally = Tally::default();
            for (i, n) in counts {
                tally.add(Fact::ALL[i], n);
            }
            tally.add(Fact::Attempts, 5_000_000_000);
            tally
        })
    }

    proptest! {
        #[test]
        fn a_block_is_read_back(block in prop::collection::btree_map("[a-z+0-9]{0,30}".prop_map(SmolStr::from), tally(), 0..20)) {
            let mut read = Block::new();
            read_block(&encode_block(&block), |key, tally| drop(read.insert(key.into(), tally))).unwrap();
            prop_assert_eq!(read, block);
        }

        #[test]
        fn blocks_are_added_up_of_the_keys_that_are_asked_for(
            blocks in prop::collection::vec(prop::collection::btree_map("[ab]{0,2}".prop_map(SmolStr::from), tally(), 0..6), 0..5),
            asked in "[ab]{0,2}",
        ) {
            let (mut all, mut one) = (HashMap::new(), HashMap::new());
            let mut expected: HashMap<SmolStr, Tally> = HashMap::new();
            for block in &blocks {
                add_block(&encode_block(block), |_| true, &mut all).unwrap();
                add_block(&encode_block(block), |key| key == asked, &mut one).unwrap();
                for (key, tally) in block {
                    *expected.entry(key.clone()).or_default() += tally;
                }
            }
            prop_assert_eq!(&all, &expected);
            expected.retain(|key, _| *key == asked);
            prop_assert_eq!(one, expected);
        }

        #[test]
        fn an_entry_is_read_back_and_its_dimensions_are_told_apart(
            changes in prop::collection::vec((-100..4_000_000_000i64, 0..Dimension::ALL.len(), "[ab]{0,2}", "[ab]{0,2}", tally()), 0..20)
        ) {
            let changes: Vec<_> = changes.into_iter().map(|(secs, dimension, campaign, key, tally)| {
                let of = SumKey { campaign: CampaignId::trusted(campaign), dimension: Dimension::ALL[dimension], key: key.into() };
                (Moment::from_secs(secs), of, tally)
            }).collect();
            let bytes = encode_entry(changes.iter().map(|(at, of, tally)| (*at, of, tally)));
            for dimension in Dimension::ALL {
                let mut read = Vec::new();
                read_entry(&bytes, |of| of == *dimension, |at, of, tally| read.push((at, of, tally))).unwrap();
                let expected: Vec<_> = changes.iter().filter(|(_, of, _)| of.dimension == *dimension).cloned().collect();
                prop_assert_eq!(read, expected);
            }
            let mut all = 0;
            read_entry(&bytes, |_| true, |_, _, _| all += 1).unwrap();
            prop_assert_eq!(all, changes.len());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read_block(&bytes, |_, _| {});
            let _ = add_block(&bytes, |key| key.is_empty(), &mut HashMap::<_, _>::new());
            let _ = read_entry(&bytes, |_| true, |_, _, _| {});
        }
    }
}
