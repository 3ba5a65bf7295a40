//! What waits to be uploaded, for whoever is about to leave.

use counterfoil_domain::Amount;
use counterfoil_store::table::{outbox, sync_state};

use crate::dto::Unsynced;
use crate::error::Result;
use crate::till::Till;

impl Till {
    /// What waits to be uploaded; none where nothing does, or where there is no cloud to upload to.
    pub fn unsynced(&self) -> Result<Option<Unsynced>> {
        self.read(|conn| {
            let counts = outbox::counts(conn)?;
            let waiting = counts.pending + counts.in_flight;
            if waiting == 0 || sync_state::get(conn)?.connected.is_none() {
                return Ok(None);
            }
            let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
            let (sales, total) = outbox::unsent_sales(conn)?;
            Ok(Some(Unsynced {
                sales: count(sales),
                total: Amount::new(total)?.into(),
                decisions: count(waiting - sales),
            }))
        })
    }
}
