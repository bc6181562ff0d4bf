//! The writing half: holds the lead, looks up, and writes each commit in one transaction.
//!
//! All of it goes over the one connection that holds the lock. Where that breaks, or an answer is not had in time, it is
//! dropped, and the lead with it: nothing is written until `lead` has been asked again. So it is where another server ends it
//! because we hang (`hung`).

use super::{
    LOOKING_UP, Layout, PostgresFinder, WRITING, agents, calls, clear, connect, follow, history, hung, rollups,
    samples, settings,
};
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::{Gone, SumKey};
use crate::law::components::Beat;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::read::{Dids, Settings};
use crate::store::rows;
use crate::store::write::{
    CallLookup, CallWrite, Cleared, Cost, DayMark, Due, EachChange, Fold, FollowedTo, FoundCalls, KnownAgent,
    KnownComponent, KnownNames, Lead, OpenCommit, Rejudgement, Retention, RowId, StoredCall, WriteStore, Written,
};
use app::domain::outcome::CostKind;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Moment, Tally};
use chrono_tz::Tz;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use std::time::Duration;

/// The longest that one step may take; longer, and the connection is given up as dead.
const PATIENCE: Duration = Duration::from_secs(60);
/// The read of an hour's calls at a start: seven million at the design load.
const RESTART_PATIENCE: Duration = Duration::from_secs(600);
/// A commit, and the question whether we lead: who waits for it is told to come again.
const COMMIT_PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub struct PostgresWriter {
    options: PgConnectOptions,
    /// `None` until `lead` was asked, and since the last one broke.
    db: Option<PgConnection>,
    /// Whether the connection holds the lock.
    lead: Lead,
    /// The number of the last commit, ours or the one found with the lead.
    last: i64,
    layout: Layout,
    zone: Tz,
    /// Of who leads instead of us.
    watch: hung::Watch,
}

/// Runs one step on the connection, which does not outlive a failure that may have broken it.
macro_rules! on {
    ($self:ident, $patience:expr, $db:ident => $step:expr) => {{
        let Some(mut connection) = $self.db.take() else {
            return Err(StoreError::Away("not connected".to_owned()));
        };
        let $db = &mut connection;
        match tokio::time::timeout($patience, $step).await {
            Ok(Err(error)) if breaks(&error) => {
                $self.lead = Lead::Elsewhere;
                Err(error)
            }
            Ok(done) => {
                $self.db = Some(connection);
                done
            }
            Err(_) => {
                $self.lead = Lead::Elsewhere;
                Err(StoreError::Away(format!("no answer within {} s", $patience.as_secs())))
            }
        }
    }};
    ($self:ident, $db:ident => $step:expr) => { on!($self, PATIENCE, $db => $step) };
}

/// Whether the connection can't be relied on after this. What the server says of one statement leaves it whole; what it says
/// of itself (classes 08 and 57: it is going down, or was told to end us) does not.
fn breaks(error: &StoreError) -> bool {
    match error {
        StoreError::Database(sqlx::Error::Database(told)) => {
            told.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        StoreError::Database(_) | StoreError::Away(_) => true,
        StoreError::Io(_)
        | StoreError::InUse(_)
        | StoreError::NotThere(_)
        | StoreError::InTheWay(..)
        | StoreError::ByOtherMeans(_)
        | StoreError::OlderSchema { .. }
        | StoreError::Unreadable(_)
        | StoreError::NewerSchema { .. }
        | StoreError::OtherZone { .. }
        | StoreError::StillSeen(_)
        | StoreError::LedElsewhere
        | StoreError::Gone(_)
        | StoreError::Lost(_)
        | StoreError::Behind { .. }
        | StoreError::File { .. } => false,
    }
}

impl PostgresWriter {
    pub(super) fn new(options: PgConnectOptions, layout: Layout, zone: Tz) -> Self {
        Self { options, db: None, lead: Lead::Elsewhere, last: 0, layout, zone, watch: hung::Watch::default() }
    }

    async fn write(&mut self, calls: &mut [CallWrite<'_>], making: &mut dyn OpenCommit) -> Result<Written, StoreError> {
        match self.lead {
            Lead::Held | Lead::Taken => {}
            Lead::Elsewhere => return Err(StoreError::LedElsewhere),
        }
        let next = self.last + 1;
        let written = on!(self, COMMIT_PATIENCE, db => async {
            let mut transaction = db.begin().await?;
            calls::write(&mut transaction, calls, &mut |call| making.judge(call)).await?;
            let mut commit = making.rest()?;
            if calls.is_empty() && commit.is_empty() {
                transaction.rollback().await?;
                return Ok(Written::Nothing);
            }
            // Where somebody else has led since, this number is taken, and all of it void.
            follow::append(&mut transaction, next, &std::mem::take(&mut commit.sums), &commit.rest).await?;
            agents::write(&mut transaction, &commit.agents).await?;
            samples::write(&mut transaction, &commit.samples).await?;
            samples::write_costs(&mut transaction, &commit.costs).await?;
            history::write(&mut transaction, &commit).await?;
            settings::write(&mut transaction, &mut commit).await?;
            transaction.commit().await?;
            Ok::<_, StoreError>(Written::Something)
        })?;
        if written == Written::Something {
            self.last = next;
        }
        Ok(written)
    }

    /// Asks on the connection there is, or on a new one.
    async fn ask_for_lead(&mut self) -> Result<Lead, StoreError> {
        if self.db.is_none() {
            self.lead = Lead::Elsewhere;
            let mut db = connect(&self.options).await?;
            db.execute(WRITING).await?;
            db.execute(LOOKING_UP).await?;
            calls::prepare(&mut db).await?;
            self.db = Some(db);
        }
        match self.lead {
            // Held for as long as the connection is: that it answers is enough.
            Lead::Held | Lead::Taken => {
                on!(self, COMMIT_PATIENCE, db => async { Ok(db.ping().await?) })?;
                self.lead = Lead::Held;
            }
            Lead::Elsewhere => {
                self.lead = on!(self, COMMIT_PATIENCE, db => follow::lead(db))?;
                match self.lead {
                    Lead::Taken => self.last = on!(self, COMMIT_PATIENCE, db => follow::last(db))?,
                    Lead::Elsewhere => {
                        let watch = &mut self.watch;
                        on!(self, COMMIT_PATIENCE, db => watch.look(db))?;
                    }
                    Lead::Held => {}
                }
            }
        }
        Ok(self.lead)
    }
}

impl WriteStore for PostgresWriter {
    type Finder = PostgresFinder;

    fn finder(&self) -> PostgresFinder {
        PostgresFinder::new(self.options.clone())
    }

    fn is_followed(&self) -> bool {
        true
    }

    async fn lead(&mut self) -> Result<Lead, StoreError> {
        self.ask_for_lead().await
    }

    async fn look(&mut self) -> Result<i64, StoreError> {
        self.last = on!(self, db => async {
            db.execute("begin isolation level repeatable read read only").await?;
            follow::last(db).await
        })?;
        Ok(self.last)
    }

    async fn looked(&mut self) -> Result<(), StoreError> {
        on!(self, db => async {
            db.execute("commit").await?;
            Ok(())
        })
    }

    fn last(&self) -> i64 {
        self.last
    }

    async fn told_since(&mut self, after: i64, each: &mut EachChange<'_>) -> Result<FollowedTo, StoreError> {
        on!(self, db => follow::told_since(db, after, each))
    }

    /// A server of its own looks after its files.
    fn look_for_it(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn end(&mut self) {
        if let Some(mut db) = self.db.take() {
            self.lead = Lead::Elsewhere;
            // Whether or not the database still hears it: without the connection the lead is free.
            let leave = async {
                db.execute("select pg_advisory_unlock_all()").await?;
                db.close().await
            };
            drop(tokio::time::timeout(Duration::from_secs(1), leave).await);
        }
    }

    async fn find(&mut self, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError> {
        if asked.is_empty() {
            return Ok(FoundCalls::default());
        }
        on!(self, db => calls::find(db, asked))
    }

    async fn calls_of(
        &mut self,
        campaign: &CampaignId,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        on!(self, db => calls::of_campaign(db, campaign, after, to, limit))
    }

    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        on!(self, db => calls::after(db, after, limit))
    }

    async fn recent(&mut self, since: Moment, each: &mut dyn FnMut(CallName, StoredCall)) -> Result<(), StoreError> {
        on!(self, RESTART_PATIENCE, db => calls::recent(db, since, each))
    }

    async fn due(&mut self) -> Result<Vec<(Moment, Due)>, StoreError> {
        let rows = on!(self, db => calls::due(db))?;
        rows.iter().map(rows::due).collect()
    }

    async fn blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError> {
        on!(self, db => rollups::find(db, of))
    }

    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<u64, StoreError> {
        on!(self, db => rollups::journal(db, each))
    }

    async fn fold(&mut self, fold: &Fold<'_>) -> Result<(), StoreError> {
        match self.lead {
            Lead::Held | Lead::Taken => on!(self, db => rollups::fold(db, fold)),
            Lead::Elsewhere => Err(StoreError::LedElsewhere),
        }
    }

    async fn agent(&mut self, agent: &AgentId, from: Moment) -> Result<KnownAgent, StoreError> {
        on!(self, db => agents::find(db, agent, from))
    }

    async fn agents(&mut self, from: Moment) -> Result<Vec<(AgentId, KnownAgent)>, StoreError> {
        on!(self, db => agents::all(db, from))
    }

    async fn sample(&mut self, of: &SampleKey) -> Result<Option<String>, StoreError> {
        on!(self, db => samples::find(db, of))
    }

    async fn recent_samples(&mut self, channels_since: Moment) -> Result<Vec<(SampleKey, String)>, StoreError> {
        on!(self, db => samples::recent(db, channels_since))
    }

    async fn beats(&mut self, component: &ComponentId, during: Stretch) -> Result<Vec<Beat>, StoreError> {
        on!(self, db => history::beats(db, component, during))
    }

    async fn components(&mut self) -> Result<Vec<KnownComponent>, StoreError> {
        on!(self, db => history::components(db))
    }

    async fn days(&mut self) -> Result<Vec<DayMark>, StoreError> {
        on!(self, db => history::days(db))
    }

    async fn cost(&mut self, month: &str, kind: CostKind) -> Result<Option<Cost>, StoreError> {
        on!(self, db => samples::cost(db, month, kind))
    }

    async fn settings(&mut self) -> Result<Settings, StoreError> {
        on!(self, db => settings::read(db, Dids::With))
    }

    async fn names(&mut self) -> Result<KnownNames, StoreError> {
        on!(self, db => history::names(db))
    }

    async fn rejudgements(&mut self) -> Result<Vec<Rejudgement>, StoreError> {
        on!(self, db => settings::rejudgements(db))
    }

    async fn campaign_days(&mut self, campaign: &CampaignId) -> Result<Vec<(Moment, Tally)>, StoreError> {
        let zone = self.zone;
        on!(self, db => rollups::campaign_days(db, campaign, zone))
    }

    async fn commit(
        &mut self,
        calls: &mut [CallWrite<'_>],
        making: &mut dyn OpenCommit,
    ) -> Result<Written, StoreError> {
        self.write(calls, making).await
    }

    async fn try_writing(&mut self, now: Moment) -> Result<(), StoreError> {
        match self.lead {
            Lead::Held | Lead::Taken => on!(self, db => clear::try_writing(db, now)),
            Lead::Elsewhere => Err(StoreError::LedElsewhere),
        }
    }

    async fn forget(&mut self, gone: &Gone, kept_from: Moment) -> Result<(), StoreError> {
        match self.lead {
            Lead::Held | Lead::Taken => on!(self, db => settings::forget(db, gone, kept_from)),
            Lead::Elsewhere => Err(StoreError::LedElsewhere),
        }
    }

    async fn clear(&mut self, now: Moment, retention: Retention) -> Result<Cleared, StoreError> {
        let layout = self.layout;
        match self.lead {
            Lead::Held | Lead::Taken => on!(self, db => clear::clear(db, layout, now, retention)),
            Lead::Elsewhere => Err(StoreError::LedElsewhere),
        }
    }
}
