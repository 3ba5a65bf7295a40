//! What a database held that a backup has replaced: it may be in the cloud, and what was said to be there is.

use super::{Check, Content};
use crate::books::Books;

impl Check<'_> {
    /// Every sale of `replaced` may be in the cloud, and every copy that a decision of then made.
    pub(super) fn before(&mut self, replaced: &Books) {
        for kept in &replaced.sales {
            let with_decision = || {
                let decided = replaced.sales.iter();
                let mut decided =
                    decided.filter(|sale| sale.superseded_by.as_ref() == Some(&kept.id));
                decided.any(|sale| sale.decision.as_deref() == Some("synced"))
            };
            let landed = match kept.upload.as_deref() {
                Some(state) => state == "synced",
                None => with_decision(),
            };
            if !kept.came_second {
                self.expect(&kept.id, Content::of_record(&kept.record), landed);
            }
            if let Some(copy) = &kept.copy {
                let landed = kept.decision.as_deref() == Some("synced");
                self.copy(kept, copy, landed);
            }
        }
    }
}
