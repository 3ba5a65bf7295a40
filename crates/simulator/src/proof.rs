//! The proof of the books, at every register when the day is over: series, journal and cloud agree.

use std::sync::Arc;

use counterfoil_app::dto::ReconcileInput;
use counterfoil_app::reconcile;
use counterfoil_domain::Clock as _;

use crate::cloud::{Reader, short};
use crate::desk::Desk;
use crate::identities::Standing;

impl Desk {
    /// Reconciles; what is explained is fine.
    pub(crate) async fn prove(&self, every_document: bool) {
        let Some(db) = self.open.as_ref().and_then(|open| open.till.db().ok()) else {
            return;
        };
        let input = ReconcileInput {
            every_document,
            ..ReconcileInput::default()
        };
        let archive = Arc::new(Reader(Arc::clone(&self.cloud)));
        let now = self.clock.now();
        let report = reconcile(db, Ok(archive), &input, now, &|_| {}).await;
        let name = short(self.register);
        match report {
            Ok(report) if report.clean => {}
            // Two computers were one register: that is what is found.
            Ok(_) if self.standing == Standing::Twin => {}
            Ok(report) => {
                let told: Vec<String> = report
                    .findings
                    .iter()
                    .map(|found| {
                        format!("{:?} in {:?}: {}", found.kind, found.place, found.message)
                    })
                    .collect();
                let what = format!(
                    "{name}: reconcile finds {} differences: {} {:?}",
                    report.differences,
                    told.join(" "),
                    report.cloud_problem.or(report.identity_problem)
                );
                self.world.broken(2, what);
            }
            Err(error) => self
                .world
                .broken(2, format!("{name} cannot be reconciled: {error}")),
        }
    }
}
