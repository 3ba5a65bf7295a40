//! Possible duplicates: both stay, and somebody is told.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_sync::Collection;
use serde_json::Value;

use crate::books;
use crate::desk::Desk;
use crate::faults::Fault;
use crate::world::World;

/// Possible duplicates: of two registers that race at least one sees the other. Of many that are alike a check
/// tells of one, so that of a pair somebody is told of the one or of the other.
pub(crate) fn check(world: &World, desks: &[Desk]) {
    const NEAR_MS: i64 = 55_000;
    let clocks = [
        Fault::Clock,
        Fault::ServerClock,
        Fault::Code,
        Fault::Restored,
    ];
    if clocks.iter().any(|fault| world.plan.rate(*fault) > 0) {
        // Clocks are advisory, a check that was refused waits for up to a day, and one that was owed is lost with the
        // database that a backup replaces.
        return;
    }
    let Some(first) = desks.first() else { return };
    let warned: BTreeSet<(String, String)> = desks
        .iter()
        .filter_map(|desk| desk.books(books::read))
        .flat_map(|books| books.warned)
        .collect();
    let told: BTreeSet<&String> = warned
        .iter()
        .flat_map(|(one, other)| [one, other])
        .collect();
    let cloud = first.cloud.documents();
    let forged = first.cloud.forged();
    let mut seen: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for (name, stored) in &cloud {
        let text = |field: &str| stored.fields.get(field).and_then(Value::as_str);
        let of_decision = ["cancels", "originalSaleId"];
        let counts = name.collection == Collection::Sales
            && !of_decision
                .iter()
                .any(|field| stored.fields.contains_key(*field))
            && !forged.contains(name);
        let at: Option<counterfoil_domain::Timestamp> =
            text("soldAt").and_then(|at| at.parse().ok());
        if let (true, Some(at), Some(fingerprint)) = (counts, at, text("fingerprint")) {
            let alike = seen.entry(fingerprint).or_default();
            for (other_at, other) in alike.iter().filter(|(_, other)| *other != name.id) {
                let near = (at.ms() - other_at).abs() <= NEAR_MS;
                let pair = (name.id.as_str().min(other), name.id.as_str().max(other));
                let alone = [pair.0, pair.1]
                    .iter()
                    .all(|id| !told.iter().any(|one| one == id));
                if near && alone {
                    world.broken(4, format!("nobody warned about {} and {}", pair.0, pair.1));
                }
            }
            alike.push((at.ms(), &name.id));
        }
    }
}
