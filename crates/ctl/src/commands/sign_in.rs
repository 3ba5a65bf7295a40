//! `sync sign-in`, `sync sign-out`, and what `sync status` says of them.

use std::io::{BufRead as _, Read as _};

use counterfoil_app::dto::{AccountView, KeptIn, SignInInput, SignInResult, StillMember, StillWhy};
use counterfoil_app::{AppError, ErrorCode, Till};
use serde_json::json;

use super::Context;
use super::costs;
use super::sync::{runtime, sentence};
use crate::output;

/// Nobody has a longer one; what is longer is no password.
const MAX_PASSWORD_BYTES: u64 = 4096;

pub(super) fn sign_in(
    context: &Context<'_>,
    till: &Till,
    email: &str,
    register_name: Option<&str>,
    password_stdin: bool,
) -> Result<(), AppError> {
    let input = SignInInput {
        email: email.to_owned(),
        password: password(password_stdin)?,
        register_name: register_name.map(str::to_owned),
    };
    let done = runtime()?.block_on(till.sign_in(input))?;
    if context.json {
        return output::json(&done);
    }
    let SignInResult {
        account, register, ..
    } = &done;
    output::line(&format!(
        "This register, {}, is signed in as {} in the store {} of {}.",
        register.name, account.email, account.store_id, account.project
    ));
    if done.ended > 0 {
        output::line("The account that it had before is no member of the store any more.");
    }
    for still in &done.still {
        output::line(&stays(still));
    }
    if account.kept_in == KeptIn::File {
        output::line(&kept(account));
    }
    Ok(())
}

/// An account that the register had before and that may be a member still.
fn stays(still: &StillMember) -> String {
    let StillMember {
        project,
        store_id,
        uid,
        ..
    } = still;
    let why = match still.why {
        StillWhy::OtherStore => "this manager is nobody there",
        StillWhy::OtherRegister => {
            "it is one of another register, such as this one was before it took a new identity; a till that this one \
             was copied from may go on with it"
        }
        StillWhy::NotAllowed => "the cloud does not let this manager end it",
        StillWhy::Unreachable => "the cloud cannot be asked now",
    };
    let said = still.said.as_ref().map(|said| format!(" ({said})"));
    format!(
        "An account that this register had before stays a member of the store {store_id} of {project}: {why}{}. Where no till \
         uses it, delete stores/{store_id}/members/{uid} in the Firebase console.",
        said.unwrap_or_default()
    )
}

/// A password is never an argument: other users of the computer see those.
fn password(from_stdin: bool) -> Result<String, AppError> {
    let unreadable = |error| {
        let message =
            format!("the password cannot be read: {error}. Give it with --password-stdin");
        AppError::new(ErrorCode::InvalidInput, message)
    };
    if !from_stdin {
        return rpassword::prompt_password("Password: ").map_err(unreadable);
    }
    let mut line = String::new();
    let mut stdin = std::io::stdin().lock().take(MAX_PASSWORD_BYTES);
    stdin.read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub(super) fn sign_out(context: &Context<'_>, till: &Till, yes: bool) -> Result<(), AppError> {
    let before = till.sync_status()?;
    let there = runtime()?.block_on(till.sign_out(yes))?;
    let waiting = before.pending.saturating_add(before.in_flight);
    if context.json {
        return output::json(&json!({ "signedOut": there, "waiting": waiting }));
    }
    output::line(if there {
        "This register is signed out. Its account stays a member of the store until it is signed in again, or a manager removes it."
    } else {
        "Nobody was signed in."
    });
    if waiting > 0 {
        output::line(&format!(
            "{waiting} wait to be uploaded; they are kept here and go up when somebody signs in again."
        ));
    }
    Ok(())
}

/// The state, and whose account it speaks with.
pub(super) fn status(context: &Context<'_>, till: &Till) -> Result<(), AppError> {
    let status = till.sync_status()?;
    // One that cannot be read is the sync's own problem.
    let account = till.account().ok().flatten();
    if context.json {
        let mut status = serde_json::to_value(&status).map_err(AppError::internal)?;
        if let Some(account) = account {
            status["account"] = json!(account);
        }
        return output::json(&status);
    }
    output::line(&sentence(&status));
    if let Some(billed) = costs::billed(&status.costs) {
        output::line(&billed);
    }
    if let Some(account) = account {
        output::line(&format!(
            "Signed in as {} by {}. {}",
            account.email,
            account.signed_in_by,
            kept(&account)
        ));
    }
    Ok(())
}

fn kept(account: &AccountView) -> String {
    match &account.file {
        Some(file) => format!(
            "There is no keychain here: the account's token lies in {file}, which only its owner may read."
        ),
        None => "The account's token lies in the keychain.".to_owned(),
    }
}
