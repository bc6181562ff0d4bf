//! Senders that were turned away for want of a key: from where, with what, how often.
//!
//! Who runs the floor must find the dialer that has the wrong key; nobody must find the key by it. Kept are a network, not
//! an address, and of a wrong key what the log tells too; who is shown even that much is the page's to say.

use super::guesses::beginning;
use super::policy::Denied;
use super::proxies::Client;
use app::domain::Moment;
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Senders that are listed: a screen's worth.
const LISTED: usize = 20;

/// What they showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Showed {
    Nothing,
    /// A key that is none of ours, by its first characters; by none where it is too short to tell any.
    Unknown(SmolStr),
    /// The key of this name, which may not send.
    Lacking(SmolStr),
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedSender {
    /// When last.
    pub at: Moment,
    pub network: String,
    pub showed: Showed,
    pub times: u64,
}

#[derive(Debug, Default)]
pub struct RefusedSenders(Mutex<VecDeque<RefusedSender>>);

impl RefusedSenders {
    /// Notes that somebody may not send; `wrong` is the text that was shown and is no key of ours.
    pub fn note(&self, now: Moment, from: Client, denied: &Denied, wrong: Option<&str>) {
        let showed = match denied {
            Denied::NoKey(_) => Showed::Nothing,
            Denied::UnknownKey(_) => Showed::Unknown(wrong.map(beginning).unwrap_or_default().into()),
            Denied::Lacks { key, .. } => Showed::Lacking(key.clone()),
            // No matter of the key.
            Denied::TooMuchForAnAddress | Denied::PageOfAnotherName | Denied::ControlledOnly(_) => return,
        };
        let network = from.network();
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = list.iter().position(|one| one.network == network && one.showed == showed);
        let times = before.and_then(|at| list.remove(at)).map_or(0, |one| one.times);
        // Who goes on trying is not pushed out by those who guess once each.
        if list.len() == LISTED {
            let least = list.iter().enumerate().min_by_key(|(at, one)| (one.times, *at)).map(|(at, _)| at);
            list.remove(least.unwrap_or_default());
        }
        list.push_back(RefusedSender { at: now, network, showed, times: times + 1 });
    }

    /// Newest first.
    #[must_use]
    pub fn last(&self) -> Vec<RefusedSender> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::keys::Scope;

    #[test]
    fn who_was_refused_is_told_by_network_and_beginning_and_never_by_the_key() {
        let (senders, at) = (RefusedSenders::default(), Moment::from_secs);
        let (here, six) = (Client::at([10, 0, 3, 7].into()), Client::at([0x2001, 0xdb8, 1, 2, 3, 4, 5, 6].into()));
        let unknown = Denied::UnknownKey(Scope::Ingest);
        senders.note(at(1), here, &unknown, Some("abcd-nearly-the-right-one"));
        senders.note(at(2), six, &Denied::NoKey(Scope::Ingest), None);
        senders.note(at(3), here, &unknown, Some("abcd-another-wrong-one-"));
        senders.note(at(4), here, &unknown, Some("short"));
        senders.note(at(5), here, &Denied::PageOfAnotherName, None);
        let last = senders.last().into_iter().map(|one| (one.network, one.showed, one.times));
        let told = [
            ("10.0.3.•", Showed::Unknown("".into()), 1),
            ("10.0.3.•", Showed::Unknown("abcd".into()), 2),
            ("2001:db8:1:2::/64", Showed::Nothing, 1),
        ];
        assert_eq!(last.collect::<Vec<_>>(), told.map(|(network, showed, times)| (network.to_owned(), showed, times)));
        (0..=u8::MAX).for_each(|n| senders.note(at(9), Client::at([10, 0, n, 1].into()), &unknown, None));
        let last = senders.last();
        assert!(last.len() == LISTED && last.iter().any(|one| one.times == 2), "{last:?}");
    }
}
