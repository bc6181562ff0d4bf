//! What the audit log tells at start: the newest request of each campaign, the dialer's last word by answer, and which
//! idempotency keys came.

use super::adapter::Dialers;
use super::machine::{Machine, Patience, Word};
use super::request::Request;
use crate::audit::entry::{Entry, Step};
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};
use app::domain::control::{Action, Phase};
use app::domain::{CampaignId, Moment, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Entries of a campaign that are looked through for its newest request and the last word.
const LOOKED_THROUGH: usize = 32;
/// Idempotency keys remembered; a client that tries again does so within minutes.
const MAX_KEYS: usize = 4_096;
/// A campaign for which no dialer is configured any more is still told of.
const NO_PATIENCE: Patience = Patience { answer: Span::ZERO, word: Span::ZERO };

/// What a client named its request by: whose it was, and what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keyed {
    pub campaign: CampaignId,
    pub action: Action,
    pub request: SmolStr,
}

/// The newest idempotency keys, by who sent them.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    by_key: HashMap<(SmolStr, SmolStr), Keyed>,
    order: VecDeque<(SmolStr, SmolStr)>,
}

impl KnownKeys {
    pub fn find(&self, who: &SmolStr, key: &SmolStr) -> Option<&Keyed> {
        self.by_key.get(&(who.clone(), key.clone()))
    }

    pub fn put(&mut self, who: &SmolStr, key: &SmolStr, keyed: Keyed) {
        let name = (who.clone(), key.clone());
        if self.by_key.insert(name.clone(), keyed).is_none() {
            self.order.push_back(name);
        }
        if self.order.len() > MAX_KEYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_key.remove(&oldest);
        }
    }
}

/// The machines as they stood, and the keys that came.
pub(super) async fn recall(
    log: &dyn AuditLog,
    dialers: &Dialers,
    now: Moment,
) -> Result<(BTreeMap<CampaignId, Machine>, KnownKeys), StoreError> {
    let mut machines = BTreeMap::new();
    for campaign in log.campaigns().await? {
        let query = AuditQuery { campaign: Some(campaign.clone()), limit: LOOKED_THROUGH, ..AuditQuery::default() };
        let entries = entries(log, &query).await?;
        let patience = dialers.of(&campaign).map_or(NO_PATIENCE, |adapter| adapter.patience());
        machines.insert(campaign, machine(&entries, patience, now));
    }
    let mut keys = KnownKeys::default();
    let newest = AuditQuery { limit: MAX_KEYS, ..AuditQuery::default() };
    for Entry { draft, .. } in entries(log, &newest).await?.into_iter().rev() {
        if let (Some(key), Some(action)) = (&draft.idempotency_key, draft.action) {
            let keyed = Keyed { campaign: draft.campaign, action, request: draft.request };
            keys.put(&draft.who, key, keyed);
        }
    }
    Ok((machines, keys))
}

async fn entries(log: &dyn AuditLog, query: &AuditQuery) -> Result<Vec<Entry>, StoreError> {
    log.page(query).await?.iter().map(|sealed| Ok(sealed.entry()?)).collect()
}

/// A campaign's machine from its last entries, newest first.
fn machine(entries: &[Entry], patience: Patience, now: Moment) -> Machine {
    let word = entries
        .iter()
        .map(|e| &e.draft)
        .find(|draft| draft.step == Step::Confirmed)
        .and_then(|draft| Some(Word { status: draft.action?.wanted(), at: draft.at }));
    let newest = entries.iter().map(|e| &e.draft).find(|draft| draft.step == Step::Asked);
    let Some((asked, action)) = newest.and_then(|asked| Some((asked, asked.action?))) else {
        return Machine::restored(patience, word, None, now);
    };
    let mut request = Request::new(asked.request.clone(), action, asked.who.clone(), asked.from.clone(), asked.at);
    request.before = asked.before;
    // Its later steps, oldest first.
    for draft in entries.iter().rev().map(|e| &e.draft).filter(|draft| draft.request == asked.request) {
        let phase = match draft.step {
            Step::Confirmed if draft.action == Some(Action::Resume) => Phase::Done,
            Step::Confirmed => Phase::Confirmed,
            Step::Done => Phase::Done,
            Step::Refused => Phase::Refused,
            Step::TimedOut => Phase::TimedOut,
            Step::Overruled => return Machine::restored(patience, word, None, now),
            Step::Asked | Step::Repeated | Step::Already | Step::Overtaken | Step::Unknown | Step::Changed => continue,
        };
        if phase == Phase::Confirmed || (phase == Phase::Done && request.confirmed_at.is_none()) {
            request.confirmed_at = Some(draft.at);
        }
        request = request.told(phase, draft.at, draft.why.clone());
    }
    Machine::restored(patience, word, Some(request), now)
}
