//! What a session counts beside its work: what the cloud bills, and how a backlog shrinks.

use std::sync::Arc;

use counterfoil_domain::Timestamp;
use counterfoil_sync::{Backlog, Meter, Metered, Outcome, Progress, Remote};

use super::blocking::blocking;
use super::driver::Parts;
use crate::dto::{SyncPhase, SyncProgress, SyncStatus};
use crate::error::Result;

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    meter: Arc<Meter>,
    progress: Progress,
}

impl Tally {
    /// `remote`, whose calls are counted from now on.
    pub(super) fn counted(&self, remote: Arc<dyn Remote>) -> Arc<Metered> {
        Arc::new(Metered::new(remote, Arc::clone(&self.meter)))
    }

    /// Writes outcomes down, and with them what was billed until now: one transaction for both.
    pub(super) async fn record(
        &self,
        parts: &Parts,
        outcomes: Vec<Outcome>,
        now: Timestamp,
    ) -> Result<()> {
        let bill = self.meter.take();
        let billed = bill.clone();
        let recorded = blocking(parts, move |store| {
            store.record_billed(outcomes, billed, now)
        })
        .await;
        if recorded.is_err() {
            self.meter.put_back(bill);
        }
        recorded
    }

    /// Writes down what was billed since, if anything: when nothing is under way any more.
    pub(super) async fn write_down(&self, parts: &Parts) {
        let bill = self.meter.take();
        if bill.is_empty() {
            return;
        }
        let (billed, now) = (bill.clone(), parts.clock.now());
        if let Err(error) = blocking(parts, move |store| store.spend(billed, now)).await {
            tracing::info!(%error, "what the cloud billed is not written down yet");
            self.meter.put_back(bill);
        }
    }

    /// What there is to say about a backlog at `now`.
    pub(super) fn progress(&mut self, status: &SyncStatus, now: Timestamp) -> Option<SyncProgress> {
        let waiting = u64::from(status.pending) + u64::from(status.in_flight);
        let reachable = matches!(status.state, SyncPhase::Idle | SyncPhase::Syncing);
        let landed = u64::from(status.synced_total);
        let said = self.progress.observe(now, waiting, landed, reachable);
        said.map(view)
    }
}

fn view(backlog: Backlog) -> SyncProgress {
    let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    SyncProgress {
        waiting: narrow(backlog.waiting),
        landed: narrow(backlog.landed),
        per_second: backlog.pace.map(|pace| per_second(pace.in_ten_seconds)),
        seconds_left: backlog.pace.map(|pace| narrow(pace.seconds_left)),
    }
}

/// Tenths below ten a second, whole ones above.
fn per_second(in_ten_seconds: u64) -> String {
    let (whole, tenth) = (in_ten_seconds / 10, in_ten_seconds % 10);
    if whole >= 10 || tenth == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{tenth}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_tenths_only_where_they_say_something() {
        for (tenths, text) in [
            (3, "0.3"),
            (10, "1"),
            (99, "9.9"),
            (107, "10"),
            (81_234, "8123"),
        ] {
            assert_eq!(per_second(tenths), text);
        }
    }
}
