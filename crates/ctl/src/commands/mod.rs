//! One module for each group of commands: call a use case, print what it answers.

mod care;
mod catalogue;
mod checkout;
mod costs;
mod duplicates;
mod reconcile;
mod sales;
mod setup;
mod sign_in;
pub(crate) mod simulate;
mod sync;

use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::{AppError, Places, Till};

use crate::Done;
use crate::cli::{Cli, Command};

/// What every command is given.
pub(crate) struct Context<'a> {
    /// The data directory, and the folder that says which installation this is.
    pub(crate) places: &'a Places,
    /// JSON is wanted.
    pub(crate) json: bool,
}

impl Context<'_> {
    /// The till that is set up here; nothing is made where there is none.
    pub(crate) fn till(&self) -> Result<Till, AppError> {
        Till::open_existing(self.places, Arc::new(SystemClock), Arc::new(RandomIds))
    }
}

/// Does what was asked.
pub(crate) fn run(cli: &Cli, places: &Places) -> Result<Done, AppError> {
    let context = Context {
        places,
        json: cli.json,
    };
    match &cli.command {
        Command::Init(init) => setup::init(&context, init),
        Command::Catalogue(command) => catalogue::run(&context, command),
        Command::Checkout(checkout) => checkout::run(&context, checkout),
        Command::Sales(command) => sales::run(&context, command),
        Command::Stock(command) => catalogue::stock(&context, command),
        Command::Sync(command) => sync::run(&context, command),
        Command::Journal(command) => care::journal(&context, command),
        Command::Reconcile(command) => reconcile::run(&context, command),
        Command::Backup { file } => care::backup(&context, file),
        Command::Restore(restore) => care::restore(&context, restore),
        Command::Simulate(command) => simulate::simulate(&context, command),
    }
}
