//! What is wrong with the way to the cloud, in words for the status line, with a code to act on.

use counterfoil_sync::{Code, Problem, RemoteError};
use serde_json::json;

use crate::error::{AppError, ErrorCode};
use crate::identity::doubted;

/// The error that says what is wrong and what to do; selling goes on in any case.
pub(super) fn app_error(problem: &Problem) -> AppError {
    match problem {
        Problem::Remote(error) => remote(error),
        Problem::ChecksRefused(error) => unseen("duplicates", "the check for duplicates", error),
        Problem::NumbersRefused(error) => uncounted(error),
        Problem::OthersRefused(error) => {
            unseen("others", "the look at other registers' failed items", error)
        }
        Problem::Contradiction(error) => contradiction(error),
        Problem::Pause(reason, message) if reason.is_about_identity() => doubted(*reason, message),
        Problem::Pause(_, message) => AppError::new(ErrorCode::StoreDiffers, message.clone()),
        Problem::Database(message) => AppError::new(ErrorCode::DatabaseFailed, message.clone()),
    }
}

fn unseen(about: &str, what: &str, error: &RemoteError) -> AppError {
    let reason = &error.message;
    let message = format!(
        "The cloud refuses {what}. Sales are not affected; it is tried again by itself. Tell whoever looks after the cloud. ({reason})"
    );
    AppError::new(ErrorCode::CloudRefused, message)
        .with_details(json!({ "about": about, "said": reason }))
}

fn uncounted(error: &RemoteError) -> AppError {
    let reason = &error.message;
    let message = format!(
        "The cloud refuses to count this register's receipt numbers: one that was used twice, as by a copy of the register, is not noticed by it meanwhile. Sales go up; it is tried again by itself. Tell whoever looks after the cloud: an index is missing or still being built, and “firebase deploy --only firestore:indexes” creates it. ({reason})"
    );
    AppError::new(ErrorCode::CloudRefused, message)
        .with_details(json!({ "about": "numbers", "said": reason }))
}

fn contradiction(error: &RemoteError) -> AppError {
    let reason = &error.message;
    let message = format!(
        "The cloud says that a sale is there already, and shows nothing under its name. It is kept here and tried again by itself. ({reason})"
    );
    AppError::new(ErrorCode::CloudContradicts, message).with_details(json!({ "said": reason }))
}

/// The same for one call.
pub(crate) fn remote(error: &RemoteError) -> AppError {
    let (code, what) = match error.code {
        Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled => (
            ErrorCode::CloudUnreachable,
            "The cloud cannot be reached. Sales are kept here and go up when it is back",
        ),
        Code::DeadlineExceeded => (
            ErrorCode::Timeout,
            "The cloud does not answer. Sales are kept here and go up when it does",
        ),
        Code::ResourceExhausted | Code::Aborted => (
            ErrorCode::CloudRefused,
            "The cloud is busy or its quota is used up. Sales are kept here and tried again",
        ),
        Code::Unauthenticated => (
            ErrorCode::SignInNeeded,
            "The cloud does not know this register. Sign in; sales are kept here until then",
        ),
        Code::PermissionDenied => (
            ErrorCode::NotAllowed,
            "The cloud does not let this register write. Ask a manager; sales are kept here until then",
        ),
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss => (
            ErrorCode::CloudRefused,
            "The cloud refuses. Check that project and store are the right ones; sales are kept here",
        ),
    };
    // Apart from our words, for a window that speaks another language. Busy is told apart from refused: the one
    // passes, for the other somebody may be needed.
    let said = &error.message;
    let busy = matches!(error.code, Code::ResourceExhausted | Code::Aborted);
    let details = if busy {
        json!({ "about": "busy", "said": said })
    } else {
        json!({ "said": said })
    };
    AppError::new(code, format!("{what}. ({said})")).with_details(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: Code) -> AppError {
        let message = "in its own words".to_owned();
        remote(&RemoteError { code, message })
    }

    #[test]
    fn a_busy_cloud_is_told_apart_from_one_that_refuses() {
        for code in [Code::ResourceExhausted, Code::Aborted] {
            let busy = told(code);
            let details = json!({ "about": "busy", "said": "in its own words" });
            assert_eq!(busy.code, ErrorCode::CloudRefused);
            assert_eq!(busy.details, Some(details));
        }
        for code in [Code::NotFound, Code::FailedPrecondition] {
            let refused = told(code);
            let details = json!({ "said": "in its own words" });
            assert_eq!(refused.code, ErrorCode::CloudRefused);
            assert_eq!(refused.details, Some(details));
        }
    }
}
