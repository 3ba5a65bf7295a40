//! What a code means for what was sent. Decided here and nowhere else, never by a message's words.

use crate::remote::Code;

/// What follows from a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The network's or the server's passing trouble: nothing is wrong with what was sent.
    Transient,
    /// The session's token is not accepted: nothing was done.
    SignIn,
    /// Something is there already under one of the names.
    Exists,
    /// Somebody may not do this: the session, or one document of the batch.
    Denied,
    /// Sent again it would be refused again.
    Permanent,
}

/// The class of a code (<https://grpc.io/docs/guides/status-codes/>).
///
/// `INTERNAL` and `UNKNOWN` are what a proxy or a dying connection makes of a lost answer, so they
/// are transient although the crate's own `retry_possible` says otherwise.
pub const fn class(code: Code) -> Class {
    match code {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::ResourceExhausted
        | Code::Internal
        | Code::Unknown
        | Code::Cancelled => Class::Transient,
        Code::Unauthenticated => Class::SignIn,
        Code::AlreadyExists => Class::Exists,
        Code::PermissionDenied => Class::Denied,
        Code::InvalidArgument
        | Code::NotFound
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss => Class::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_class_of_the_protocol() {
        let table = [
            (Code::Cancelled, Class::Transient),
            (Code::Unknown, Class::Transient),
            (Code::InvalidArgument, Class::Permanent),
            (Code::DeadlineExceeded, Class::Transient),
            (Code::NotFound, Class::Permanent),
            (Code::AlreadyExists, Class::Exists),
            (Code::PermissionDenied, Class::Denied),
            (Code::ResourceExhausted, Class::Transient),
            (Code::FailedPrecondition, Class::Permanent),
            (Code::Aborted, Class::Transient),
            (Code::OutOfRange, Class::Permanent),
            (Code::Unimplemented, Class::Permanent),
            (Code::Internal, Class::Transient),
            (Code::Unavailable, Class::Transient),
            (Code::DataLoss, Class::Permanent),
            (Code::Unauthenticated, Class::SignIn),
        ];
        for (code, expected) in table {
            assert_eq!(class(code), expected, "{code:?}");
        }
    }
}
