//! Who asks, and what they may do and see.
//!
//! Made by [`policy`](super::policy) for each request, from what it shows; routes take it from the request and ask nothing
//! else about who came.

use super::keys::Scope;
use super::proxies::Client;
use app::domain::{Audience, CampaignScope, Sight};
use smol_str::{SmolStr, ToSmolStr};

/// How it is known who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Nothing was shown, or nothing of ours.
    Anybody,
    /// Who sits at this machine, where no key is configured for what they ask.
    ThisMachine,
    /// The key of this name, which the request bears.
    Key(SmolStr),
    /// The key of this name, in a picture's address.
    Picture(SmolStr),
    /// A browser's session, begun with the key of this name.
    Session(SmolStr),
}

/// What somebody may do: what a key was given, or what is given to who needs none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Role(u8);

impl Role {
    /// Ask whether the server lives, and how to sign in.
    pub const NONE: Self = Self(0);
    pub const READER: Self = Self(Self::bit(Scope::Read));
    pub const SENDER: Self = Self(Self::bit(Scope::Ingest));
    /// Who may pause campaigns may also look.
    pub const CONTROLLER: Self = Self(Self::bit(Scope::Control) | Self::bit(Scope::Read));
    /// Who may tell costs may also look.
    pub const BOOKKEEPER: Self = Self(Self::bit(Scope::Costs) | Self::bit(Scope::Read));

    const fn bit(scope: Scope) -> u8 {
        1 << scope as u8
    }

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn may(self, scope: Scope) -> bool {
        self.0 & Self::bit(scope) != 0
    }
}

impl From<Scope> for Role {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Ingest => Self::SENDER,
            Scope::Read => Self::READER,
            Scope::Control => Self::CONTROLLER,
            Scope::Costs => Self::BOOKKEEPER,
        }
    }
}

impl FromIterator<Scope> for Role {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, |role, scope| role.and(scope.into()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub kind: PrincipalKind,
    pub role: Role,
    /// The campaigns whose figures they may see.
    pub scope: CampaignScope,
    /// How much of persons' numbers.
    pub sight: Sight,
}

impl Principal {
    /// Somebody who sees the whole floor, numbers masked.
    #[must_use]
    pub const fn new(kind: PrincipalKind, role: Role) -> Self {
        Self { kind, role, scope: CampaignScope::All, sight: Sight::Masked }
    }

    #[must_use]
    pub fn audience(&self) -> Audience {
        Audience { scope: self.scope.clone(), sight: self.sight }
    }

    /// By which name the audit log knows them.
    #[must_use]
    pub fn name(&self) -> SmolStr {
        match &self.kind {
            PrincipalKind::Anybody => SmolStr::new_static("anybody"),
            PrincipalKind::ThisMachine => SmolStr::new_static("loopback"),
            PrincipalKind::Key(key) | PrincipalKind::Picture(key) | PrincipalKind::Session(key) => key.clone(),
        }
    }

    /// Who it is, for the audit log.
    #[must_use]
    pub fn asker(&self, client: Client) -> Asker {
        Asker { who: self.name(), from: client.to_smolstr() }
    }
}

/// Who asks, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// A key's name, `loopback`, or `anybody`.
    pub who: SmolStr,
    /// The address that the request came from; that of a proxy, where there is one that is not trusted.
    pub from: SmolStr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_pause_or_tell_costs_may_look_and_who_sends_may_not() {
        let may = |scopes: &[Scope]| {
            let role: Role = scopes.iter().copied().collect();
            [Scope::Ingest, Scope::Read, Scope::Control, Scope::Costs].map(|scope| role.may(scope))
        };
        assert_eq!(may(&[]), [false, false, false, false]);
        assert_eq!(may(&[Scope::Ingest]), [true, false, false, false]);
        assert_eq!(may(&[Scope::Read]), [false, true, false, false]);
        assert_eq!(may(&[Scope::Control]), [false, true, true, false]);
        assert_eq!(may(&[Scope::Costs]), [false, true, false, true]);
        assert_eq!(may(&[Scope::Ingest, Scope::Control]), [true, true, true, false]);
    }
}
