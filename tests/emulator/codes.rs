//! Every code of gRPC, and silence, at every part of a sync: said in words, nothing lost, nothing doubled. When the
//! cause is gone, the sync goes on by itself; a sale that was refused for good goes up once a person sends it again.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{ChoiceKind, ResolveInput, SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, start};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim, words};
use counterfoil_tests::rig::{by_itself, until};
use tokio::task::JoinSet;

/// Everything that can be answered but `OK`.
const CODES: [Code; 16] = [
    Code::Cancelled,
    Code::Unknown,
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::NotFound,
    Code::AlreadyExists,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::FailedPrecondition,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::Internal,
    Code::Unavailable,
    Code::DataLoss,
    Code::Unauthenticated,
];

/// In the order of a session.
const PARTS: [Part; 8] = [
    Part::Store,
    Part::Register,
    Part::Claim,
    Part::Numbers,
    Part::Commit,
    Part::Read,
    Part::Checks,
    Part::Query,
];

/// What the status says while the cause lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing goes up, for this reason.
    Stopped(SyncPhase, ErrorCode),
    /// All goes up; this is refused beside.
    Beside,
    /// The sale is in the failure list with the server's words.
    Refused,
    /// The sale waits for its next attempt: the cloud contradicts itself.
    Waits,
}

/// How passing trouble is called.
fn passing(code: Code) -> Option<ErrorCode> {
    match code {
        Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled => {
            Some(ErrorCode::CloudUnreachable)
        }
        Code::DeadlineExceeded => Some(ErrorCode::Timeout),
        Code::ResourceExhausted | Code::Aborted => Some(ErrorCode::CloudRefused),
        _ => None,
    }
}

fn said(part: Part, code: Code) -> Said {
    if let Some(problem) = passing(code) {
        return Said::Stopped(SyncPhase::Offline, problem);
    }
    let sign_in = Said::Stopped(SyncPhase::SignInNeeded, ErrorCode::SignInNeeded);
    let not_allowed = Said::Stopped(SyncPhase::NotAllowed, ErrorCode::NotAllowed);
    match (part, code) {
        (Part::Checks | Part::Query, _) => Said::Beside,
        (_, Code::Unauthenticated) => sign_in,
        // The claim is accepted, so it is the sale that is refused.
        (Part::Commit, Code::PermissionDenied) => Said::Refused,
        (Part::Commit, Code::AlreadyExists) => Said::Waits,
        (Part::Commit, _) => Said::Refused,
        (_, Code::PermissionDenied) => not_allowed,
        (Part::Read, _) => Said::Stopped(SyncPhase::Offline, ErrorCode::CloudRefused),
        // A missing index must not keep sales from going up.
        (Part::Numbers, code) if code != Code::AlreadyExists => Said::Beside,
        _ => Said::Stopped(SyncPhase::Paused, ErrorCode::CloudRefused),
    }
}

fn holds(said: Said, status: &SyncStatus) -> bool {
    let problem = status.problem.as_ref().map(|problem| problem.code);
    let waiting = status.pending + status.in_flight;
    match said {
        Said::Stopped(state, code) => status.state == state && problem == Some(code),
        Said::Beside => waiting == 0 && problem == Some(ErrorCode::CloudRefused),
        Said::Refused => status.failed_total == 1 && waiting == 0,
        Said::Waits => {
            let contradicts = problem == Some(ErrorCode::CloudContradicts);
            contradicts && waiting == 1 && status.next_attempt_at.is_some()
        }
    }
}

/// A register behind a shim of its own, and what it has sold.
struct Till {
    cloud: Cloud,
    shim: Shim,
    register: Register,
    sold: BTreeSet<String>,
}

impl Till {
    fn new(cloud: Cloud) -> Self {
        Self {
            shim: Shim::new(cloud.host()),
            register: Register::new("A", &cloud),
            cloud,
            sold: BTreeSet::new(),
        }
    }

    fn sell(&mut self) -> String {
        let quantity = (self.sold.len() + 1).to_string();
        let sale = self.register.sell(&[("bread", &quantity)]);
        let id = text(&sale, "saleId").to_owned();
        self.sold.insert(id.clone());
        id
    }

    /// One part answers so until it was said in words; then all is well by itself, but for what a person must decide.
    async fn suffers(&mut self, part: Part, fate: Fate, expected: Said, words: &str) {
        let what = format!("{part:?} answers {words:?}, {expected:?}");
        self.strike(part, fate);
        let sale = self.sell();
        let parts = self
            .register
            .parts(self.shim.host(), Duration::from_secs(2));
        let (handle, task) = start(parts);
        let status = handle.status();
        let seen = until(&what, || {
            let status = status.borrow();
            holds(expected, &status).then(|| status.clone())
        })
        .await;
        self.reads_well(&seen, expected, words, &what);
        self.shim.clear();
        if expected == Said::Refused {
            self.try_again(&sale);
        }
        self.recovers(&handle, &what).await;
        handle.stop();
        task.await.expect("it ends");
    }

    fn strike(&self, part: Part, fate: Fate) {
        // What is there is asked only after a commit whose outcome is not known.
        let lost = Fate::Status(Code::Unavailable, Done::Carried);
        self.shim.plan(move |call| match call.part {
            Part::Commit if part == Part::Read => lost.clone(),
            of_this if of_this == part => fate.clone(),
            _ => Fate::Passes,
        });
    }

    fn reads_well(&self, status: &SyncStatus, expected: Said, words: &str, what: &str) {
        let message = match expected {
            Said::Refused => status.failed_items.first().map(|item| &item.message),
            Said::Stopped(..) | Said::Beside | Said::Waits => {
                status.problem.as_ref().map(|problem| &problem.message)
            }
        };
        let message = message.unwrap_or_else(|| panic!("no words: {what}"));
        assert!(message.starts_with("The cloud "), "{what}: {message}");
        assert!(message.contains(words), "{what}: {message}");
        if !matches!(expected, Said::Refused) {
            assert_eq!(status.failed_total, 0, "{what}: nothing failed");
        }
    }

    /// A permanent refusal is for a person to decide about.
    fn try_again(&self, sale: &str) {
        let decided = self.register.till.resolve_failed(ResolveInput {
            sale_id: sale.to_owned(),
            choice: ChoiceKind::Retry,
            reason: "it is mended".to_owned(),
            by: "Maria".to_owned(),
            money: None,
            card_reference: None,
            restock: None,
            restock_lines: Vec::new(),
        });
        decided.expect("sent again");
    }

    async fn recovers(&self, handle: &SyncHandle, what: &str) {
        let status = handle.status();
        by_itself(&format!("all is well after {what}"), || {
            let status = status.borrow();
            let up = usize::try_from(status.synced_total) == Ok(self.sold.len());
            let well = status.state == SyncPhase::Idle && status.problem.is_none();
            (up && well && status.failed_total == 0).then_some(())
        })
        .await;
        let there = self.cloud.all(Collection::Sales).await;
        let ids: BTreeSet<String> = there.iter().map(|found| found.name.id.clone()).collect();
        assert_eq!(
            (there.len(), ids),
            (self.sold.len(), self.sold.clone()),
            "{what}"
        );
        let conflicts = self.cloud.all(Collection::SaleConflicts).await;
        assert!(conflicts.is_empty(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_at_every_part_is_said_in_words_and_nothing_but_a_refused_sale_waits_for_a_person()
 {
    let cloud = Cloud::new();
    let mut tills = JoinSet::new();
    for code in CODES {
        let mut till = Till::new(cloud.sibling());
        tills.spawn(async move {
            for part in PARTS {
                let fate = Fate::Status(code, Done::Not);
                till.suffers(part, fate, said(part, code), words(code))
                    .await;
            }
        });
    }
    let mut till = Till::new(cloud.sibling());
    tills.spawn(async move {
        for part in PARTS {
            let silence = Said::Stopped(SyncPhase::Offline, ErrorCode::Timeout);
            let fate = Fate::Silence(Done::Not);
            till.suffers(part, fate, silence, "no answer within").await;
        }
    });
    while let Some(done) = tills.join_next().await {
        if let Err(error) = done {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}
