//! Registers that are set up already: made once for each number, and copied into every run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use counterfoil_app::db::Db;
use counterfoil_app::dto::{SetUpInput, TaxRoundingInput};
use counterfoil_app::{AppError, ErrorCode, ImportOptions, Till};
use counterfoil_domain::{Clock, RegisterId, Timestamp};
use uuid::Uuid;

use crate::carts::CATALOGUE;
use crate::folder::Folder;
use crate::random::{Dice, SeededIds, lock};

/// The day before every run begins.
const SET_UP: Timestamp = Timestamp::from_ms(1_795_269_600_000);

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        SET_UP
    }
}

/// The id of the register with this number, from 0.
pub(crate) fn register_id(number: usize) -> RegisterId {
    let n = u128::try_from(number).unwrap_or(0) + 1;
    RegisterId::new(Uuid::from_u128(n))
}

/// Puts the database of the register with this number into `dir`.
pub(crate) fn lay_out(number: usize, dir: &Path) -> Result<(), AppError> {
    static MADE: OnceLock<Mutex<BTreeMap<usize, Arc<Vec<u8>>>>> = OnceLock::new();
    let made = MADE.get_or_init(Mutex::default);
    let kept = lock(made).get(&number).cloned();
    let file = match kept {
        Some(file) => file,
        None => {
            let file = Arc::new(make(number)?);
            lock(made).insert(number, Arc::clone(&file));
            file
        }
    };
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(dir.join(FILE), &*file));
    written.map_err(|error| failed(&error))
}

const FILE: &str = "counterfoil.db";

/// Sets a register up as a person does, and answers its database as a file.
fn make(number: usize) -> Result<Vec<u8>, AppError> {
    let dir = Folder::new().map_err(|error| failed(&error))?;
    let nth = u64::try_from(number).unwrap_or(0);
    let ids = Arc::new(SeededIds::new(Dice::of(0, "set up", nth)));
    ids.prescribe(register_id(number).uuid());
    let db = Db::open(dir.path(), SET_UP)?;
    let till = Till::over_database(db, Arc::new(Still), ids);
    till.set_up_store(SetUpInput {
        store_name: "Corner".to_owned(),
        currency: "EUR".to_owned(),
        register_name: format!("Till {}", number + 1),
        receipt_prefix: format!("R{}", number + 1),
        prices_include_tax: true,
        tax_rounding: TaxRoundingInput::Line,
        cash_rounding: None,
        time_zone: "Europe/Berlin".to_owned(),
        day_start: "04:00".to_owned(),
        demo: false,
    })?;
    let options = ImportOptions {
        dry_run: false,
        skip_bad: false,
        set_stock: true,
    };
    till.import_catalogue_bytes(CATALOGUE.as_bytes(), options, |_| {})?;
    till.sync_connect("demo-simulated", "corner", None, false)?;
    // Closing it puts the whole database into its file.
    drop(till);
    fs::read(dir.path().join(FILE)).map_err(|error| failed(&error))
}

fn failed(error: &std::io::Error) -> AppError {
    AppError::new(
        ErrorCode::FileUnreadable,
        format!("the simulator cannot lay out a register: {error}"),
    )
}
