//! gRPC's answers as the engine's codes. The words are passed on, never judged by.

use counterfoil_sync::{Code, RemoteError};
use gcloud_sdk::tonic;

/// The engine's error for a gRPC status.
pub fn remote_error(status: &tonic::Status) -> RemoteError {
    RemoteError {
        code: code(status.code()),
        message: words(status),
    }
}

/// The engine's code for gRPC's. `OK` is not an error; where a status says so, nothing is known.
pub const fn code(code: tonic::Code) -> Code {
    match code {
        tonic::Code::Cancelled => Code::Cancelled,
        tonic::Code::Ok | tonic::Code::Unknown => Code::Unknown,
        tonic::Code::InvalidArgument => Code::InvalidArgument,
        tonic::Code::DeadlineExceeded => Code::DeadlineExceeded,
        tonic::Code::NotFound => Code::NotFound,
        tonic::Code::AlreadyExists => Code::AlreadyExists,
        tonic::Code::PermissionDenied => Code::PermissionDenied,
        tonic::Code::ResourceExhausted => Code::ResourceExhausted,
        tonic::Code::FailedPrecondition => Code::FailedPrecondition,
        tonic::Code::Aborted => Code::Aborted,
        tonic::Code::OutOfRange => Code::OutOfRange,
        tonic::Code::Unimplemented => Code::Unimplemented,
        tonic::Code::Internal => Code::Internal,
        tonic::Code::Unavailable => Code::Unavailable,
        tonic::Code::DataLoss => Code::DataLoss,
        tonic::Code::Unauthenticated => Code::Unauthenticated,
    }
}

fn words(status: &tonic::Status) -> String {
    let mut words = status.message().to_owned();
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        let more = error.to_string();
        if !words.contains(&more) {
            words = if words.is_empty() {
                more
            } else {
                format!("{words}: {more}")
            };
        }
        source = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_grpc_is_its_namesake() {
        for number in 1..=16 {
            let theirs = tonic::Code::from_i32(number);
            assert_eq!(format!("{:?}", code(theirs)), format!("{theirs:?}"));
        }
        assert_eq!(code(tonic::Code::Ok), Code::Unknown);
    }

    #[test]
    fn the_servers_words_are_kept() {
        let error = remote_error(&tonic::Status::permission_denied("Missing permissions."));
        assert_eq!(error.code, Code::PermissionDenied);
        assert_eq!(error.message, "Missing permissions.");
    }
}
