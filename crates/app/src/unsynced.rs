//! What waits to be uploaded, for whoever is about to leave.

use counterfoil_domain::Amount;
use counterfoil_store::Connection;
use counterfoil_store::table::{failures, outbox, sync_state};

use crate::dto::Unsynced;
use crate::error::Result;
use crate::till::Till;

impl Till {
    /// Whether [`unsynced`](Self::unsynced) would tell anything. However much waits, it is answered at once.
    pub fn has_unsynced(&self) -> Result<bool> {
        self.read(|conn| {
            let counts = outbox::counts(conn)?;
            let waits = counts.pending + counts.in_flight > 0;
            Ok((waits || failures::refused(conn)?.sales > 0) && is_connected(conn)?)
        })
    }

    /// What is in no cloud: what waits to be uploaded, and what was refused. None where nothing is left, or where
    /// there is no cloud to upload to.
    pub fn unsynced(&self) -> Result<Option<Unsynced>> {
        self.read(|conn| {
            let counts = outbox::counts(conn)?;
            let waiting = counts.pending + counts.in_flight;
            let refused = failures::refused(conn)?;
            if waiting + refused.sales == 0 || !is_connected(conn)? {
                return Ok(None);
            }
            let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
            let (sales, total) = outbox::unsent_sales(conn)?;
            Ok(Some(Unsynced {
                sales: count(sales + refused.sales),
                refused: count(refused.sales),
                total: Amount::new(total + refused.total)?.into(),
                decisions: count(waiting - sales),
            }))
        })
    }
}

fn is_connected(conn: &Connection) -> Result<bool> {
    Ok(sync_state::get(conn)?.connected.is_some())
}
