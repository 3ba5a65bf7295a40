//! A gRPC server in front of the emulator: it passes every call on, except where a plan says otherwise.
//!
//! What the emulator never does, production does: answers that are lost, late or torn, requests that
//! arrive twice, any of the sixteen codes, tokens that are not accepted, a clock that is off.

mod bytes;
mod call;
mod carry;
mod later;
mod words;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gcloud_sdk::prost::bytes::Bytes;
use tokio::task::JoinHandle;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Identity, Server, ServerTlsConfig};

pub use call::{Call, Part};
pub use tonic::Code;
pub use words::words;

use carry::Front;

/// The certificate of a shim over TLS, for `localhost`. It vouches for itself.
pub const CERTIFICATE: &str = include_str!("tls/certificate.pem");

/// Somebody else's.
pub const ANOTHER_CERTIFICATE: &str = include_str!("tls/another.pem");

/// Whether the server does what it is asked before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The request never arrives.
    Not,
    /// It is carried out; the answer is what goes wrong.
    Carried,
}

/// Changes the messages of an answer.
pub type Change = Arc<dyn Fn(Vec<Bytes>) -> Vec<Bytes> + Send + Sync>;

/// What becomes of a call.
#[derive(Clone)]
pub enum Fate {
    /// It is carried out and answered.
    Passes,
    /// It is answered with a code.
    Status(Code, Done),
    /// It is never answered.
    Silence(Done),
    /// It is carried out after so long, whether or not anybody waits for the answer by then.
    Late(Duration),
    /// It is carried out twice, the second time is answered.
    Twice,
    /// It is carried out, and each message of the answer comes twice: all of them, and all of them again.
    Doubled,
    /// The first half of the answer comes, then a code.
    Torn(Code),
    /// Its answer is another one.
    Changed(Change),
}

/// What becomes of which call.
pub type Plan = Arc<dyn Fn(&Call) -> Fate + Send + Sync>;

/// A shim and its plan. It ends when this is dropped.
pub struct Shim {
    host: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// What all calls share.
pub(super) struct State {
    plan: Mutex<Plan>,
    /// Calls that did not simply pass.
    struck: AtomicUsize,
    /// Late calls that have been carried out.
    arrived: AtomicUsize,
}

impl Shim {
    /// A shim in front of the emulator at `host:port`. Everything passes until it is told otherwise.
    pub fn new(target: &str) -> Self {
        Self::serve(target, Server::builder())
    }

    /// The same over TLS, with a certificate for `localhost` that nobody vouches for.
    pub fn over_tls(target: &str) -> Self {
        let identity = Identity::from_pem(CERTIFICATE, include_str!("tls/key.pem"));
        let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity));
        Self::serve(target, server.expect("a certificate with its key"))
    }

    fn serve(target: &str, server: Server) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let incoming = TcpIncoming::bind(any).expect("a free port");
        let host = incoming.local_addr().expect("an address").to_string();
        let state = Arc::new(State {
            plan: Mutex::new(Arc::new(|_| Fate::Passes)),
            struck: AtomicUsize::new(0),
            arrived: AtomicUsize::new(0),
        });
        let target = Endpoint::from_shared(format!("http://{target}")).expect("an address");
        let front = Front::new(target.connect_lazy(), Arc::clone(&state));
        let task = tokio::spawn(async move {
            let served = server.serve_with_incoming(front, incoming).await;
            served.expect("the shim serves");
        });
        Self { host, state, task }
    }

    /// `host:port` to connect to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// From now on calls have the fate that `plan` gives them.
    pub fn plan(&self, plan: impl Fn(&Call) -> Fate + Send + Sync + 'static) {
        let mut current = self
            .state
            .plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(plan);
    }

    /// Calls of `part` have this fate, all others pass.
    pub fn strike(&self, part: Part, fate: Fate) {
        self.plan(move |call| match call.part == part {
            true => fate.clone(),
            false => Fate::Passes,
        });
    }

    /// The next `times` calls of `part` have this fate, all others pass.
    pub fn strike_next(&self, part: Part, times: usize, fate: Fate) {
        let left = AtomicUsize::new(times);
        self.plan(move |call| {
            let counted = |left: usize| left.checked_sub(1);
            let struck = call.part == part
                && left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, counted)
                    .is_ok();
            if struck { fate.clone() } else { Fate::Passes }
        });
    }

    /// Everything passes again.
    pub fn clear(&self) {
        self.plan(|_| Fate::Passes);
    }

    /// How many calls did not simply pass.
    pub fn struck(&self) -> usize {
        self.state.struck.load(Ordering::SeqCst)
    }

    /// How many late calls have been carried out.
    pub fn arrived(&self) -> usize {
        self.state.arrived.load(Ordering::SeqCst)
    }
}

impl State {
    pub(super) fn fate(&self, call: &Call) -> Fate {
        let plan = Arc::clone(&self.plan.lock().unwrap_or_else(PoisonError::into_inner));
        let fate = plan(call);
        if !matches!(fate, Fate::Passes) {
            self.struck.fetch_add(1, Ordering::SeqCst);
        }
        fate
    }

    pub(super) fn late_one_arrived(&self) {
        self.arrived.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        self.task.abort();
    }
}
