//! What happened in the queues while nobody followed the PBX: read from the log once the gap is over.
//!
//! The manager interface tells of the same things, and to the microsecond; of what it told itself nothing is told again.
//! Lines before the gap are read for what agents were doing when it began.

use super::{Meaning, QueueLog};
use crate::source::asterisk::config::AsteriskConfig;
use crate::source::file::defaults::Defaults;
use crate::source::file::times::{Fold, Times};
use crate::source::file::{Fate, Origin, Translate};
use app::domain::{Event, Moment};
use csv::StringRecord;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Longest line; one that is longer is none of the log's.
const MAX_LINE: u64 = 64 << 10;

/// The log as it is read beside the session.
pub type Reading = JoinHandle<io::Result<Vec<Event>>>;

/// Begins to read what happened between two moments, where the configuration names the log.
pub fn read(config: &Arc<AsteriskConfig>, from: Moment, to: Moment) -> Option<Reading> {
    let path = config.queue_log.clone()?;
    let config = Arc::clone(config);
    Some(tokio::task::spawn_blocking(move || between(&path, &config, from, to)))
}

/// The events of the log between two moments; lines that can't be read tell nothing.
///
/// # Errors
/// If the file can't be read.
fn between(path: &Path, config: &AsteriskConfig, from: Moment, to: Moment) -> io::Result<Vec<Event>> {
    let origin = Origin { source: config.source(), realm: config.realm.clone() };
    let mut log = QueueLog::new(origin, config.country, Meaning::of(config), Defaults::default()).of_a_gap();
    let mut times = Times::new(None, Fold::Earlier);
    let mut lines = BufReader::new(File::open(path)?);
    let (mut events, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let read = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line)?;
        // The last line may be half written.
        if read == 0 || !line.ends_with(b"\n") && read as u64 != MAX_LINE {
            return Ok(events);
        }
        let row: StringRecord = String::from_utf8_lossy(&line).trim_end().split('|').collect::<Vec<_>>().into();
        let fate = log.row(&row, &mut times);
        let told = fate.map(Fate::events).unwrap_or_default();
        events.extend(told.into_iter().filter(|event| from <= event.time && event.time <= to));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Data;
    use app::domain::outcome::AgentStatus;
    use std::io::Write;

    #[test]
    fn only_the_gap_is_told_and_agents_are_known_from_before_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let text = "1795946400|NONE|sales|PJSIP/1001|ADDMEMBER|
not a line of the log
1795946410|1795946405.7|sales|NONE|ENTERQUEUE||12025550143|1
1795946420|1795946405.7|sales|PJSIP/1001|CONNECT|10|1795946412.9|8
1795946480|1795946405.7|sales|PJSIP/1001|COMPLETECALLER|10|60|1
1795946500|NONE|sales|PJSIP/1001|PAUSE|lunch
17959465";
        file.write_all(text.as_bytes()).unwrap();
        let config: AsteriskConfig =
            serde_json::from_value(serde_json::json!({ "address": "pbx:5038", "user": "u", "routes": { "a": "A" } }))
                .unwrap();
        let told = |from, to| between(file.path(), &config, Moment::from_secs(from), Moment::from_secs(to)).unwrap();
        let types: Vec<&str> = told(1_795_946_415, 1_795_946_490).iter().map(|event| event.data.type_name()).collect();
        assert_eq!(types, ["call.bridged", "agent.state", "call.ended", "agent.state"]);
        let paused = told(1_795_946_490, 1_795_946_600);
        assert!(
            matches!(&paused[..], [Event { data: Data::AgentState(state), .. }] if state.state == AgentStatus::Break)
        );
        assert_eq!(told(1_795_946_600, 1_795_946_700), []);
        assert!(between(Path::new("/nonexistent"), &config, Moment::from_secs(0), Moment::from_secs(1)).is_err());
    }
}
