//! What is said of a figure of the monitor: as on the live page, from the catalogue and the row.

use super::{became, card, figures, totals};
use crate::domain::Span;
use crate::domain::outcome::Disposition;
use crate::kpi::problems::Problem;
use crate::kpi::{Band, KpiId, Ratio, format};
use crate::ui::address;
use crate::ui::parts::clock;
use crate::ui::parts::explained::{Asked, Explanation, LAST_60, TEN_SECONDS, blank, counts, dated, interval, share};
use crate::ui::parts::figure::name_of;
use crate::view::Keyed;
use crate::view::monitor::{CampaignCard, Chip, Inbound, MonitorFrame, WorkerHealth};
use crate::view::monitor_campaign::{CampaignFrame, DispositionRow, Figures};

const NOW: &str = "now";
const CAMPAIGN: &str = "since the campaign began";

/// `None` for a figure or a card that is not there (any more).
#[must_use]
pub fn of_monitor(frame: &MonitorFrame, asked: &Asked) -> Option<Explanation> {
    if asked.panel == totals::PANEL {
        return of_totals(frame, &asked.figure);
    }
    let card = frame.cards.rows.iter().find(|card| card.campaign.as_str() == asked.key)?;
    of_card(card, &asked.figure).map(|said| dated(said, TEN_SECONDS, frame.as_of, &frame.site))
}

/// `None` for a figure that is not there (any more).
#[must_use]
pub fn of_campaign(frame: &CampaignFrame, asked: &Asked) -> Option<Explanation> {
    let subject = name_of(&frame.card.name, frame.card.campaign.as_str());
    let figures = &frame.figures;
    let said = if asked.panel == became::PANEL {
        let row = frame.dispositions.rows.iter().find(|row| row.key() == asked.key)?;
        disposition(row, figures)
    } else {
        match (asked.panel.as_str(), asked.figure.as_str()) {
            (figures::PANEL, "active_calls") => Explanation {
                value: format::count(frame.card.active),
                window: NOW.to_owned(),
                ..blank(KpiId::ActiveCalls.get())
            },
            (figures::PANEL, "calls_per_minute") => Explanation {
                value: format::count(figures.attempts_1m),
                parts: counts("attempts", "minutes", Ratio::new(figures.attempts_1m, 1)),
                window: "the last whole minute".to_owned(),
                ..blank(KpiId::CallsPerMinute.get())
            },
            (figures::PANEL, "answer_rate") => share(KpiId::AnswerRate, figures.answer, 1, CAMPAIGN),
            (figures::PANEL, "average_call_duration") => Explanation {
                value: figures::average(figures.duration),
                parts: counts("completed_ms", "completed", figures.duration),
                window: CAMPAIGN.to_owned(),
                ..blank(KpiId::AverageCallDuration.get())
            },
            (_, "eta") => eta(frame),
            (_, figure) => {
                let said = of_card(&frame.card, figure);
                return said.map(|said| dated(said, TEN_SECONDS, frame.as_of, &frame.site));
            }
        }
    };
    Some(Explanation { subject, ..said })
}

/// A figure that is no KPI: a count, and where it comes from.
fn count(title: &str, value: String, formula: &str, source: &str) -> Explanation {
    Explanation {
        title: title.to_owned(),
        value,
        formula: formula.to_owned(),
        source: source.to_owned(),
        window: NOW.to_owned(),
        bands: None,
        parts: Vec::new(),
        ..blank(KpiId::ActiveCalls.get())
    }
}

fn of_totals(frame: &MonitorFrame, figure: &str) -> Option<Explanation> {
    let totals = &frame.totals;
    let said = match figure {
        "active_campaigns" => {
            let all = Ratio::new(totals.active_campaigns, totals.active_campaigns + totals.paused_campaigns);
            Explanation {
                parts: counts("active", "active or paused", all),
                ..count(
                    "Active campaigns",
                    format::count(all.part),
                    "campaigns that dial",
                    "what the dialer says of each",
                )
            }
        }
        "active_calls" => {
            let elsewhere = match totals.active_elsewhere {
                0 => Vec::new(),
                n => vec![format!("{} of them belong to no campaign shown here.", format::count(n))],
            };
            Explanation {
                value: format::count(totals.active_calls),
                window: NOW.to_owned(),
                notes: elsewhere,
                ..blank(KpiId::ActiveCalls.get())
            }
        }
        "cac_utilisation" => Explanation {
            band: totals.cac_band,
            interval: None,
            notes: vec![
                "Over the campaigns that have a limit: their active calls, and the sum of their limits.".to_owned(),
            ],
            ..share(KpiId::CacUtilisation, totals.cac, 1, NOW)
        },
        "worker" => of_worker(frame, &frame.worker),
        _ => return None,
    };
    Some(Explanation { subject: "The whole floor".to_owned(), ..said })
}

fn of_worker(frame: &MonitorFrame, worker: &WorkerHealth) -> Explanation {
    let mut parts = Vec::new();
    parts.extend(worker.component.as_ref().map(|component| ("worker".to_owned(), component.to_string())));
    parts.extend(worker.latency_us.map(|us| ("latency".to_owned(), totals::milliseconds(us))));
    parts.extend(worker.at.map(|at| ("last answer".to_owned(), clock::hm_near(at, frame.as_of, &frame.site))));
    if worker.workers > 1 {
        parts.extend(counts("offline", "workers", Ratio::new(worker.offline, worker.workers)));
    }
    let notes = [&worker.detail, &worker.warning].into_iter().flatten().map(ToString::to_string).collect();
    Explanation {
        band: worker.band,
        since: worker.since,
        parts,
        notes,
        ..count(
            "Worker health",
            totals::health(worker),
            "healthy; degraded (slow, or errors); offline (no answer for three polls)",
            "the worker’s own health endpoint, or its samples",
        )
    }
}

fn of_card(card: &CampaignCard, figure: &str) -> Option<Explanation> {
    let told = "the dialer told it";
    let said = match figure {
        card::DIAGNOSIS => diagnosis(card.diagnosis.as_ref()?, card),
        "destinations" => count("Destinations", card::told(card.destinations), "numbers in the campaign’s lists", told),
        "cac_utilisation" => Explanation { band: card.cac_band, ..share(KpiId::CacUtilisation, card.cac(), 1, NOW) },
        "completed" => Explanation {
            window: CAMPAIGN.to_owned(),
            ..count(
                "Destinations completed",
                format::count(card.completed),
                "destinations whose call was carried through",
                "ended calls",
            )
        },
        "failed" => Explanation {
            window: CAMPAIGN.to_owned(),
            ..count(
                "Destinations given up",
                format::count(card.failed),
                "destinations that were given up: their last attempt was made, and none was completed",
                "ended calls",
            )
        },
        "pending" => count(
            "Destinations pending",
            card::told(card.pending),
            "destinations − completed − given up, never below 0",
            "the dialer, and ended calls",
        ),
        "progress" => {
            let progress = card.progress();
            Explanation {
                parts: counts("destinations completed and given up", "destinations", progress),
                window: CAMPAIGN.to_owned(),
                ..count(
                    "Progress",
                    format::percent(progress, 1, None),
                    "(completed + given up) ÷ destinations",
                    "ended calls",
                )
            }
        }
        "list_penetration" => {
            let tried = card.penetration();
            Explanation {
                parts: counts("first_attempts", "destinations", tried),
                window: CAMPAIGN.to_owned(),
                ..count(
                    "List penetration",
                    format::percent(tried, 1, None),
                    "destinations tried for the first time ÷ destinations",
                    "calls that tell their attempt",
                )
            }
        }
        "callers_waiting" | "inbound_answer_rate" | "queue_abandon_rate" | "asa" => {
            of_inbound(card.inbound.as_ref()?, figure)?
        }
        "rate_limited" => {
            let said = card::rate(card);
            let untold = "The dialer has not told whether it holds calls back (rate_limited).";
            Explanation {
                band: said.band,
                notes: card.rate_limited.is_none().then(|| untold.to_owned()).into_iter().collect(),
                parts: card
                    .cps_limit_milli
                    .map(|cps| ("calls a second, at most".to_owned(), figures::cps_of(cps)))
                    .into_iter()
                    .collect(),
                ..count(
                    "Rate limit",
                    said.text,
                    "whether the dialer holds calls back, and how many a second it may set off",
                    told,
                )
            }
        }
        _ => return None,
    };
    Some(Explanation { subject: name_of(&card.name, card.campaign.as_str()), ..said })
}

/// Figures of who calls in.
fn of_inbound(inbound: &Inbound, figure: &str) -> Option<Explanation> {
    Some(match figure {
        "callers_waiting" => Explanation {
            value: format::count(inbound.waiting),
            since: inbound.first,
            window: NOW.to_owned(),
            ..blank(KpiId::CallersWaiting.get())
        },
        "inbound_answer_rate" => of_callers(KpiId::InboundAnswerRate, inbound.answered, inbound.answered_band),
        "queue_abandon_rate" => of_callers(KpiId::QueueAbandonRate, inbound.queue_abandoned, inbound.queue_band),
        "asa" => Explanation {
            value: format::seconds_said(inbound.asa, 1, KpiId::Asa.get().bands(), inbound.asa_band).to_string(),
            interval: None,
            ..of_callers(KpiId::Asa, inbound.asa, inbound.asa_band)
        },
        _ => return None,
    })
}

/// A rate of a campaign's callers, of the last hour.
fn of_callers(kpi: KpiId, ratio: Ratio, band: Band) -> Explanation {
    Explanation {
        value: format::percent_said(ratio, 1, kpi.get().bands(), band).to_string(),
        band,
        ..share(kpi, ratio, 1, LAST_60)
    }
}

/// Symptom, what to check, the figures that led to it, and what to do.
fn diagnosis(chip: &Chip, card: &CampaignCard) -> Explanation {
    let problem = Problem::of(&chip.problem);
    let said = |label: &str, words: &str| (label.to_owned(), words.to_owned());
    let mut parts = Vec::new();
    if let Some(problem) = problem {
        parts.extend([said("Symptom", problem.symptom), said("Check", problem.check)]);
    }
    parts.extend(chip.figures.iter().map(|figure| said(&figure.label, &figure.value)));
    parts.push(said("Next step", &chip.next));
    parts.extend(problem.map(|problem| said("Named when", problem.told)));
    Explanation {
        band: chip.band,
        since: card.since.filter(|_| card.band == chip.band),
        parts,
        window: String::new(),
        more: Some(address::of_problem(&chip.problem)),
        ..count(&chip.title, String::new(), "", "")
    }
}

fn disposition(row: &DispositionRow, figures: &Figures) -> Explanation {
    let ratio = Ratio::new(row.calls, figures.ended);
    let notes = match row.disposition {
        Disposition::Answered => vec![format!(
            "Answered by a person or a machine, and no agent on the line. Since the campaign began {} abandoned, where a person \
             answered and no agent was there in time, and {} answered by a machine. Both are among these, but for those to \
             whom an agent came, who are completed, and those still up.",
            format::calls(figures.abandoned),
            format::count(figures.machines)
        )],
        Disposition::Completed => {
            vec!["Answered, and an agent came on the line; of an agentless campaign: answered.".to_owned()]
        }
        Disposition::Busy
        | Disposition::NoAnswer
        | Disposition::Failed
        | Disposition::Cancelled
        | Disposition::Congestion => Vec::new(),
    };
    Explanation {
        parts: counts(row.disposition.said(), "ended", ratio),
        notes,
        interval: interval(ratio),
        window: CAMPAIGN.to_owned(),
        ..count(
            "What became of the calls",
            format::percent(ratio, 1, None),
            "each ended call is in exactly one of the seven; together they are all ended calls",
            "ended calls",
        )
    }
}

fn eta(frame: &CampaignFrame) -> Explanation {
    let (pace, minutes) = (frame.progress.pace(), frame.progress.paced_over_s / 60);
    let (value, spread) = match &frame.progress.eta {
        Some(eta) => {
            let at = |moment| clock::near(moment, Span::secs(eta.grain_s), frame.as_of, &frame.site);
            let latest = eta.latest.map_or_else(|| "no end".to_owned(), at);
            (at(eta.at), Some(format!("{} to {latest}", at(eta.earliest))))
        }
        None => (format::NO_DATA.to_owned(), None),
    };
    Explanation {
        parts: vec![
            ("pending".to_owned(), card::told(frame.card.pending)),
            (
                format!("done in {}", format::counted(minutes, "minute", "minutes")),
                format::count(frame.progress.done_15m),
            ),
            ("a minute".to_owned(), format::per_minute(pace)),
        ],
        interval: spread,
        window: if minutes < 15 { "since the campaign began" } else { "the last 15 minutes" }.to_owned(),
        band: Band::None,
        ..count(
            "ETA",
            value,
            "pending ÷ the pace of the last 15 minutes, or of those since it began, retries counted by what they led to; none while paused or at rest",
            "ended calls",
        )
    }
}
