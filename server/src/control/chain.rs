//! Whether the audit log is still what was written: its chain recounted, through the head that was noted (`noted`).

use crate::audit::seal::Head;
use crate::store::StoreError;
use crate::store::audit_log::{AuditLog, AuditQuery};

/// Entries read at a time by [`verify`].
const PAGE: usize = 1_000;

/// Why the log can't be trusted.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the audit log is broken at entry {n}: {what}")]
    Broken { n: u64, what: &'static str },
    #[error("the audit log was cut off: entry {noted} was there, and it ends at {found}")]
    CutOff { noted: u64, found: u64 },
}

/// Recounts the whole chain; where it ends. It must pass through the head that was `noted`.
///
/// # Errors
/// At the first entry that does not follow from the one before it, or is not the one that was noted.
pub async fn verify(log: &dyn AuditLog, noted: &Head) -> Result<Head, AuditError> {
    let mut head = Head::default();
    loop {
        let query = AuditQuery { after: Some(head.entries), limit: PAGE, ..AuditQuery::default() };
        let page = log.page(&query).await?;
        for sealed in &page {
            let n = head.entries + 1;
            let broken = |what| AuditError::Broken { n, what };
            if sealed.n != n {
                return Err(broken("it is not there"));
            }
            if !sealed.follows(&head) {
                return Err(broken("it was changed, or the one before it was"));
            }
            if sealed.entry().ok().is_none_or(|entry| entry.n != n) {
                return Err(broken("its text is no entry of this place"));
            }
            head = Head { entries: n, hash: sealed.hash.clone() };
            if head.entries == noted.entries && head != *noted {
                return Err(broken("it is another than the one that was noted"));
            }
        }
        if page.len() < PAGE {
            return if head.entries < noted.entries {
                Err(AuditError::CutOff { noted: noted.entries, found: head.entries })
            } else {
                Ok(head)
            };
        }
    }
}
