//! The policy as a table: what a server asks for, what is shown, who it is then or why not.
#![allow(clippy::unwrap_used)]

use super::*;

/// Every scope has a key of its own, named as it; `both` has two.
fn keys(scopes: &[Scope]) -> Keys {
    let mut keys: Vec<Key> = scopes.iter().map(|scope| Key::new(scope.word(), scope.word(), vec![*scope])).collect();
    if scopes.len() > 1 {
        keys.push(Key::new("both", "both", vec![Scope::Ingest, Scope::Read]));
    }
    Keys::new(keys)
}

const ALL: [Scope; 4] = [Scope::Ingest, Scope::Read, Scope::Control, Scope::Costs];

/// What is shown, in one word: a header's key, `address:` one in an address, `session:` one's session.
fn shown<'a>(keys: &'a Keys, word: &'a str) -> Evidence<'a> {
    let evidence = Evidence { asked_as: AskedAs::Another, ..Evidence::default() };
    match word.split_once(':') {
        None if word.is_empty() => evidence,
        None => Evidence { bearer: Shown::of(Some(word), keys), ..evidence },
        Some(("address", key)) => Evidence { in_address: Shown::of(Some(key), keys), ..evidence },
        Some((_, key)) => Evidence { session: keys.find(key), ..evidence },
    }
}

/// The decision in one word: the principal's name after how it is known, or why not.
fn word(decision: Result<Principal, Denied>) -> String {
    match decision {
        Ok(principal) => {
            assert_eq!(principal.audience(), app::domain::Audience::default(), "nobody sees less or more yet");
            let kind = match principal.kind {
                PrincipalKind::Anybody | PrincipalKind::ThisMachine => "",
                PrincipalKind::Key(_) => "key ",
                PrincipalKind::Picture(_) => "picture ",
                PrincipalKind::Session(_) => "session ",
            };
            format!("{kind}{}", principal.name())
        }
        Err(Denied::NoKey(scope)) => format!("no key for {}", scope.word()),
        Err(Denied::UnknownKey(scope)) => format!("unknown for {}", scope.word()),
        Err(Denied::Lacks { scope, .. }) => format!("lacks {}", scope.word()),
        Err(Denied::TooMuchForAnAddress) => "too much for an address".to_owned(),
        Err(Denied::PageOfAnotherName) => "page of another name".to_owned(),
        Err(Denied::ControlledOnly(how)) => how.to_owned(),
    }
}

#[test]
fn who_may_by_what_is_shown() {
    let (none, all) = (keys(&[]), keys(&ALL));
    // Who asks, what they show, and the answer where: reading is free and no key is configured, it is free and there is a
    // key of every kind, it takes a key.
    let table: &[(Who, &str, [&str; 3])] = &[
        (Who::Anybody, "", ["anybody", "anybody", "anybody"]),
        (Who::Anybody, "guess", ["anybody", "anybody", "anybody"]),
        (Who::Reader, "", ["anybody", "anybody", "no key for read"]),
        (Who::Reader, "guess", ["anybody", "anybody", "unknown for read"]),
        (Who::Reader, "read", ["anybody", "key read", "key read"]),
        (Who::Reader, "control", ["anybody", "key control", "key control"]),
        (Who::Reader, "costs", ["anybody", "key costs", "key costs"]),
        (Who::Reader, "ingest", ["anybody", "key ingest", "lacks read"]),
        (Who::Reader, "session:read", ["anybody", "anybody", "session read"]),
        (Who::Reader, "address:read", ["anybody", "anybody", "picture read"]),
        (Who::Reader, "address:both", ["anybody", "anybody", "too much for an address"]),
        (Who::Reader, "address:control", ["anybody", "anybody", "too much for an address"]),
        (Who::Reader, "address:ingest", ["anybody", "anybody", "lacks read"]),
        (Who::Reader, "address:guess", ["anybody", "anybody", "unknown for read"]),
        (Who::Sender, "", ["loopback", "no key for ingest", "no key for ingest"]),
        (Who::Sender, "guess", ["loopback", "unknown for ingest", "unknown for ingest"]),
        (Who::Sender, "ingest", ["loopback", "key ingest", "key ingest"]),
        (Who::Sender, "both", ["loopback", "key both", "key both"]),
        (Who::Sender, "read", ["loopback", "lacks ingest", "lacks ingest"]),
        (Who::Sender, "control", ["loopback", "lacks ingest", "lacks ingest"]),
        (Who::Sender, "session:read", ["loopback", "no key for ingest", "no key for ingest"]),
        (Who::Sender, "address:ingest", ["loopback", "no key for ingest", "no key for ingest"]),
        (Who::Bookkeeper, "", ["loopback", "no key for costs", "no key for costs"]),
        (Who::Bookkeeper, "costs", ["loopback", "key costs", "key costs"]),
        (Who::Bookkeeper, "ingest", ["loopback", "lacks costs", "lacks costs"]),
        (Who::Bookkeeper, "guess", ["loopback", "unknown for costs", "unknown for costs"]),
        (Who::Controller, "", ["from this machine only", "no key for control", "no key for control"]),
        (Who::Controller, "control", ["from this machine only", "key control", "key control"]),
        (Who::Controller, "ingest", ["from this machine only", "lacks control", "lacks control"]),
        (Who::Controller, "guess", ["from this machine only", "unknown for control", "unknown for control"]),
        (Who::Controller, "session:control", ["from this machine only", "no key for control", "no key for control"]),
    ];
    for (who, what, answers) in table {
        let sites = [(Reading::Free, &none), (Reading::Free, &all), (Reading::Keyed, &all)];
        for ((reading, keys), answer) in sites.into_iter().zip(answers) {
            let decided = Policy { reading, keys }.decide(*who, shown(keys, what));
            assert_eq!(word(decided), *answer, "{who:?} showing `{what}`, reading {reading:?}");
        }
    }
}

#[test]
fn without_keys_it_is_told_by_where_one_sits() {
    use AskedAs::{Another, NoName, ThisMachine};
    use Connection::{FromElsewhere, WithinThisMachine};
    use SentBy::{NoPage, OtherPage, OtherSite, OwnPage};
    let keys = keys(&[]);
    let sitting = |who, connection, asked_as, sent_by| {
        let evidence = Evidence { connection, asked_as, sent_by, ..Evidence::default() };
        word(Policy { reading: Reading::Free, keys: &keys }.decide(who, evidence))
    };
    const BY_NAME: &str = "at this machine's own name only (localhost, 127.0.0.1)";
    for (connection, asked_as, sent_by, controls, sends) in [
        (WithinThisMachine, ThisMachine, NoPage, "loopback", "loopback"),
        (WithinThisMachine, ThisMachine, OwnPage, "loopback", "loopback"),
        (WithinThisMachine, ThisMachine, OtherPage, "by this server's own pages only", "loopback"),
        (WithinThisMachine, ThisMachine, OtherSite, "by this server's own pages only", "loopback"),
        (WithinThisMachine, NoName, NoPage, BY_NAME, "loopback"),
        (WithinThisMachine, Another, NoPage, BY_NAME, "loopback"),
        (WithinThisMachine, Another, OwnPage, BY_NAME, "page of another name"),
        (WithinThisMachine, Another, OtherPage, BY_NAME, "page of another name"),
        (FromElsewhere, ThisMachine, NoPage, "from this machine only", "loopback"),
    ] {
        assert_eq!(sitting(Who::Controller, connection, asked_as, sent_by), controls, "{asked_as:?} {sent_by:?}");
        assert_eq!(sitting(Who::Sender, connection, asked_as, sent_by), sends, "{asked_as:?} {sent_by:?}");
        assert_eq!(sitting(Who::Bookkeeper, connection, asked_as, sent_by), sends, "{asked_as:?} {sent_by:?}");
    }
}

#[test]
fn a_key_for_one_thing_does_not_shut_out_who_needs_none_for_another() {
    let ingest = keys(&[Scope::Ingest]);
    let policy = Policy { reading: Reading::Free, keys: &ingest };
    let here =
        Evidence { connection: Connection::WithinThisMachine, asked_as: AskedAs::ThisMachine, ..Evidence::default() };
    assert_eq!(word(policy.decide(Who::Controller, here)), "loopback");
    assert_eq!(word(policy.decide(Who::Bookkeeper, here)), "no key for ingest");
    assert_eq!(word(policy.decide(Who::Reader, here)), "anybody");
}

#[test]
fn what_was_shown_is_never_printed() {
    let keys = keys(&ALL);
    let printed = format!("{:?}", shown(&keys, "a-wrong-secret"));
    assert!(printed.contains("Unknown") && !printed.contains("secret"), "{printed}");
}
