//! counterfoilctl: the till without a window, for scripts, servers and support.

mod cli;
mod commands;
mod input;
mod output;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use counterfoil_app::{AppError, Places, logging};

use cli::Cli;

/// Memory that one thread takes and another gives back is used again at once (docs/adr/0075).
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended, when no error of its own is left to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It is done.
    Well,
    /// It could not be done, or a proof found a difference. What is wrong was printed.
    Failed,
    /// The input is wrong. What is wrong was printed.
    BadInput,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        Self::from(match done {
            Done::Well => 0,
            Done::Failed => 1,
            Done::BadInput => 2,
        })
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let done = Places::of_user(cli.data.clone(), cli.config.clone()).and_then(|places| {
        // Only a data directory that is there gets a log.
        let _log = places
            .data
            .is_dir()
            .then(|| logging::start(&places.data, "counterfoilctl"))
            .flatten();
        commands::run(&cli, &places)
    });
    let done = done.unwrap_or_else(|error| {
        output::error(&error);
        ended(&error)
    });
    if output::arrived() || done != Done::Well {
        done.into()
    } else {
        Done::Failed.into()
    }
}

/// What an error means for the exit status.
pub(crate) const fn ended(error: &AppError) -> Done {
    if error.code.is_input() {
        Done::BadInput
    } else {
        Done::Failed
    }
}

/// Help and version go to stdout; a wrong call is an error like any other.
fn not_understood(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::raw(&error.to_string());
            Done::Well.into()
        }
        _ => {
            let text = error.render().to_string();
            let text = text.trim().trim_start_matches("error: ");
            output::error(&AppError::invalid(text));
            Done::BadInput.into()
        }
    }
}
