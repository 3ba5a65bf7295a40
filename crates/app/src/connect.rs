//! Which Firestore this register syncs with.

use counterfoil_store::table::sync_state::{self, Connected};

use crate::dto::SyncStatus;
use crate::error::{AppError, Result};
use crate::settings;
use crate::till::Till;

/// The longest project and store id, in characters.
const MAX_ID: usize = 100;

impl Till {
    /// Connects this register to a store in a Firebase project. Sales that wait go up from now on;
    /// the network is asked later.
    pub fn sync_connect(
        &self,
        project: &str,
        store_id: &str,
        api_key: Option<&str>,
    ) -> Result<SyncStatus> {
        let to = Connected {
            project: id(
                "the project",
                project,
                |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | ':'),
            )?,
            store_id: id("the store", store_id, |c| {
                c.is_ascii_alphanumeric() || c == '-' || c == '_'
            })?,
            api_key: api_key
                .map(str::trim)
                .filter(|key| !key.is_empty())
                .map(str::to_owned),
        };
        self.write(move |tx| {
            settings::require_store(tx)?;
            sync_state::connect(tx, &to)?;
            tracing::info!(project = %to.project, store_id = %to.store_id, "connected");
            Ok(())
        })?;
        if let Some(handle) = self.sync_handle() {
            handle.connected();
        }
        self.sync_status()
    }
}

fn id(what: &str, text: &str, allowed: impl Fn(char) -> bool) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_ID || !text.chars().all(allowed) {
        return Err(AppError::invalid(format!(
            "“{text}” is no id of {what}; use letters, digits and hyphens as the Firebase console shows it"
        )));
    }
    Ok(text.to_owned())
}
