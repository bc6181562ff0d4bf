//! Who may do what, in one place: open on this machine, by keys where strangers reach the listener.
//!
//! A pure function of what the server is configured to ask for and of what a request shows. It knows no route (`http`'s
//! table says what each asks for) and no header: [`Evidence`] is made from them at the door.

use super::Reading;
use super::keys::{Key, Keys, Scope};
use super::principal::{Principal, PrincipalKind, Role};
use smol_str::{SmolStr, ToSmolStr};
use std::fmt;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whether the server lives, the files of the site, how to sign in.
    Anybody,
    /// Who may read: where strangers reach the listener, by a key of scope `read`.
    Reader,
    /// Who may send events: whoever reaches the listener until a key for it is configured.
    Sender,
    /// Who signs what they send: whose signature counts, the source knows that it is for.
    Signer,
    /// Who may tell what a month costs: with keys of scope `costs` one of those; without, who may send events.
    Bookkeeper,
    /// Who may pause campaigns: without a key for it, who sits at this machine.
    Controller,
}

impl Who {
    /// Under which scope a key is counted that is shown here and is none of ours.
    #[must_use]
    pub const fn asks_for(self) -> Scope {
        match self {
            Self::Anybody | Self::Reader => Scope::Read,
            Self::Sender | Self::Signer => Scope::Ingest,
            Self::Bookkeeper => Scope::Costs,
            Self::Controller => Scope::Control,
        }
    }
}

/// A key as it was shown.
#[derive(Clone, Copy, Default)]
pub enum Shown<'a> {
    #[default]
    Nothing,
    /// Some text that is no key of ours.
    Unknown(&'a str),
    Known(&'a Key),
}

impl<'a> Shown<'a> {
    /// What a text is, where one was shown.
    #[must_use]
    pub fn of(secret: Option<&'a str>, keys: &'a Keys) -> Self {
        match secret {
            None => Self::Nothing,
            Some(secret) => keys.find(secret).map_or(Self::Unknown(secret), Self::Known),
        }
    }

    /// The text that is no key of ours.
    #[must_use]
    pub const fn wrong(self) -> Option<&'a str> {
        match self {
            Self::Unknown(secret) => Some(secret),
            Self::Nothing | Self::Known(_) => None,
        }
    }
}

/// Never the text: a wrong key is often the right one of somewhere else.
impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Unknown(_) => f.write_str("Unknown"),
            Self::Known(key) => f.debug_tuple("Known").field(&key.name).finish(),
        }
    }
}

/// Where the connection of a request ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connection {
    /// Both of its ends are on this machine, and no proxy tells of another.
    WithinThisMachine,
    #[default]
    FromElsewhere,
}

/// By which name this server was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AskedAs {
    /// A name of whatever machine one sits at: `localhost`, `127.0.0.1`.
    ThisMachine,
    /// None, so that it is no name of another's either.
    NoName,
    #[default]
    Another,
}

/// What had the request sent, as browsers tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SentBy {
    /// No browser, or who typed the address.
    #[default]
    NoPage,
    OwnPage,
    OtherPage,
    /// Another site, which is not named: a link on it.
    OtherSite,
}

/// What a request shows of who sends it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// As `Authorization: Bearer KEY`.
    pub bearer: Shown<'a>,
    /// In a picture's address.
    pub in_address: Shown<'a>,
    /// The key that the browser's session was begun with.
    pub session: Option<&'a Key>,
    pub connection: Connection,
    pub asked_as: AskedAs,
    pub sent_by: SentBy,
}

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("no key of scope `{}` is shown", .0.word())]
    NoKey(Scope),
    #[error("the key shown for `{}` is none of ours", .0.word())]
    UnknownKey(Scope),
    #[error("the key `{key}` lacks the scope `{}`", .scope.word())]
    Lacks { key: SmolStr, scope: Scope },
    #[error("a key in an address must have the scope `read` and no other")]
    TooMuchForAnAddress,
    #[error(
        "no ingest key is configured, so events of a page are taken only at this machine's own name (localhost, 127.0.0.1); \
         configure a key under [ingest]"
    )]
    PageOfAnotherName,
    #[error(
        "no key of scope `control` is configured, so campaigns are controlled {0}; configure one, or set RINGSIDE_CONTROL_KEY"
    )]
    ControlledOnly(&'static str),
}

/// What is asked of those who come.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub reading: Reading,
    pub keys: &'a Keys,
}

impl Policy<'_> {
    /// Who it is, if they may.
    ///
    /// # Errors
    /// Why they may not.
    pub fn decide(self, who: Who, shown: Evidence<'_>) -> Result<Principal, Denied> {
        match who {
            Who::Anybody | Who::Signer => Ok(Principal::new(PrincipalKind::Anybody, Role::NONE)),
            Who::Reader => self.read(shown),
            Who::Sender => self.send(shown),
            Who::Bookkeeper if self.keys.any(Scope::Costs) => by_key(shown.bearer, Scope::Costs),
            Who::Bookkeeper => self.send(shown),
            Who::Controller => self.control(shown),
        }
    }

    /// A session goes before a key in the header: that may be meant for a proxy in between.
    fn read(self, shown: Evidence<'_>) -> Result<Principal, Denied> {
        match (self.reading, shown.in_address, shown.bearer, shown.session) {
            (Reading::Free, Shown::Nothing, Shown::Known(key), _) => Ok(of(key, PrincipalKind::Key, Role::READER)),
            (Reading::Free, _, _, _) => Ok(Principal::new(PrincipalKind::Anybody, Role::READER)),
            (Reading::Keyed, Shown::Nothing, _, Some(session)) => {
                // It never lets anybody do anything: no other site's page can have a browser do it.
                let who = Principal::new(PrincipalKind::Session(session.name.to_smolstr()), Role::READER);
                Ok(Principal { scope: session.campaigns.clone(), ..who })
            }
            (Reading::Keyed, Shown::Nothing, bearer, None) => by_key(bearer, Scope::Read),
            (Reading::Keyed, Shown::Unknown(_), _, _) => Err(Denied::UnknownKey(Scope::Read)),
            // Addresses end up in other people's logs and histories: what stands there may do nothing but read.
            (Reading::Keyed, Shown::Known(key), _, _) => {
                let key = allowed(key, Scope::Read)?;
                let reads_alone = key.scopes == [Scope::Read];
                reads_alone.then(|| of(key, PrincipalKind::Picture, Role::NONE)).ok_or(Denied::TooMuchForAnAddress)
            }
        }
    }

    fn send(self, shown: Evidence<'_>) -> Result<Principal, Denied> {
        if self.keys.any(Scope::Ingest) {
            return by_key(shown.bearer, Scope::Ingest);
        }
        // Only browsers send an origin, and always do with a POST.
        let by_a_page = match shown.sent_by {
            SentBy::OwnPage | SentBy::OtherPage => true,
            SentBy::NoPage | SentBy::OtherSite => false,
        };
        if by_a_page && shown.asked_as == AskedAs::Another {
            return Err(Denied::PageOfAnotherName);
        }
        Ok(Principal::new(PrincipalKind::ThisMachine, Role::SENDER.and(Role::BOOKKEEPER)))
    }

    fn control(self, shown: Evidence<'_>) -> Result<Principal, Denied> {
        if self.keys.any(Scope::Control) {
            return by_key(shown.bearer, Scope::Control);
        }
        if shown.connection == Connection::FromElsewhere {
            return Err(Denied::ControlledOnly("from this machine only"));
        }
        if shown.asked_as != AskedAs::ThisMachine {
            return Err(Denied::ControlledOnly("at this machine's own name only (localhost, 127.0.0.1)"));
        }
        match shown.sent_by {
            SentBy::NoPage | SentBy::OwnPage => Ok(Principal::new(PrincipalKind::ThisMachine, Role::CONTROLLER)),
            SentBy::OtherPage | SentBy::OtherSite => Err(Denied::ControlledOnly("by this server's own pages only")),
        }
    }
}

/// Who bears a key, if it has the scope.
fn by_key(bearer: Shown<'_>, scope: Scope) -> Result<Principal, Denied> {
    by_shown(bearer, scope).map(|key| of(key, PrincipalKind::Key, Role::NONE))
}

/// The key that was shown, if it has the scope.
///
/// # Errors
/// Without a key, with an unknown one, or with one that lacks the scope.
pub fn by_shown(shown: Shown<'_>, scope: Scope) -> Result<&Key, Denied> {
    match shown {
        Shown::Nothing => Err(Denied::NoKey(scope)),
        Shown::Unknown(_) => Err(Denied::UnknownKey(scope)),
        Shown::Known(key) => allowed(key, scope),
    }
}

fn allowed(key: &Key, scope: Scope) -> Result<&Key, Denied> {
    if key.role().may(scope) { Ok(key) } else { Err(Denied::Lacks { key: key.name.to_smolstr(), scope }) }
}

/// Who has a key, and is given `more`.
fn of(key: &Key, kind: fn(SmolStr) -> PrincipalKind, more: Role) -> Principal {
    let who = Principal::new(kind(key.name.to_smolstr()), key.role().and(more));
    Principal { scope: key.campaigns.clone(), ..who }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
