//! Whose numbers a call bears: the floor's own, or a person's.

use super::Follow;
use crate::source::asterisk::call::CallState;
use crate::source::asterisk::channels::{Channel, Standing};
use crate::source::asterisk::role::Role;
use crate::source::own::Behind;
use app::domain::outcome::Direction;
use app::domain::phone::{Number, Party};

impl Follow {
    /// The number that a call shows at the far end, if it is the floor's own. One that is passed on shows the number of
    /// whoever called, and one that connects two persons that of the other.
    pub(super) fn shown(&mut self, id: &str, text: Option<&str>, to: Option<&Party>) -> Option<Number> {
        let number = self.read(text?, None).number()?;
        let behind =
            if to.and_then(Party::number) == Some(&number) { Behind::Somebody } else { self.behind(id, &number) };
        self.own.is_shown(&number, behind).then_some(number)
    }

    /// Who is behind a call that shows a number: somebody from outside, where another channel of its `Linkedid` is one's, or
    /// where the channel that began it was never seen.
    fn behind(&self, id: &str, number: &Number) -> Behind {
        let linkedid = self.channels.get(id).map_or(id, |channel| &channel.linkedid);
        let began_unseen = matches!(self.channels.standing(linkedid), Standing::New | Standing::Refused);
        let others = self.channels.linked(linkedid).iter().filter(|other| *other != id);
        let is_somebodys = |other: &Channel| {
            let of_a_call =
                |call: &CallState| call.direction == Some(Direction::Inbound) || call.person.as_ref() == Some(number);
            other.role == Role::Outside || other.call.as_ref().is_some_and(of_a_call)
        };
        let somebody = others.filter_map(|other| self.channels.get(other)).any(is_somebodys);
        if began_unseen || somebody { Behind::Somebody } else { Behind::TheFloor }
    }

    /// Notes the number at a call's far end.
    pub(super) fn is_about(&mut self, id: &str, far_end: Option<&Party>) {
        let Some(person) = far_end.and_then(Party::number) else { return };
        self.own.person(person);
        if let Some(call) = self.channels.call_mut(id) {
            call.person = Some(person.clone());
        }
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
