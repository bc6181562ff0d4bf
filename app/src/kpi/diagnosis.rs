//! What is wrong with a campaign: how each problem of the table ([`super::problems`]) is told from the others (S25, S53,
//! S54, N10).
//!
//! Pure: [`Evidence`] in, at most one [`Finding`] out, with the two or three figures that led to it. Bands are decided on
//! exact counts, as everywhere.

use super::band::{self, BREAKS, Band, Bands, Diagnosis};
use super::catalog::KpiId;
use super::format;
use super::problems::{Cause, PROBLEMS, Problem};
use super::value::Ratio;
use crate::domain::outcome::CampaignStatus;
use std::cmp::Ordering;

/// A number is blamed if it carries at least this share of the campaign's calls of the hour: one in…
const DID_SHARE: i64 = 20;

/// Whether codes say why a route's calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    Told,
    Missing,
}

/// One route's calls of the campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteEvidence {
    pub id: String,
    pub name: String,
    /// The route's faults of the campaign's resolved, 5 minutes; of one that fails without codes all that failed.
    pub faults: Ratio,
    pub codes: Codes,
    /// Of the campaign's calls started there in the last minute: those not heard of again.
    pub unheard: Ratio,
    /// What the two are judged, by what the route was before.
    pub faults_band: Band,
    pub stalled_band: Band,
}

/// One of the floor's numbers that the campaign calls from.
#[derive(Debug, Clone, PartialEq)]
pub struct DidEvidence {
    pub number: String,
    /// Answered of resolved, 60 minutes and the same hours of the week before; all its calls.
    pub now: Ratio,
    pub before: Ratio,
    /// Refused as unwanted of resolved, 5 minutes; all its calls.
    pub blocked: Ratio,
    /// What the two are judged, by what they were before.
    pub band: Band,
    pub blocked_band: Band,
    /// Its calls of all the campaign's.
    pub share: Ratio,
}

/// A figure of a campaign's callers that is out of its band.
#[derive(Debug, Clone, PartialEq)]
pub struct CallersEvidence {
    pub label: &'static str,
    pub value: String,
    pub band: Band,
}

/// Why a campaign rests, as far as it matters here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rest {
    #[default]
    None,
    Schedule,
    Other,
}

/// How the dialer's workers are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Workers {
    /// None is known.
    #[default]
    Unknown,
    /// At least one works.
    Some,
    /// All are offline.
    None,
}

/// Whether so many agents were missed in the last minutes that what was abandoned then is put down to that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Missed {
    /// Within the five minutes that the last minutes are judged over.
    Lately,
    /// Within the quarter of an hour that tells whether what the hour shows goes on.
    InTheQuarter,
    #[default]
    No,
}

/// How a campaign has been told to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Settled {
    /// In its state for five minutes at least.
    Yes,
    #[default]
    No,
}

/// What is known of a campaign.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    pub status: Option<CampaignStatus>,
    pub rest: Rest,
    pub settled: Settled,
    pub workers: Workers,
    /// When a worker was last heard, as people read it; likewise since when the campaign rests.
    pub worker_heard: String,
    pub rests_since: String,
    pub active: i64,
    pub cac_limit: Option<i64>,
    /// What its use of that limit is judged, by what it was before.
    pub cac_band: Band,
    pub destinations: Option<i64>,
    pub pending: Option<i64>,
    pub attempts_5m: i64,
    pub rate_limited: Option<bool>,
    /// 60 minutes, and the same hours of the week before.
    pub connect: Ratio,
    pub connect_before: Ratio,
    /// It takes calls, and makes none.
    pub only_inbound: bool,
    /// Of its callers in 60 minutes what is out of its band, as that is said.
    pub callers: Vec<CallersEvidence>,
    /// Of the last five minutes where it is these that fall, and the hour does not yet.
    pub connect_5m: Option<Ratio>,
    /// What a falling connect rate is put down to, by what was said of it before.
    pub falls: Option<Diagnosis>,
    pub abandon: Ratio,
    /// Of the last five minutes: what is happening now.
    pub abandon_5m: Ratio,
    /// And of the last two.
    pub abandon_2m: Ratio,
    /// What these are judged, by what was said of them before.
    pub rush_band: Band,
    /// And of the last quarter of an hour: whether it goes on.
    pub abandon_15m: Ratio,
    pub abandon_before: Ratio,
    pub agents_ready: i64,
    pub agents_on_break: i64,
    pub agents: i64,
    /// Of those on a break who went within the last minutes, and who went home then and was not relieved.
    pub breaks_lately: i64,
    pub agents_gone: i64,
    /// Who was missed within the last minutes may be back: what these abandoned is theirs still.
    pub missed: Missed,
    /// What the share on a break is judged, by what it was before.
    pub break_band: Band,
    /// The worst of its routes, and of its numbers, where any is out of band.
    pub route: Option<RouteEvidence>,
    pub did: Option<DidEvidence>,
}

/// The label of what is left of a campaign's whole run; a replay, which begins in its midst, does not know that.
pub const LEFT: &str = "Left to call";

/// A figure that led to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub label: &'static str,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub problem: &'static Problem,
    pub band: Band,
    pub figures: Vec<Figure>,
}

/// A problem's band and figures, where the evidence shows it.
type Told = Option<(Band, Vec<Figure>)>;

/// The first problem that the evidence shows.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Option<Finding> {
    PROBLEMS.iter().find_map(|problem| {
        let (band, figures) = told(problem.cause, evidence)?;
        Some(Finding { problem, band, figures })
    })
}

/// How each problem is told from the others.
fn told(cause: Cause, e: &Evidence) -> Told {
    match cause {
        Cause::Worker => worker(e),
        Cause::Schedule => schedule(e),
        Cause::Route => route(e),
        Cause::Staffing => staffing(e),
        Cause::Did => did(e),
        Cause::Pacing => pacing(e),
        Cause::List => list(e),
        Cause::Queue => queue(e),
        Cause::Idle => idle(e),
        Cause::CallLimit => call_limit(e),
        Cause::RateLimited => rate_limited(e),
    }
}

impl Evidence {
    /// Whether it dials, or would if it could: one that was never told to rest and does not say so.
    fn dials(&self) -> bool {
        self.works() && !self.only_inbound
    }

    /// Whether it is to have calls, of whichever way.
    fn works(&self) -> bool {
        match self.status {
            Some(CampaignStatus::Active) | None => true,
            Some(CampaignStatus::Paused | CampaignStatus::Ended) => false,
        }
    }

    fn left(&self) -> Figure {
        let (pending, all) = (self.pending.unwrap_or(0), self.destinations.unwrap_or(0));
        figure(LEFT, format!("{} of {}", format::count(pending), format::count(all)))
    }
}

fn figure(label: &'static str, value: impl Into<String>) -> Figure {
    Figure { label, value: value.into() }
}

/// "8.1 %, usually 10.8 %": at these hours. What is usual is said only where this is worse: beside a problem it would read
/// as if the problem were none. `worse`: how what is worse stands to what is usual.
fn against(label: &'static str, now: Ratio, before: Ratio, bands: Option<&Bands>, worse: Ordering) -> Figure {
    let crossed = |a: Ratio, b: Ratio| i128::from(a.part) * i128::from(b.whole);
    let is_worse = before.whole > 0 && crossed(now, before).cmp(&crossed(before, now)) == worse;
    if is_worse {
        return beside_usual(label, now, before, bands);
    }
    figure(label, format!("{} of {}", format::percent(now, 1, bands), format::count(now.whole)))
}

/// The same, also where it is no worse: that it is not may be the point.
fn beside_usual(label: &'static str, now: Ratio, before: Ratio, bands: Option<&Bands>) -> Figure {
    let (now, before) = (format::percent(now, 1, bands), format::percent(before, 1, None));
    figure(label, format!("{now}, usually {before}"))
}

fn abandoned(e: &Evidence) -> Figure {
    against("Abandoned", e.abandon, e.abandon_before, KpiId::AbandonRate.get().bands(), Ordering::Greater)
}

fn connected(e: &Evidence) -> Figure {
    match e.connect_5m {
        Some(lately) => against("Connect rate in 5 min", lately, e.connect_before, None, Ordering::Less),
        None => against("Connect rate", e.connect, e.connect_before, None, Ordering::Less),
    }
}

fn of(label: &'static str, ratio: Ratio, bands: Option<&Bands>) -> Figure {
    figure(label, format!("{} of {}", format::percent(ratio, 0, bands), format::count(ratio.whole)))
}

fn worker(e: &Evidence) -> Told {
    let stands = e.dials() && e.workers == Workers::None;
    stands.then(|| {
        let calls = figure("Calls in 5 min", format::count(e.attempts_5m));
        (Band::Critical, vec![figure("Last heard", e.worker_heard.clone()), calls])
    })
}

fn schedule(e: &Evidence) -> Told {
    let blocked = e.status == Some(CampaignStatus::Paused) && e.rest == Rest::Schedule;
    if !blocked {
        return None;
    }
    let mut figures = vec![figure("Paused by", "schedule"), figure("Since", e.rests_since.clone())];
    if e.pending.is_some() {
        figures.push(e.left());
    }
    Some((Band::Warn, figures))
}

fn route(e: &Evidence) -> Told {
    let route = e.route.as_ref().filter(|_| e.dials())?;
    let name = figure("Route", route.name.clone());
    if route.stalled_band == Band::Critical {
        let Ratio { part: unheard, whole: started } = route.unheard;
        let mut silent = of("Not heard of again", route.unheard, None);
        silent.value.extend(band::stalled_waits(unheard, started).map(|until| format!(", {until}")));
        return Some((Band::Critical, vec![name, silent]));
    }
    let bands = KpiId::RouteFaultRate.get().bands();
    let fails = route.faults_band == Band::Critical;
    fails.then(|| {
        let share = format::percent_said(route.faults, 0, bands, route.faults_band);
        let faults = format!("{} of {}{}", share.value, format::count(route.faults.whole), share.waits);
        let label = match route.codes {
            Codes::Told => "Failed by the network",
            Codes::Missing => "Failed, mostly without a code that says why",
        };
        (Band::Critical, vec![name, figure(label, faults)])
    })
}

/// A number that goes bad loses calls; people who are dropped are a matter of law, and named first.
fn did(e: &Evidence) -> Told {
    let did = e.did.as_ref().filter(|_| e.dials() && !drops_people(e))?;
    let matters = did.share.part * DID_SHARE >= did.share.whole;
    (did.band.is_out() && matters).then(|| {
        let why = if did.blocked_band.is_out() {
            of("Refused as unwanted", did.blocked, KpiId::BlockedRate.get().bands())
        } else {
            against("Answered", did.now, did.before, None, Ordering::Less)
        };
        (did.band, vec![figure("Number", did.number.clone()), why, of("Of its calls", did.share, None)])
    })
}

/// Half of the people who are logged in are on a break; or people are dropped, and so many have just left that this is why,
/// however long it has been so.
fn staffing(e: &Evidence) -> Told {
    let is_missed = misses_agents(e) || (e.missed == Missed::Lately && rush(e).is_some());
    if !(e.works() && (e.break_band.is_out() || is_missed)) {
        return None;
    }
    let away = Ratio::new(e.agents_on_break, e.agents);
    let waits = format::percent_said(away, 0, Some(&BREAKS), e.break_band).waits;
    let mut on_break = format!("{}{waits}", format::count(away.part));
    if e.agents_gone > 0 {
        on_break.push_str(&format!(", {} logged off", format::count(e.agents_gone)));
    }
    let mut figures = vec![ready(e), figure("On break", on_break)];
    // Whoever is dropped for want of agents makes it as bad as any other cause of that.
    let bands = KpiId::AbandonRate.get().bands();
    let dropped = rush(e).or_else(|| drops_people(e).then(|| of("Abandoned in 60 min", e.abandon, bands)));
    let band = if dropped.is_some() { Band::Critical } else { Band::Warn };
    figures.extend(dropped);
    Some((band, figures))
}

/// Of a team of at least four a fifth, and two people at least, have just left, fewer are ready than that, and people are
/// dropped: who dials counted on them.
fn misses_agents(e: &Evidence) -> bool {
    let (left, team) = (e.breaks_lately + e.agents_gone, e.agents + e.agents_gone);
    rush(e).is_some() && team >= BREAKS.enough && left >= 2 && left * 5 >= team && e.agents_ready < left
}

/// Whether a finding says that agents are missed while people are dropped.
#[must_use]
pub fn is_missed(e: &Evidence) -> bool {
    rush(e).is_some() && (misses_agents(e) || (e.works() && e.break_band.is_out()))
}

fn ready(e: &Evidence) -> Figure {
    figure("Ready", format!("{} of {}", format::count(e.agents_ready), format::count(e.agents)))
}

/// Over the limit in the last minutes: in which, and how many.
fn rush(e: &Evidence) -> Option<Figure> {
    let bands = KpiId::AbandonRate.get().bands();
    let two = || Some(("Abandoned in 2 min", e.abandon_2m)).filter(|(_, two)| band::pacing(*two) == Band::Critical);
    let (label, ratio) = Some(("Abandoned in 5 min", e.abandon_5m)).filter(|_| e.rush_band == Band::Critical)?;
    let (label, ratio) = two().unwrap_or((label, ratio));
    let mut figure = of(label, ratio, bands);
    figure.value.extend(band::pacing_waits(ratio).map(|until| format!(", {until}")));
    Some(figure)
}

/// Whether people are dropped now: what the hour shows may be over.
fn drops_people(e: &Evidence) -> bool {
    let of_hour = is_over_in_the_hour(e) || band::is_surely_past(e.abandon, e.abandon_5m);
    rush(e).is_some() || (of_hour && !band::has_eased(e.abandon_15m))
}

/// Whether so many live answers as can be judged are over the limit.
fn is_over_in_the_hour(e: &Evidence) -> bool {
    KpiId::AbandonRate.get().read_ratio(e.abandon).band == Band::Critical
}

fn pacing(e: &Evidence) -> Told {
    let falls = e.falls == Some(Diagnosis::Pacing);
    // What the hour abandoned while agents were missed is not the dialer's doing.
    let over = rush(e).is_some() || (e.missed == Missed::No && drops_people(e));
    if !e.dials() || !(falls || over) {
        return None;
    }
    let mut figures = Vec::new();
    figures.extend(rush(e));
    let abandoned = abandoned(e);
    // Beside the last minutes it has to be said which is the hour.
    let abandoned = if figures.is_empty() { abandoned } else { Figure { label: "Abandoned in 60 min", ..abandoned } };
    figures.push(abandoned);
    figures.push(if falls { connected(e) } else { ready(e) });
    // Of too few to be judged it is said, and no more than that.
    let is_judged = rush(e).is_some() || is_over_in_the_hour(e);
    Some((if over && is_judged { Band::Critical } else { Band::Warn }, figures))
}

fn list(e: &Evidence) -> Told {
    let used_up = e.pending == Some(0) && e.destinations.is_some_and(|n| n > 0);
    let falls = e.falls == Some(Diagnosis::List);
    if !e.dials() || !(falls || used_up) {
        return None;
    }
    let mut figures = Vec::new();
    if falls {
        figures.push(connected(e));
        figures.push(beside_usual("Abandoned", e.abandon, e.abandon_before, KpiId::AbandonRate.get().bands()));
    }
    if e.pending.is_some() {
        figures.push(e.left());
    }
    if !falls {
        figures.push(figure("Calls in 5 min", format::count(e.attempts_5m)));
    }
    Some((Band::Warn, figures))
}

fn idle(e: &Evidence) -> Told {
    let should =
        e.dials() && e.status == Some(CampaignStatus::Active) && e.settled == Settled::Yes && e.pending != Some(0);
    (should && e.attempts_5m == 0).then(|| {
        let left = if e.pending.is_some() { e.left() } else { figure("Active calls", format::count(e.active)) };
        (Band::Warn, vec![figure("Calls in 5 min", "0"), left])
    })
}

/// Who calls is not answered, whatever the campaign's state: callers don't ask for it.
fn queue(e: &Evidence) -> Told {
    let band = e.callers.iter().map(|callers| callers.band).max()?;
    let told = e.callers.iter().take(2).map(|callers| figure(callers.label, callers.value.clone()));
    Some((band, told.chain([ready(e)]).collect()))
}

fn call_limit(e: &Evidence) -> Told {
    let used = Ratio::new(e.active, e.cac_limit?);
    (e.works() && e.cac_band == Band::Critical).then(|| {
        let share = format::percent_said(used, 0, KpiId::CacUtilisation.get().bands(), e.cac_band);
        let calls = format!("{} of {}", format::count(used.part), format::count(used.whole));
        (e.cac_band, vec![figure("Active calls", calls), figure("CAC utilisation", share.to_string())])
    })
}

fn rate_limited(e: &Evidence) -> Told {
    (e.dials() && e.rate_limited == Some(true)).then(|| {
        let calls = format::per_minute(Ratio::new(e.attempts_5m, 5));
        (Band::Warn, vec![figure("Dialer says", "held back"), figure("Calls a minute, over 5 min", calls)])
    })
}

#[cfg(test)]
#[path = "diagnosis_tests.rs"]
mod tests;
