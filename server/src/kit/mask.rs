//! The one door through which texts of sources reach anybody: without persons' numbers.
//!
//! What is hidden says `app::domain::mask`; here is what a server knows beside: whose numbers stand in names (the writer
//! learns them from calls that tell both), which are proven the floor's own, and how a masked id is still a name. Such an id
//! gets a tag made with the store's secret: two ids that look alike masked stay two, the same id is the same on every
//! server and after each restart, and nobody finds the number by trying all there are. What was shown is taken back as
//! an address ([`Veil::lifted`]).

use app::domain::event::Text;
use app::domain::mask::{Known, MARK, Numbers, Rule, masked, may_hold};
use app::domain::{AgentId, Call, CallName, CampaignId, ListId, Number, QueueId, RoomId, RouteId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Masked ids of which is known what they stand for: far more than are on all pages. Beyond, all are forgotten, and known
/// again when they are shown again.
const LIFTED: usize = 50_000;
/// Digits of a tag, in base 32: a thousand masked ids have the same by a chance of one in two million.
const TAG: usize = 8;
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Between a masked id and its tag.
const TAGGED: char = '~';

/// Longest detail of a problem, in characters: foreign text may stand in it.
const MAX_DETAIL: usize = 400;
/// How our messages show a number, whatever stands around it; it is nobody's.
const OUR_EXAMPLE: &str = "like +12025550142";

/// Foreign text, short and without anything that could be a person's number. Times and fractions keep their digits, and our
/// own example of a number stays where it is the hint that the reader needs.
#[must_use]
pub fn safe(text: &str) -> String {
    // A number that is cut in two at the end of what is looked at is not shown either.
    let looked_at: String = text.chars().take(2 * MAX_DETAIL).collect();
    let parts: Vec<_> = looked_at.split(OUR_EXAMPLE).map(|part| masked(part, Rule::Text, Known::default())).collect();
    let mut safe: String = parts.join(OUR_EXAMPLE);
    if let Some((end, _)) = safe.char_indices().nth(MAX_DETAIL) {
        safe.truncate(end);
        safe.push('…');
    }
    safe
}

/// Longest foreign text in a message, in characters.
const SHOWN: usize = 60;

/// A foreign text as a message may quote it: on one line, cut short, and without anything that could be a person's number.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain: String = text.trim().chars().take(4 * SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let hidden = masked(&plain, Rule::Text, Known::default());
    let mut quoted: String = hidden.chars().take(SHOWN).collect();
    if hidden.chars().count() > SHOWN {
        quoted.push('…');
    }
    quoted
}

/// An id, or a name of the kind, as a message may quote it: it stays a name, but for the numbers of these persons.
#[must_use]
pub fn quoted_id(id: &str, persons: &Numbers) -> String {
    masked(id, Rule::Id, Known { persons: &[persons], ..Known::default() })
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The secret of one store's tags.
pub type Secret = [u8; 32];

/// Cheap to clone: all see the same.
#[derive(Debug, Clone, Default)]
pub struct Veil(Arc<Inner>);

#[derive(Default)]
struct Inner {
    secret: Secret,
    numbers: RwLock<Told>,
    lifted: Mutex<HashMap<SmolStr, SmolStr>>,
}

/// Whose numbers were told.
#[derive(Debug, Default)]
struct Told {
    persons: Numbers,
    own: Numbers,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl Veil {
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self(Arc::new(Inner { secret, ..Inner::default() }))
    }

    /// Takes in that these persons' numbers stand in names: they go from every text from now on.
    pub fn persons<'n>(&self, numbers: impl IntoIterator<Item = &'n Number>) {
        self.learn(numbers, |told| &mut told.persons);
    }

    /// Takes in that these are proven the floor's own: no text hides them.
    pub fn own<'n>(&self, numbers: impl IntoIterator<Item = &'n Number>) {
        self.learn(numbers, |told| &mut told.own);
    }

    fn learn<'n>(&self, numbers: impl IntoIterator<Item = &'n Number>, which: impl Fn(&mut Told) -> &mut Numbers) {
        let mut numbers = numbers.into_iter().peekable();
        if numbers.peek().is_some() {
            let mut told = self.0.numbers.write().unwrap_or_else(PoisonError::into_inner);
            numbers.for_each(|number| which(&mut told).add(number));
        }
    }

    fn hide<'t>(&self, text: &'t str, rule: Rule, persons: &Numbers) -> Cow<'t, str> {
        let told = self.0.numbers.read().unwrap_or_else(PoisonError::into_inner);
        masked(text, rule, Known { persons: &[persons, &told.persons], own: Some(&told.own), id: None })
    }

    /// A name that a source uses for something: a campaign's, an agent's, a route's id.
    #[must_use]
    pub fn id(&self, id: &str) -> SmolStr {
        self.id_of(id, &Numbers::default())
    }

    /// The same of a call with these persons.
    #[must_use]
    pub fn id_of(&self, id: &str, persons: &Numbers) -> SmolStr {
        self.tagged(id, Rule::Id, persons)
    }

    /// What a call's source calls a value of its own, which is free text.
    #[must_use]
    pub fn key_of(&self, key: &str, persons: &Numbers) -> SmolStr {
        self.tagged(key, Rule::Text, persons)
    }

    fn tagged(&self, id: &str, rule: Rule, persons: &Numbers) -> SmolStr {
        let hidden = self.hide(id, rule, persons);
        // One that looks masked already gets a tag of its own, or it would be taken for another.
        if let Cow::Borrowed(as_it_is) = hidden
            && !looks_tagged(as_it_is)
        {
            return SmolStr::new(as_it_is);
        }
        let shown = SmolStr::new(format!("{hidden}{TAGGED}{}", self.tag(id)));
        let mut lifted = self.0.lifted.lock().unwrap_or_else(PoisonError::into_inner);
        if lifted.len() >= LIFTED && !lifted.contains_key(&shown) {
            lifted.clear();
        }
        lifted.insert(shown.clone(), SmolStr::new(id));
        shown
    }

    /// Where something of a call is found; times and running numbers in it stay, or it would lead nowhere.
    #[must_use]
    pub fn address_of(&self, address: &str, persons: &Numbers) -> SmolStr {
        SmolStr::new(self.hide(address, Rule::Id, persons))
    }

    /// How somebody calls something that has an id, or what stands beside its name.
    #[must_use]
    pub fn title(&self, title: &str, id: &str) -> SmolStr {
        let id = self.hide(id, Rule::Id, &Numbers::default());
        let told = self.0.numbers.read().unwrap_or_else(PoisonError::into_inner);
        let known = Known { persons: &[&told.persons], own: Some(&told.own), id: Some(&id) };
        SmolStr::new(masked(title, Rule::Text, known))
    }

    /// Free text.
    #[must_use]
    pub fn text(&self, text: &str) -> SmolStr {
        self.text_of(text, &Numbers::default())
    }

    /// The same of a call with these persons.
    #[must_use]
    pub fn text_of(&self, text: &str, persons: &Numbers) -> SmolStr {
        SmolStr::new(self.hide(text, Rule::Text, persons))
    }

    /// What an id that was shown stands for; any other text as it is.
    #[must_use]
    pub fn lifted(&self, shown: &str) -> Option<SmolStr> {
        if !shown.contains(TAGGED) {
            return None;
        }
        self.0.lifted.lock().unwrap_or_else(PoisonError::into_inner).get(shown).cloned()
    }

    fn tag(&self, id: &str) -> String {
        // A key of any length will do.
        let digest = Hmac::<Sha256>::new_from_slice(&self.0.secret).map(|mut mac| {
            mac.update(id.as_bytes());
            mac.finalize().into_bytes()
        });
        let digits = digest.unwrap_or_default();
        digits.iter().take(TAG).map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect()
    }
}

/// Whether an id has the shape that a masked one is shown in.
fn looks_tagged(id: &str) -> bool {
    id.contains(MARK) && id.rsplit_once(TAGGED).is_some_and(|(_, tag)| tag.len() == TAG)
}

/// The numbers of a call that are persons': the far end's, and where it is not sure which end is the floor's, both.
#[must_use]
pub fn persons(call: &Call) -> Numbers {
    Numbers::of(ends(call))
}

/// Whether a number is the floor's own in this call.
#[must_use]
pub fn is_own(call: &Call, number: &Number) -> bool {
    call.did() == Some(number)
}

/// The names under which figures of a call are kept.
pub fn names(call: &Call) -> impl Iterator<Item = &str> {
    let names = [
        call.campaign.get().map(CampaignId::as_str),
        call.route.get().map(RouteId::as_str),
        call.queue.get().map(QueueId::as_str),
        call.agent.get().map(AgentId::as_str),
    ];
    names.into_iter().flatten()
}

/// Every id and address that a call is shown with.
pub fn ids<'c>(name: &'c CallName, call: &'c Call) -> impl Iterator<Item = &'c str> {
    let others = [
        Some(name.realm.as_str()),
        Some(name.call_id.as_str()),
        call.list.get().map(ListId::as_str),
        call.room.get().map(RoomId::as_str),
        call.recording_url.get().map(Text::as_str),
    ];
    names(call).chain(others.into_iter().flatten())
}

/// The persons whose numbers stand in names of the call under which figures are kept; of a call of which it is not known
/// which end is a person's, in its own name too.
#[must_use]
pub fn named(name: &CallName, call: &Call) -> Vec<Number> {
    let own = call.direction.get().map_or([Some(name.realm.as_str()), Some(name.call_id.as_str())], |_| [None, None]);
    // Hardly any name has digits enough to be looked at.
    let mut telling = names(call).chain(own.into_iter().flatten()).filter(|name| may_hold(name)).peekable();
    if telling.peek().is_none() {
        return Vec::new();
    }
    let telling: Vec<&str> = telling.collect();
    let stands = |number: &&Number| {
        let number = Numbers::of([*number]);
        telling.iter().any(|name| number.stand_in(name))
    };
    ends(call).filter(stands).cloned().collect()
}

/// The ends of a call that are persons'.
pub fn ends(call: &Call) -> impl Iterator<Item = &Number> {
    [call.from.get(), call.to.get()].into_iter().flatten().filter(|number| !is_own(call, number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn errors_carry_no_telephone_number_and_stay_short() {
        assert_eq!(safe("data.to: `12025550142` is no string"), "data.to: `••••` is no string");
        assert_eq!(safe("ends in +12025550142"), "ends in +••••");
        assert_eq!(safe("say it like +12025550142, not 12025550143"), "say it like +12025550142, not ••••");
        assert_eq!(safe("more than 8192 bytes, 2026-11-21"), "more than 8192 bytes, 2026-11-21");
        assert_eq!(safe("`202 555-0142` and ２０２５５５０１４２"), "`••••` and ••••");
        let hint = app::domain::Number::new("x").unwrap_err().to_string();
        assert!(hint.contains("+12025550142") && safe(&hint) == hint, "{}", safe(&hint));
        assert_eq!(safe(&"x".repeat(9_000)).chars().count(), MAX_DETAIL + 1);
    }

    fn veil() -> Veil {
        let veil = Veil::new([7; 32]);
        veil.persons([&Number::trusted("+12025550142")]);
        veil
    }

    #[test]
    fn a_masked_id_is_a_name_of_its_own_and_taken_back() {
        let veil = veil();
        let ids = ["a-2025550142", "a-+12025550142", "a-12025550142"];
        let shown: Vec<SmolStr> = ids.iter().map(|id| veil.id(id)).collect();
        for (id, shown) in ids.iter().zip(&shown) {
            assert!(shown.contains("••••~") && !shown.contains("0142"), "{shown}");
            assert_eq!(veil.lifted(shown).as_deref(), Some(*id));
            assert_eq!(veil.id(id), *shown, "the same each time");
        }
        assert!(shown[0] != shown[1] && shown[1] != shown[2] && shown[0] != shown[2]);
        assert_ne!(Veil::new([8; 32]).id(ids[1]), shown[1], "of another store");
        assert_eq!((veil.id("spring"), veil.lifted("spring")), ("spring".into(), None));
    }

    #[test]
    fn an_id_that_is_made_to_look_masked_is_another() {
        let veil = veil();
        let shown = veil.id("a-2025550142");
        let forged = veil.id(&shown);
        assert_ne!(forged, shown);
        assert_eq!(veil.lifted(&shown).as_deref(), Some("a-2025550142"));
        assert_eq!(veil.lifted(&forged).as_deref(), Some(&*shown));
        assert_eq!(veil.id("x ••••"), "x ••••");
    }

    #[test]
    fn a_name_hides_seven_digits_unless_its_id_shows_them() {
        let veil = veil();
        assert_eq!(veil.title("Back to 555 0199", "spring"), "Back to ••••");
        assert_eq!(veil.title("List 1234567", "list-1234567"), "List 1234567");
        assert_eq!(veil.title("To 12025550199", "to+12025550199"), "To ••••", "an id that hides them");
        assert_eq!(veil.title("To 2025550142", "2025550142"), "To ••••", "a person's");
        assert_eq!(veil.title("Autumn 2026-10-01, 1,250,000 leads", "a"), "Autumn 2026-10-01, 1,250,000 leads");
    }

    #[test]
    fn what_is_quoted_is_short_on_one_line_and_tells_no_number() {
        assert_eq!(quoted(" GONE "), "GONE");
        assert_eq!(quoted("30/04/2024 06:27:28"), "30/04/2024 06:27:28");
        assert_eq!(quoted("+1 (202) 555-0113"), "+••••");
        assert_eq!(quoted("sip:٠١٢٣٤٥٦@x"), "sip:••••@x");
        assert_eq!(quoted("a\tb\u{1b}[0m"), "a b [0m");
        assert_eq!(quoted(&"x".repeat(80)), format!("{}…", "x".repeat(60)));
        assert_eq!(quoted_id("DAHDI/i1-2\n", &Numbers::default()), "DAHDI/i1-2 ");
        assert_eq!(quoted_id("PJSIP/+12025550113@x", &Numbers::default()), "PJSIP/+••••@x");
    }

    #[test]
    fn what_is_proven_the_floors_own_stays() {
        let veil = veil();
        veil.own([&Number::trusted("+18005550199")]);
        assert_eq!(veil.id("queue +18005550199"), "queue +18005550199");
        assert_eq!(veil.text("rings at (202) 555-0142, told by +18005550199"), "rings at (••••, told by +18005550199");
    }
}
