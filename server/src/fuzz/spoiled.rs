//! Seeds, spoiled: bytes changed, cut out, doubled, exchanged for what is known to hurt. The same number gives the same.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// What hurts parsers: ends of ranges, signs that part things, what is no text.
const HURTS: [&[u8]; 24] = [
    b"",
    b"0",
    b"-1",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1e999",
    b"\"",
    b"\\",
    b"\n",
    b"\r\n\r\n",
    b",",
    b";",
    b"=",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    "٠١٢٣".as_bytes(),
    "😀".as_bytes(),
    b"262143-12-31T23:59:60.999999999Z",
    b"0000-00-00 00:00:00",
    b"%00",
    b"+",
];
/// How often a seed is changed at most.
const MOST: u64 = 6;

struct Chance(Pcg64Mcg);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % end.max(1) as u64).unwrap_or_default()
    }
}

pub fn spoil(seeds: &[&[u8]], number: u64) -> Vec<u8> {
    let mut chance = Chance(Pcg64Mcg::seed_from_u64(number));
    let mut bytes = seeds[chance.below(seeds.len())].to_vec();
    for _ in 0..=chance.0.next_u64() % MOST {
        let at = chance.below(bytes.len() + 1);
        let to = (at + chance.below(16)).min(bytes.len());
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..to, HURTS[chance.below(HURTS.len())].iter().copied())),
            2 => drop(bytes.drain(at..to)),
            3 => bytes.extend_from_within(at..to),
            4 => drop(bytes.splice(at..at, seeds[chance.below(seeds.len())].iter().copied().skip(at).take(64))),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = (chance.0.next_u64() & 0xff) as u8;
                }
            }
        }
    }
    bytes
}
