//! How a tally is kept: pairs of position and count, both as variable-length integers, sorted by position.
//!
//! Small where a bucket saw little (most DIDs in most hours), and open to facts that later versions add.

use super::StoreError;
use app::domain::Tally;
use app::domain::facts::Slot;

/// Appends an unsigned LEB128 integer.
pub(crate) fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n as u8 & 0x7f) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a signed integer, small absolute values short.
pub(crate) fn put_signed(out: &mut Vec<u8>, n: i64) {
    put(out, ((n << 1) ^ (n >> 63)).cast_unsigned());
}

/// Takes an unsigned integer off the front; `None` where the bytes end or the number is too large.
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
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

pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(|n| (n >> 1).cast_signed() ^ -((n & 1).cast_signed()))
}

#[must_use]
pub fn encode(tally: &Tally) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for (slot, n) in tally.iter() {
        out.push(slot.position());
        put_signed(&mut out, n);
    }
    out
}

/// # Errors
/// If the bytes are cut short, or hold a fact that this version does not know.
pub fn decode(mut bytes: &[u8]) -> Result<Tally, StoreError> {
    let unreadable = |what: &str| StoreError::Unreadable(format!("a tally {what}"));
    let mut tally = Tally::default();
    while let Some((position, rest)) = bytes.split_first() {
        bytes = rest;
        let slot = Slot::at(*position).ok_or_else(|| unreadable("with a fact of a newer version"))?;
        tally.add(slot, take_signed(&mut bytes).ok_or_else(|| unreadable("that is cut short"))?);
    }
    Ok(tally)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Fact;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(counts in prop::collection::vec((0..Fact::ALL.len(), any::<i64>()), 0..20)) {
            let mut tally = Tally::default();
            for (i, n) in counts {
                if tally.get(Fact::ALL[i]) == 0 {
                    tally.add(Fact::ALL[i], n);
                }
            }
            prop_assert_eq!(decode(&encode(&tally)).unwrap(), tally);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }
}
