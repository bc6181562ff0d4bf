//! What the manager interface really said: recorded from Asterisk 22 (`end2end/asterisk/record.mjs`), and samples of
//! what the recordings do not show. Test code only.

pub const FOUR_CARRIERS: &str = include_str!("fixtures/four_carriers.txt");
pub const LOCAL_HALVES: &str = include_str!("fixtures/local_halves.txt");
pub const NOBODY_THERE: &str = include_str!("fixtures/nobody_there.txt");
pub const DIALLED_AGENT: &str = include_str!("fixtures/dialled_agent.txt");
pub const SAMPLE_ANSWERED: &str = include_str!("fixtures/sample_answered.txt");
pub const SAMPLE_FAILED: &str = include_str!("fixtures/sample_failed.txt");
pub const SAMPLE_QUEUE_TRUNK_LIST: &str = include_str!("fixtures/sample_queue_trunk_list.txt");

/// Each with the number of its frames.
pub const ALL: [(&str, usize); 7] = [
    (FOUR_CARRIERS, 82),
    (LOCAL_HALVES, 104),
    (NOBODY_THERE, 29),
    (DIALLED_AGENT, 37),
    (SAMPLE_ANSWERED, 18),
    (SAMPLE_FAILED, 20),
    (SAMPLE_QUEUE_TRUNK_LIST, 10),
];
