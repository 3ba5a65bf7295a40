//! What Google's server says when it refuses: a person reads it, in the panel and in its pictures.

use tonic::Code;

/// A refusal's sentence, without the names of what was asked for.
pub const fn words(code: Code) -> &'static str {
    match code {
        Code::Ok => "",
        Code::Cancelled => "The operation was cancelled.",
        Code::Unknown => "Unknown error.",
        Code::InvalidArgument => "Request contains an invalid argument.",
        Code::DeadlineExceeded => "Deadline expired before operation could complete.",
        Code::NotFound => {
            "The database (default) does not exist for project demo-counterfoil. Please visit \
             https://console.cloud.google.com/datastore/setup?project=demo-counterfoil to add a Cloud Datastore or Cloud \
             Firestore database."
        }
        Code::AlreadyExists => "Document already exists.",
        Code::PermissionDenied => "Missing or insufficient permissions.",
        Code::ResourceExhausted => "Quota exceeded.",
        Code::FailedPrecondition => {
            "The query requires an index. You can create it here: \
             https://console.firebase.google.com/project/demo-counterfoil/firestore/indexes"
        }
        Code::Aborted => "Too much contention on these documents. Please try again.",
        Code::OutOfRange => "The operation was attempted past the valid range.",
        Code::Unimplemented => "Operation is not implemented, or supported, or enabled.",
        Code::Internal => "Internal error encountered.",
        Code::Unavailable => "The service is currently unavailable.",
        Code::DataLoss => "Unrecoverable data loss or corruption.",
        Code::Unauthenticated => {
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
             authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
        }
    }
}
