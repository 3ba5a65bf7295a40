//! Backups that are made, and put back later: what was sold in between is in the kept file, and in the
//! cloud as far as it was up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterfoil_app::{AppError, ErrorCode, RestoreOptions, restore};
use counterfoil_domain::{Clock, IdSource};
use counterfoil_store::{Connection, StoreError};
use rusqlite::OpenFlags;

use crate::books::{self, Books};
use crate::cloud::short;
use crate::desk::Desk;
use crate::faults::Fault;
use crate::logs;
use crate::random::SeededIds;
use crate::run::trouble;
use crate::world::SkewedClock;

impl Desk {
    /// Somebody makes a backup.
    pub(crate) fn back_up(&mut self) {
        logs::mute(false);
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return;
        };
        let file = self.root.join(format!("backup-of-desk{}.db", self.number));
        match open.till.backup(&file) {
            Ok(_) => self.backup = Some(file),
            Err(_) if open.life.is_over() => {}
            Err(error) => {
                let what = format!("{} cannot be backed up: {error}", short(self.register));
                self.world.broken(1, what);
            }
        }
    }

    /// Somebody ends the program to put the backup back.
    pub(crate) fn begin_restore(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return;
        };
        if self.backup.is_some() {
            self.to_restore = self.backup.take();
            open.life.end(Fault::Restored);
        }
    }

    /// Puts `file` in the place of the database in `data`, before the process starts again.
    pub(crate) fn restore(&mut self, data: &Path, file: &Path) -> Result<(), AppError> {
        let replaced = read_books(&data.join(FILE))?;
        let clock: Arc<dyn Clock> = Arc::<SkewedClock>::clone(&self.clock);
        let ids: Arc<dyn IdSource> = Arc::<SeededIds>::clone(&self.ids);
        let places = self.places(data.to_owned());
        let report = restore(&places, file, &RestoreOptions::default(), &clock, &ids)?;
        let back: BTreeSet<String> = read_books(&data.join(FILE))?
            .sales
            .into_iter()
            .map(|kept| kept.id)
            .collect();
        let lost = replaced
            .sales
            .iter()
            .filter(|kept| !back.contains(&kept.id))
            .count();
        let name = short(self.register);
        if u32::try_from(lost) != Ok(report.sales_only_in_replaced) {
            let said = report.sales_only_in_replaced;
            self.world.broken(
                1,
                format!("{name}: {lost} sales are not restored, {said} are told"),
            );
        }
        self.check_kept(report.kept_as.map(PathBuf::from), &back);
        // Who waits is rung up anew: what the answer would have been is not here any more.
        for waiting in &mut self.waiting {
            (waiting.paying, waiting.unseen) = (None, None);
        }
        self.receipts.retain(|receipt| back.contains(&receipt.id));
        self.before.push(Arc::new(replaced));
        self.world
            .log(|| format!("{name} is restored without {lost} sales"));
        Ok(())
    }

    /// What was returned and is not in the backup is whole in the file that was kept.
    fn check_kept(&self, file: Option<PathBuf>, back: &BTreeSet<String>) {
        let kept = file.as_deref().map(open).transpose();
        for receipt in self.receipts.iter().filter(|one| !back.contains(&one.id)) {
            let there = match &kept {
                Ok(Some(conn)) => books::record(conn, &receipt.id),
                Ok(None) => Ok(None),
                Err(error) => Err(StoreError::Failed(error.message.clone())),
            };
            if !matches!(there, Ok(Some(fields)) if fields == receipt.fields) {
                self.world
                    .broken(1, format!("{} is neither restored nor kept", receipt.id));
            }
        }
    }
}

const FILE: &str = "counterfoil.db";

fn open(file: &Path) -> Result<Connection, AppError> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|error| AppError::new(ErrorCode::FileUnreadable, error.to_string()))
}

fn read_books(file: &Path) -> Result<Books, AppError> {
    let conn = open(file)?;
    books::read(&conn).map_err(|error| trouble("read books", &error))
}
