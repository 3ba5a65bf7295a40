//! Whose register a database is: what was copied or moved sells nothing before it is another one.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{CART, code, ring, set_up_input};
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{InstallationState, NewIdentityInput, SyncPhase};
use counterfoil_app::sync::SyncStore;
use counterfoil_app::{ErrorCode, Places, RestoreOptions, Till, restore};
use counterfoil_store::table::register;
use counterfoil_sync::{Doubt, PauseReason};
use tempfile::TempDir;

/// A user with a data folder and a configuration folder.
struct Home(TempDir);

impl Home {
    /// A till that has sold once, and is closed again.
    fn with_a_till() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let till = home.open("data");
        till.set_up_store(set_up_input()).unwrap();
        till.import_catalogue_bytes(common::CATALOGUE.as_bytes(), Default::default(), |_| {})
            .unwrap();
        ring(&till, CART).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn places(&self, data: &str) -> Places {
        Places {
            data: self.path(data),
            config: self.path("config"),
        }
    }

    fn open(&self, data: &str) -> Till {
        Till::open(
            &self.places(data),
            Arc::new(SystemClock),
            Arc::new(RandomIds),
        )
        .unwrap()
    }

    fn copy(&self, to: &str) {
        fs::create_dir(self.path(to)).unwrap();
        for entry in fs::read_dir(self.path("data")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), self.path(to).join(entry.file_name())).unwrap();
            }
        }
    }

    fn installation_file(&self) -> PathBuf {
        let files: Vec<_> = fs::read_dir(self.path("config/installations"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files.len(), 1);
        files[0].clone()
    }
}

fn another(prefix: &str) -> NewIdentityInput {
    NewIdentityInput {
        receipt_prefix: prefix.to_owned(),
        by: "Maria".to_owned(),
    }
}

/// It sells nothing, says why, and loses nothing.
fn is_refused(till: &Till, installation: InstallationState) {
    let refused = ring(till, CART).unwrap_err();
    assert_eq!(refused.code, ErrorCode::IdentityNeeded);
    let details = refused.details.unwrap();
    assert_eq!(
        (&details["receiptPrefix"], &details["registerName"]),
        (&"A".into(), &"Till 1".into())
    );
    assert!(
        refused.message.contains("sales in it are safe"),
        "{}",
        refused.message
    );
    assert!(
        refused.message.contains("sync identity --new"),
        "{}",
        refused.message
    );
    let status = till.sync_status().unwrap();
    assert_eq!(status.state, SyncPhase::IdentityNeeded);
    assert_eq!(status.problem.unwrap().code, ErrorCode::IdentityNeeded);
    assert_eq!(till.identity().unwrap().installation, installation);
    let state = till.app_state().unwrap();
    assert_eq!(state.identity.unwrap().code, ErrorCode::IdentityNeeded);
    assert_eq!(
        till.find_sale("A-000001").unwrap().view().receipt_number,
        "A-000001"
    );
}

#[test]
fn a_till_where_it_was_set_up_sells() {
    let home = Home::with_a_till();
    let till = home.open("data");
    ring(&till, CART).unwrap();
    let who = till.identity().unwrap();
    assert_eq!(
        (who.installation, who.last_receipt),
        (InstallationState::Matches, 2)
    );
    assert_eq!(till.app_state().unwrap().identity, None);
}

#[test]
fn a_copy_sells_nothing_until_it_is_another_register() {
    let home = Home::with_a_till();
    home.copy("copy");
    let copy = home.open("copy");
    is_refused(&copy, InstallationState::Missing);
    let before = copy.identity().unwrap();
    assert_eq!(
        code(copy.new_identity(&another("a"))),
        ErrorCode::InvalidInput
    );
    assert_eq!(
        code(copy.new_identity(&another("A"))),
        ErrorCode::InvalidInput
    );
    copy.new_identity(&another("B")).unwrap();
    let who = copy.identity().unwrap();
    assert_eq!(
        (
            who.installation,
            who.receipt_prefix.as_str(),
            who.last_receipt
        ),
        (InstallationState::Matches, "B", 0)
    );
    assert_ne!(who.register_id, before.register_id);
    let sale = ring(&copy, CART).unwrap().view();
    assert_eq!(sale.receipt_number, "B-000001");
    assert_eq!(
        code(copy.new_identity(&another("A"))),
        ErrorCode::InvalidInput,
        "printed"
    );
    let proof = copy.verify_journal().unwrap();
    assert!(proof.intact(), "{proof:?}");
    assert_eq!(proof.chains.len(), 2);

    // The original knows nothing of all that.
    let till = home.open("data");
    assert_eq!(ring(&till, CART).unwrap().view().receipt_number, "A-000002");
}

#[test]
fn what_was_moved_asks_and_is_well_when_it_is_moved_back() {
    let home = Home::with_a_till();
    fs::rename(home.path("data"), home.path("moved")).unwrap();
    is_refused(&home.open("moved"), InstallationState::Missing);
    fs::rename(home.path("moved"), home.path("data")).unwrap();
    ring(&home.open("data"), CART).unwrap();
}

#[test]
fn another_registers_database_in_this_place_is_noticed() {
    let home = Home::with_a_till();
    let other = Home::with_a_till();
    fs::copy(
        other.path("data/counterfoil.db"),
        home.path("data/counterfoil.db"),
    )
    .unwrap();
    is_refused(&home.open("data"), InstallationState::Differs);
}

#[test]
fn a_file_that_is_gone_is_noticed_and_its_return_too() {
    let home = Home::with_a_till();
    let file = home.installation_file();
    let kept = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let till = home.open("data");
    is_refused(&till, InstallationState::Missing);
    fs::write(&file, kept).unwrap();
    ring(&till, CART).expect("read again without a new start");
}

#[test]
fn a_new_identity_in_one_program_is_seen_by_another() {
    let home = Home::with_a_till();
    home.copy("copy");
    let (window, ctl) = (home.open("copy"), home.open("copy"));
    is_refused(&window, InstallationState::Missing);
    ctl.new_identity(&another("B")).unwrap();
    ring(&window, CART).expect("the file is read again");
}

#[test]
fn a_database_from_before_is_adopted_once() {
    let home = Home::with_a_till();
    let set = |id: Option<&str>| {
        let db = counterfoil_store::Connection::open(home.path("data/counterfoil.db")).unwrap();
        db.execute("UPDATE registers SET installation_id = ?1", [id])
            .unwrap();
    };
    set(None);
    fs::remove_file(home.installation_file()).unwrap();
    let till = home.open("data");
    ring(&till, CART).unwrap();
    assert_eq!(
        till.identity().unwrap().installation,
        InstallationState::Matches
    );
    drop(till);
    home.copy("copy");
    is_refused(&home.open("copy"), InstallationState::Missing);
}

#[test]
fn a_restored_backup_is_a_register_of_its_own_wherever_it_is_put() {
    let home = Home::with_a_till();
    let till = home.open("data");
    let file = home.path("backup.db");
    till.backup(&file).unwrap();
    drop(till);
    for (place, prefix) in [("data", "B"), ("elsewhere", "C")] {
        let options = RestoreOptions {
            receipt_prefix: Some(prefix.to_owned()),
            ..RestoreOptions::default()
        };
        let (clock, ids) = (Arc::new(SystemClock) as _, Arc::new(RandomIds) as _);
        restore(&home.places(place), &file, &options, &clock, &ids).unwrap();
        let restored = home.open(place);
        assert_eq!(
            restored.identity().unwrap().installation,
            InstallationState::Matches
        );
        let sale = ring(&restored, CART).unwrap().view();
        assert_eq!(sale.receipt_number, format!("{prefix}-000001"));
    }
}

#[test]
fn a_doubt_of_the_sync_is_told_and_selling_goes_on() {
    let home = Home::with_a_till();
    let till = home.open("data");
    till.sync_connect("demo-x", "corner", None, false).unwrap();
    let doubt = Doubt {
        reason: PauseReason::NumberReused,
        message: "The cloud has 2 receipts from number 1 on, this database knows of 1.".to_owned(),
    };
    SyncStore::remember_doubt(till.db().unwrap(), doubt).unwrap();
    let status = till.sync_status().unwrap();
    assert_eq!(status.state, SyncPhase::IdentityNeeded);
    let problem = status.problem.unwrap();
    assert_eq!(problem.details.unwrap()["reason"], "numberReused");
    ring(&till, CART).unwrap();
    till.new_identity(&another("B")).unwrap();
    assert_eq!(till.identity().unwrap().doubt, None);
    assert_ne!(till.sync_status().unwrap().state, SyncPhase::IdentityNeeded);
    let register = till.db().unwrap().read(register::require).unwrap();
    assert_eq!(register.prefix.as_str(), "B");
}

#[test]
fn numbers_that_were_used_twice_stay_so_whoever_claims_the_register() {
    let home = Home::with_a_till();
    let till = home.open("data");
    till.sync_connect("demo-x", "corner", None, false).unwrap();
    let store = till.db().unwrap();
    let (reused, claimed) = (PauseReason::NumberReused, PauseReason::OtherInstallation);
    let remember = |reason, message: &str| {
        let message = message.to_owned();
        SyncStore::remember_doubt(store, Doubt { reason, message }).unwrap();
    };
    let told = || till.identity().unwrap().doubt;
    remember(claimed, "another has it");
    assert_eq!(told().as_deref(), Some("another has it"));
    // Another program counts, while this one still asks whose the claim is.
    remember(reused, "two have number 7");
    remember(claimed, "another has it");
    assert_eq!(told().as_deref(), Some("two have number 7"));
    store.claimed().unwrap();
    assert_eq!(told().as_deref(), Some("two have number 7"));
}

/// Makes a folder that nobody may write, unless this user may write everything.
#[cfg(unix)]
fn read_only(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    fs::write(folder.join("probe"), "").is_err()
}

#[cfg(unix)]
#[test]
fn a_configuration_that_cannot_be_written_stops_only_who_needs_it() {
    let home = Home::with_a_till();
    home.copy("copy");
    // A file in the folder's place: even who may write everything cannot write into it.
    let unwritable = |data: &str| Places {
        data: home.path(data),
        config: home.path("no folder"),
    };
    fs::write(home.path("no folder"), "a file").unwrap();
    let open = |places: &Places| Till::open(places, Arc::new(SystemClock), Arc::new(RandomIds));
    let copy = open(&unwritable("copy")).unwrap();
    let refused = copy.new_identity(&another("B")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::FileUnreadable);
    assert!(
        refused.message.contains("COUNTERFOIL_CONFIG"),
        "{}",
        refused.message
    );
    assert_eq!(
        copy.identity().unwrap().receipt_prefix,
        "A",
        "nothing was changed"
    );
    let fresh = open(&unwritable("fresh")).unwrap();
    assert_eq!(
        code(fresh.set_up_store(set_up_input())),
        ErrorCode::FileUnreadable
    );

    // Where the identity was fine, a folder that is read-only from now on is none of its business.
    read_only(&home.path("config/installations"));
    ring(&home.open("data"), CART).unwrap();
}
