//! Whose numbers a call bears: the floor's own, or a person's.

use super::Follow;
use crate::source::asterisk::role::Role;
use app::domain::phone::Number;

impl Follow {
    /// The number that a call shows at the far end, if it is the floor's own.
    pub(super) fn shown(&self, text: Option<&str>) -> Option<Number> {
        let number = self.read(text?, None).number()?;
        let own = self.own.has(&number);
        self.counters.numbers_not_own.add(u64::from(!own));
        own.then_some(number)
    }

    /// A channel was dialled with a number that is not its own name: its endpoint is no telephone.
    pub(super) fn dialled_through(&mut self, id: &str, dialled: &str) {
        let is_a_number = self.read(dialled, None).number().is_some();
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.role == Role::Telephone) else { return };
        if is_a_number && !channel.interface.ends_with(dialled) {
            channel.role = Role::Outside;
            self.roles.dialled_through(channel.interface.clone());
        }
    }

    /// A channel dials another; if that is a telephone, whoever is on the caller's line waits for an agent in sight.
    pub(super) fn rings(&mut self, caller: Option<&str>, dialled: &str) {
        let is_telephone = self.channels.get(dialled).is_some_and(|channel| channel.role == Role::Telephone);
        if let Some(caller) = caller.filter(|_| is_telephone).and_then(|id| self.channels.get_mut(id)) {
            caller.has_rung = true;
        }
    }
}
