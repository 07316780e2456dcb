//! A journal after a kill, for tests: the same file, opened once nobody holds it any more.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Journal, open};

const PATIENCE: Duration = Duration::from_secs(40);

/// Closes a journal, as a kill would, and opens its file in the folder again. What was being read
/// for whoever was killed is read to its end first.
pub(crate) async fn again(journal: &dyn Journal, folder: &Path) -> Arc<dyn Journal> {
    journal.close().await;
    let begun = Instant::now();
    loop {
        match open("sqlite:journal.db", folder) {
            Ok(journal) => return journal,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
