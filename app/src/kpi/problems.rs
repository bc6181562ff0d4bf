//! What can be wrong with a campaign, in words: what people notice, what to check, what to do (S53).
//!
//! Only words, so that a browser has them without the rules: those are [`super::diagnosis`]'s. Problems stand in the order
//! in which they explain one another: where the worker is dead nothing else is worth saying, and a list is blamed only when
//! carrier, numbers and staff are well.

/// How the rules call a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Worker,
    Schedule,
    Route,
    Staffing,
    Did,
    Pacing,
    List,
    Queue,
    Idle,
    CallLimit,
    RateLimited,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    pub cause: Cause,
    /// The word of the API, and of addresses.
    pub word: &'static str,
    pub title: &'static str,
    /// What people notice.
    pub symptom: &'static str,
    pub check: &'static str,
    pub next: &'static str,
    /// When it is named.
    pub told: &'static str,
}

/// Every problem, in the order in which they are looked for: of several the first is named.
pub static PROBLEMS: [Problem; 11] = [
    Problem {
        cause: Cause::Worker,
        word: "worker",
        title: "Worker offline",
        symptom: "Campaigns are active, and nothing is dialed",
        check: "When the dialer worker was last heard",
        next: "Restart the dialer worker; campaigns go on by themselves once it is back.",
        told: "all known workers are offline",
    },
    Problem {
        cause: Cause::Schedule,
        word: "schedule",
        title: "Blocked by schedule",
        symptom: "A campaign is paused that should be active",
        check: "The reason that the dialer gives for the pause",
        next: "Look at its calling hours in the dialer; it goes on when they open.",
        told: "it is paused, and the dialer’s reason is its schedule",
    },
    Problem {
        cause: Cause::Route,
        word: "route",
        title: "Carrier problem",
        symptom: "Many calls fail, or nothing more is heard of them",
        check: "Faults and silent calls by route",
        next: "Send its calls by another route, and call the carrier.",
        told: "on one of its routes over 5 % fail by the network in 5 minutes, or over half of at least 20 calls of a minute are not heard of again",
    },
    Problem {
        cause: Cause::Staffing,
        word: "staffing",
        title: "Staffing problem",
        symptom: "People answer, and nobody is there for them",
        check: "Agents ready and on break",
        next: "Call agents back from break, or pause the campaign until they are.",
        told: "half of at least four logged-in agents are on a break for 30 s, until under 40 % are; or people are dropped in the last minutes, a fifth of the agents went on a break or home in the last five, and fewer are ready than that",
    },
    Problem {
        cause: Cause::Did,
        word: "did",
        title: "Number problem",
        symptom: "Fewer people answer when one number calls, or its calls are refused",
        check: "That number’s answer rate against its own hours; its calls refused as unwanted (603, 607, 608)",
        next: "Rest the number, and call from another of its pool.",
        told: "a number with one in 20 of its calls or more is answered over 12 points less than in these hours of the week before (until within 10), or a tenth of its last five minutes’ are refused as unwanted, and people are not dropped over the limit",
    },
    Problem {
        cause: Cause::Pacing,
        word: "pacing",
        title: "Pacing problem",
        symptom: "Fewer people answer, and more of them are abandoned",
        check: "Connect and abandon rate against the same hours of the week before",
        next: "Let the dialer dial less far ahead of its agents.",
        told: "over 2.8 % are abandoned in 60 minutes and 2 % in the last 15, or surely in the last two or five (by chance once in a hundred times), until these are back at that, and agents have not just left; or the connect rate is a fifth lower and, beyond chance, at least half a point more are abandoned than in these hours of the week before; until a quarter of a point",
    },
    Problem {
        cause: Cause::List,
        word: "list",
        title: "List problem",
        symptom: "Fewer people answer, and no more of them are abandoned",
        check: "Connect rate against the same hours of the week before; numbers left",
        next: "Load fresh numbers, or call these at other hours.",
        told: "no numbers are left, or the connect rate of the hour is a fifth lower than in these hours of the week before, or surely that of the last three or five minutes, and not surely more are abandoned; until it is less than 15 % lower",
    },
    Problem {
        cause: Cause::Queue,
        word: "queue",
        title: "Queue problem",
        symptom: "Callers wait long, hang up in the queue, or are not answered",
        check: "Agents ready; who waits now, and in which queue",
        next: "Bring agents to the queue, or tell callers to call again at quieter hours.",
        told: "surely 95 % of inbound calls or less are answered in 60 minutes, 5 % of those queued or more hang up in the queue, or the average speed of answer is 30 s or more",
    },
    Problem {
        cause: Cause::Idle,
        word: "idle",
        title: "Not dialing",
        symptom: "A campaign is active with numbers left, and nothing is dialed",
        check: "Calls of the last five minutes; numbers left",
        next: "See whether the dialer has loaded its list, and has a route for it.",
        told: "it is active for five minutes, and dialed nothing in them; not of one that only takes calls",
    },
    Problem {
        cause: Cause::CallLimit,
        word: "call_limit",
        title: "At its call limit",
        symptom: "The campaign could dial more than it may",
        check: "Active calls against the CAC limit",
        next: "Raise its limit where routes and agents allow it.",
        told: "over 80 % of its CAC limit are in use",
    },
    Problem {
        cause: Cause::RateLimited,
        word: "rate_limited",
        title: "Rate limited",
        symptom: "Calls are held back",
        check: "The dialer’s rate limit",
        next: "Dial fewer calls a second, or ask the carrier for more.",
        told: "the dialer says that it is",
    },
];

impl Problem {
    /// The problem of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<&'static Self> {
        PROBLEMS.iter().find(|problem| problem.word == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_words_once() {
        let words: std::collections::BTreeSet<_> = PROBLEMS.iter().map(|p| p.word).collect();
        assert_eq!(words.len(), PROBLEMS.len());
        for p in &PROBLEMS {
            assert!([p.title, p.symptom, p.check, p.next, p.told].iter().all(|text| !text.is_empty()), "{}", p.word);
            assert_eq!(Problem::of(p.word), Some(p));
        }
        assert_eq!(Problem::of("weather"), None);
    }
}
