//! What the others are billed, by the meter that counts for the driver: one law for all three ways, and every request
//! that was sent, whatever came of it.

use std::sync::Arc;

use counterfoil_firestore::status::remote_error;
use counterfoil_sync::{Code, Meter, Purpose, RemoteError, Spent};
use tonic::Status;

/// The bill of one way, shared by all that send.
#[derive(Clone, Default)]
pub(crate) struct Account(Arc<Meter>);

impl Account {
    /// A commit that is about to be sent.
    pub(crate) fn commit(&self) -> Sent {
        self.sent(Spent::default())
    }

    /// A query that is about to be sent: it bills one read at least.
    pub(crate) fn query(&self) -> Sent {
        self.sent(Spent {
            reads: 1,
            writes: 0,
        })
    }

    /// All that was billed until now.
    pub(crate) fn settle(&self) -> Spent {
        self.0.take().of(Purpose::Upload)
    }

    fn sent(&self, done: Spent) -> Sent {
        let lost = RemoteError {
            code: Code::Cancelled,
            message: String::new(),
        };
        Sent {
            meter: Arc::clone(&self.0),
            done,
            answer: Err(lost),
        }
    }
}

/// A request. It is booked when nobody waits for it any more; where no answer was heard, as one that was done and whose
/// answer was lost.
pub(crate) struct Sent {
    meter: Arc<Meter>,
    done: Spent,
    answer: Result<(), RemoteError>,
}

impl Sent {
    /// The commit was applied with so many writes.
    pub(crate) fn wrote(mut self, writes: usize) {
        self.done.writes = u64::try_from(writes).unwrap();
        self.answer = Ok(());
    }

    /// The query found so many documents.
    pub(crate) fn found(mut self, documents: usize) {
        self.done.reads = u64::try_from(documents.max(1)).unwrap();
        self.answer = Ok(());
    }

    /// It was refused: nothing is written, and the membership was read where the rules were reached.
    pub(crate) fn refused(mut self, status: &Status) {
        self.answer = Err(remote_error(status));
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.meter.book(Purpose::Upload, &self.answer, self.done);
    }
}
