//! What each KPI is for, and an example of it that is computed by the KPI itself (tested).
//!
//! Beside the table and not in it, so that the browser's program does not carry text that no page of it shows.

use super::catalog::KpiId;
use crate::domain::Fact;

/// What the catalogue says of a KPI to who does not know it.
#[derive(Debug, Clone, Copy)]
pub struct Help {
    pub help: &'static str,
    pub example: Example,
}

/// A figure worked out: in words, and from what to what.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    pub words: &'static str,
    pub given: Given,
    /// A fraction, ms, calls or money, by the KPI's unit; `None` for a state in words.
    pub value: Option<f64>,
}

/// What an example is computed from.
#[derive(Debug, Clone, Copy)]
pub enum Given {
    /// Facts, over a window of so many minutes.
    Facts {
        facts: &'static [(Fact, i64)],
        minutes: i64,
    },
    /// Post-dial delays in ms, with how many calls had each.
    Delays(&'static [(i64, i64)]),
    Budget {
        abandoned: i64,
        judged_live: i64,
        limit_ppm: i64,
    },
    /// Money spent, and facts.
    Cost {
        amount: f64,
        facts: &'static [(Fact, i64)],
    },
    /// Destinations left, and those done in 15 minutes.
    Pace {
        pending: i64,
        done: i64,
    },
    /// What is counted at present, over what.
    Gauge {
        part: i64,
        whole: i64,
    },
    State,
}

const fn of(help: &'static str, words: &'static str, given: Given, value: f64) -> Help {
    Help { help, example: Example { words, given, value: Some(value) } }
}

const fn facts(facts: &'static [(Fact, i64)], minutes: i64) -> Given {
    Given::Facts { facts, minutes }
}

const fn count(part: i64) -> Given {
    Given::Gauge { part, whole: 1 }
}

const HOUR: i64 = 60;
const DAY: i64 = 1_440;

/// Of each KPI.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table: one entry for each KPI")]
pub const fn help(kpi: KpiId) -> Help {
    match kpi {
        KpiId::ActiveCalls => of(
            "How many calls are up now, ringing ones included. Against provisioned channels it says how near the floor is to its ceiling.",
            "412 calls have started and not ended: 412",
            count(412),
            412.0,
        ),
        KpiId::Stalled => of(
            "Calls that were placed and then never heard of again. A route that takes calls and does nothing with them shows here within a minute, before any call has failed.",
            "Of 60 calls begun 10 to 60 s ago, 45 have had neither progress nor an end: 45, over half, so red",
            Given::Gauge { part: 45, whole: 60 },
            45.0,
        ),
        KpiId::ChannelUtilisation => of(
            "How full the trunks are. Near the ceiling calls begin to fail for want of a channel, whatever the dialer does.",
            "170 channels in use of 200: 170 ÷ 200 = 85 %, not yet above it",
            Given::Gauge { part: 170, whole: 200 },
            0.85,
        ),
        KpiId::SipErrorRate => of(
            "Calls that ended with an error of any kind, busy and wrong numbers among them. High by nature; what matters is the class that grows.",
            "30 with 4xx, 12 with 5xx, 3 with 6xx and 5 timed out, of 400 resolved: 50 ÷ 400 = 12.5 %",
            facts(
                &[
                    (Fact::Sip4xx, 30),
                    (Fact::Sip5xx, 12),
                    (Fact::Sip6xx, 3),
                    (Fact::Timeouts, 5),
                    (Fact::Resolved, 400),
                ],
                5,
            ),
            0.125,
        ),
        KpiId::RouteFaultRate => of(
            "Of those errors the ones that are the network's doing and not the person's. This is the figure to act on: move traffic, call the carrier. Where so many calls failed without a code that it would be out with them, it is not judged: 0 % of such says nothing.",
            "6 faults of 100 resolved: 6 ÷ 100 = 6 %, red",
            facts(&[(Fact::RouteFaults, 6), (Fact::Resolved, 100)], 5),
            0.06,
        ),
        KpiId::AbandonRate => of(
            "People who answered and had no agent within two seconds of their greeting. The law counts it by campaign over 30 days; the hour shows where it is going.",
            "28 abandoned of 1,000 judged live: 28 ÷ 1,000 = 2.8 %, still yellow",
            facts(&[(Fact::Abandoned, 28), (Fact::AnsweredLive, 1_000)], HOUR),
            0.028,
        ),
        KpiId::AbandonBudget => of(
            "How many calls in a row may still be abandoned in this period before the limit is broken; below zero, how many clean answers it takes to get back.",
            "50 abandoned of 2,000 judged live, at a limit of 3 %: ⌊(60 − 50) ÷ 0.97⌋ = 10",
            Given::Budget { abandoned: 50, judged_live: 2_000, limit_ppm: 30_000 },
            10.0,
        ),
        KpiId::ConnectRate => of(
            "How many of the calls whose answer is decided were answered live, by a person. Falling with a steady abandon rate points to the list or the numbers, with a rising one to the pacing.",
            "240 answered live of 1,000 resolved: 240 ÷ 1,000 = 24 %",
            facts(&[(Fact::AnsweredLive, 240), (Fact::Resolved, 1_000)], HOUR),
            0.24,
        ),
        KpiId::AnswerRate => of(
            "How many calls were answered by anyone, machines included.",
            "400 answered of 1,000 resolved: 400 ÷ 1,000 = 40 %",
            facts(&[(Fact::Answered, 400), (Fact::Resolved, 1_000)], HOUR),
            0.4,
        ),
        KpiId::DidAnswerRate => of(
            "How often people pick up when this number calls. One that falls against its own past is likely labelled as spam: rest it or have it cleared.",
            "19 answered of 100 resolved: 19 %; at 40 % in the same hours before, 21 points less, so red",
            facts(&[(Fact::Answered, 19), (Fact::Resolved, 100)], HOUR),
            0.19,
        ),
        KpiId::BlockedRate => of(
            "How many of a number’s calls its carriers refuse because it is labelled as unwanted. Each further call from it is lost, and makes the label worse: rest it, and have it cleared.",
            "50 refused as unwanted of 60 resolved: 50 ÷ 60 = 83 %, red",
            facts(&[(Fact::Blocked, 50), (Fact::Resolved, 60)], 5),
            50.0 / 60.0,
        ),
        KpiId::AgentsReady => of(
            "Agents who wait for a call. None while calls are being placed means abandoned calls in a moment.",
            "7 agents last said that they are ready: 7",
            count(7),
            7.0,
        ),
        KpiId::AgentsOnCall => {
            of("Agents with a person on the line.", "52 agents last said that they are on a call: 52", count(52), 52.0)
        }
        KpiId::AgentsWrapUp => {
            of("Agents who write up the call before.", "6 agents last said that they wrap up: 6", count(6), 6.0)
        }
        KpiId::AgentsBreak => {
            of("Agents logged in and on a break.", "5 agents last said that they are on a break: 5", count(5), 5.0)
        }
        KpiId::OnCallShare => of(
            "How much of their logged-in time agents spend with people. Below the range they wait too much, above it they burn out.",
            "50 minutes on calls of 60 logged in, 6 ready, 3 in wrap-up and 1 on a break: 50 ÷ 60 = 83.3 %",
            facts(
                &[
                    (Fact::AgentReadyMs, 360_000),
                    (Fact::AgentOnCallMs, 3_000_000),
                    (Fact::AgentWrapUpMs, 180_000),
                    (Fact::AgentBreakMs, 60_000),
                ],
                HOUR,
            ),
            50.0 / 60.0,
        ),
        KpiId::Pdd => of(
            "How long the network takes from dialling to ringback. A rise to one country is a carrier's route that got worse.",
            "20 calls took 30 s in all: 30,000 ms ÷ 20 = 1,500 ms",
            facts(&[(Fact::PddMs, 30_000), (Fact::Progressed, 20)], HOUR),
            1_500.0,
        ),
        KpiId::PddP95 => of(
            "The delay that all but the slowest twentieth stay within: what a mean hides.",
            "100 calls of which none took longer than 50 ms: evenly up to there, 95 % within 47.5 ms",
            Given::Delays(&[(50, 100)]),
            47.5,
        ),
        KpiId::Health => Help {
            help: "Whether the machines behind the floor work: the worst that any of their watchers said last, and offline when they fall silent.",
            example: Example {
                words: "One source says healthy, another degraded: degraded. No word for three intervals: offline",
                given: Given::State,
                value: None,
            },
        },
        KpiId::CacUtilisation => of(
            "How much of its allowed concurrent calls a campaign uses. At the limit its dialer waits.",
            "41 calls up of 50 allowed at once: 41 ÷ 50 = 82 %, red",
            Given::Gauge { part: 41, whole: 50 },
            0.82,
        ),
        KpiId::CallsPerMinute => of(
            "How fast calls are placed.",
            "600 attempts in 5 minutes: 600 ÷ 5 = 120 a minute",
            facts(&[(Fact::Attempts, 600)], 5),
            120.0,
        ),
        KpiId::AverageCallDuration => of(
            "How long calls last that are carried through, from answer to end.",
            "40 calls of 100 minutes in all: 6,000,000 ms ÷ 40 = 150,000 ms",
            facts(&[(Fact::CompletedMs, 6_000_000), (Fact::Completed, 40)], DAY),
            150_000.0,
        ),
        KpiId::Progress => of(
            "How much of its list a campaign has settled, one way or the other.",
            "3,000 completed and 1,500 failed of 18,000 destinations: 4,500 ÷ 18,000 = 25 %",
            Given::Gauge { part: 4_500, whole: 18_000 },
            0.25,
        ),
        KpiId::Eta => of(
            "How long until a campaign's list is done, should it go on as in the last 15 minutes.",
            "12,000 left, 600 done in 15 minutes: 12,000 × 15 minutes ÷ 600 = 5 hours",
            Given::Pace { pending: 12_000, done: 600 },
            18_000_000.0,
        ),
        KpiId::ListPenetration => of(
            "How much of its list a campaign has tried at least once.",
            "9,000 tried of 18,000 destinations: 9,000 ÷ 18,000 = 50 %",
            Given::Gauge { part: 9_000, whole: 18_000 },
            0.5,
        ),
        KpiId::PenetrationVelocity => of(
            "How fast a campaign gets to destinations that it has not tried before. It falls when retries crowd out the rest.",
            "250 first attempts in 60 minutes: 250 an hour",
            facts(&[(Fact::FirstAttempts, 250)], HOUR),
            250.0,
        ),
        KpiId::CallersWaiting => {
            of("People in a queue now.", "4 have entered a queue and are neither bridged nor gone: 4", count(4), 4.0)
        }
        KpiId::InboundAnswerRate => of(
            "How many of those who call in get to somebody, of those of whom it is known by now. Who waits in a queue still may.",
            "210 inbound calls, 10 of them taken by the line and waiting in its queue, 192 answered: 192 ÷ (210 − 10) = 96 %",
            facts(&[(Fact::InboundAnswered, 192), (Fact::Inbound, 210), (Fact::UnjudgedInbound, 10)], DAY),
            0.96,
        ),
        KpiId::Aht => of(
            "How much of an agent's time a call takes, writing it up included: what staffing is planned with.",
            "20 calls of 50 minutes' talk, 2 on hold and 8 of wrap-up: 3,600,000 ms ÷ 20 = 180,000 ms",
            facts(
                &[(Fact::TalkMs, 3_000_000), (Fact::HoldMs, 120_000), (Fact::WrapMs, 480_000), (Fact::Handled, 20)],
                DAY,
            ),
            180_000.0,
        ),
        KpiId::QueueAbandonRate => of(
            "Callers who hung up in the queue, of those of whom it is known. Who left a queue where no source sees agents may have been served.",
            "160 queued, 10 of them gone where nobody sees agents, 6 hung up: 6 ÷ (160 − 10) = 4 %",
            facts(&[(Fact::QueueAbandoned, 6), (Fact::Queued, 160), (Fact::UnjudgedQueued, 10)], DAY),
            0.04,
        ),
        KpiId::Asa => of(
            "How long callers wait until somebody answers, ringing included; of calls whose answer and wait were told.",
            "10 answered after 50 s of ringing and 150 s of waiting in all: 200,000 ms ÷ 10 = 20,000 ms",
            facts(&[(Fact::InboundRingMs, 50_000), (Fact::InboundWaitMs, 150_000), (Fact::InboundAnswered, 10)], DAY),
            20_000.0,
        ),
        KpiId::TransferRate => of(
            "How many of the calls that anyone answered are handed on to somebody else. A transfer without an answer counts nowhere.",
            "9 transferred of 180 connected, answered by anyone: 9 ÷ 180 = 5 %",
            facts(&[(Fact::Transferred, 9), (Fact::Connected, 180)], DAY),
            0.05,
        ),
        KpiId::ErrorRate => of(
            "Calls that failed outright, whoever is to blame.",
            "15 failed of 1,000 resolved: 15 ÷ 1,000 = 1.5 %, yellow",
            facts(&[(Fact::Failed, 15), (Fact::Resolved, 1_000)], DAY),
            0.015,
        ),
        KpiId::Asr => of(
            "The carriers' own word for the answer rate, to compare routes by and to quote to them.",
            "450 answered of 1,000 resolved: 450 ÷ 1,000 = 45 %",
            facts(&[(Fact::Answered, 450), (Fact::Resolved, 1_000)], HOUR),
            0.45,
        ),
        KpiId::Ner => of(
            "How often the network did its part, whether or not the person answered: what a carrier can be held to. Calls that failed without a code are taken for none of its faults (unjudged_faults counts them): where there are many, it is too good.",
            "20 faults of 1,000 resolved: (1,000 − 20) ÷ 1,000 = 98 %",
            facts(&[(Fact::RouteFaults, 20), (Fact::Resolved, 1_000)], HOUR),
            0.98,
        ),
        KpiId::DidRotation => of(
            "How fast numbers wear out. More retired a day means that they are labelled faster than they are cleared.",
            "45 numbers retired in 30 days: 45 ÷ 30 = 1.5 a day",
            facts(&[(Fact::DidsRetired, 45)], 30 * DAY),
            1.5,
        ),
        KpiId::CostPerRpc => of(
            "What one right-party contact, a talk with the person who was meant, costs in telephony.",
            "1,250 spent for 500 right-party contacts: 1,250 ÷ 500 = 2.50",
            Given::Cost { amount: 1_250.0, facts: &[(Fact::RightParty, 500)] },
            2.5,
        ),
        KpiId::CostPerConnectedMinute => of(
            "What the machines cost for each minute of an answered call that they carry.",
            "300 spent for 20,000 connected minutes: 300 ÷ 20,000 = 0.015",
            Given::Cost { amount: 300.0, facts: &[(Fact::ConnectedMs, 1_200_000_000)] },
            0.015,
        ),
        KpiId::Uptime => of(
            "How much of the time that it was watched a component was not offline.",
            "29 days and 12 hours up of 30 days: 708 ÷ 720 hours = 98.3 %",
            facts(&[(Fact::ComponentUpMs, 708 * 3_600_000), (Fact::ComponentObservedMs, 720 * 3_600_000)], 30 * DAY),
            708.0 / 720.0,
        ),
        KpiId::Acd => of(
            "How long answered calls last. A route whose calls get shorter has bad audio, or answers that are none.",
            "50 calls of 75 minutes in all: 4,500,000 ms ÷ 50 = 90,000 ms",
            facts(&[(Fact::ConnectedMs, 4_500_000), (Fact::Connected, 50)], HOUR),
            90_000.0,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::Budget;
    use crate::domain::facts::Slot;
    use crate::domain::{Facts, Span};
    use crate::kpi::catalog::{Formula, Unit, sum};
    use crate::kpi::{Kpi, Ratio, eta};

    fn summed(facts: &[(Fact, i64)]) -> Facts {
        let mut all = Facts::default();
        facts.iter().for_each(|(fact, n)| all[*fact] += n);
        all
    }

    /// What the KPI itself makes of an example.
    #[allow(clippy::cast_precision_loss)]
    fn computed(kpi: &Kpi, given: Given) -> Option<f64> {
        let read = |facts: &Facts, minutes| kpi.read(facts, minutes).and_then(|reading| reading.value);
        match (given, kpi.computed) {
            (Given::Facts { facts, minutes }, _) => read(&summed(facts), minutes),
            (Given::Delays(delays), Formula::PddP95) => {
                let mut facts = Facts::default();
                for (ms, calls) in delays {
                    facts.add_slot(Slot::pdd(Span::millis(*ms)), *calls);
                    facts[Fact::Progressed] += calls;
                }
                read(&facts, HOUR)
            }
            (Given::Budget { abandoned, judged_live, limit_ppm }, Formula::Budget) => {
                Budget { abandoned, judged_live, limit_ppm }.calls_left().map(|calls| calls as f64)
            }
            (Given::Cost { amount, facts }, Formula::Cost { whole, scale, .. }) => {
                Some(amount * scale as f64 / sum(whole, &summed(facts)) as f64)
            }
            (Given::Pace { pending, done }, Formula::Present(_)) => eta::remaining(pending, done, eta::PACE).value(),
            (Given::Gauge { part, whole }, Formula::Present(_)) if kpi.unit == Unit::Share => {
                kpi.read_ratio(Ratio::new(part, whole)).value
            }
            (Given::Gauge { part, .. }, Formula::Present(_)) => Some(part as f64),
            (Given::State, Formula::Present(_)) => None,
            other => unreachable!("{}: {other:?} is no example of it", kpi.id),
        }
    }

    #[test]
    fn every_example_is_what_the_kpi_makes_of_it() {
        for id in KpiId::ALL {
            let (kpi, Help { help, example }) = (id.get(), help(*id));
            assert!(!help.is_empty() && !example.words.is_empty(), "{}", kpi.id);
            let value = computed(kpi, example.given);
            let agrees = match (value, example.value) {
                (Some(value), Some(told)) => (value - told).abs() <= told.abs() * 1e-12,
                (value, told) => value == told,
            };
            assert!(agrees, "{}: {value:?} is told as {:?}", kpi.id, example.value);
        }
    }
}
