//! Carries a call to the server and its answer back.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gcloud_sdk::prost::bytes::Bytes;
use tonic::body::Body;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::tokio_stream::{Iter, iter};
use tonic::codegen::{BoxFuture, Service, http};
use tonic::metadata::MetadataMap;
use tonic::server::ServerStreamingService;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

use super::bytes::AsTheyAre;
use super::{Call, Done, Fate, State, words};

/// What a batch of 500 sales weighs, and more.
const LARGEST: usize = 64 * 1024 * 1024;
/// What the server is told of a call beside its message.
const PASSED_ON: [&str; 3] = [
    "authorization",
    "google-cloud-resource-prefix",
    "x-goog-request-params",
];

/// The messages of an answer and how it ended. A unary answer is a stream of one.
type Answer = (Vec<Bytes>, Result<(), Status>);
type Messages = Iter<std::vec::IntoIter<Result<Bytes, Status>>>;

/// The service: every method of every service goes the same way.
#[derive(Clone)]
pub(super) struct Front {
    server: Channel,
    state: Arc<State>,
}

impl Front {
    pub(super) fn new(server: Channel, state: Arc<State>) -> Self {
        Self { server, state }
    }
}

impl Service<http::Request<Body>> for Front {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = Method {
            front: self.clone(),
            path: PathAndQuery::try_from(request.uri().path()).expect("a path that came in"),
        };
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(AsTheyAre)
                .max_decoding_message_size(LARGEST)
                .max_encoding_message_size(LARGEST);
            Ok(grpc.server_streaming(method, request).await)
        })
    }
}

/// One call's way.
#[derive(Clone)]
struct Method {
    front: Front,
    path: PathAndQuery,
}

impl ServerStreamingService<Bytes> for Method {
    type Response = Bytes;
    type ResponseStream = Messages;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Messages>, Status>> + Send>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let method = self.clone();
        Box::pin(async move { Ok(Response::new(method.answer(request).await)) })
    }
}

impl Method {
    async fn answer(self, request: Request<Bytes>) -> Messages {
        let (metadata, _, message) = request.into_parts();
        let name = self.path.path().rsplit('/').next().unwrap_or_default();
        let authorization = metadata.get("authorization");
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let call = Call::new(name, authorization.unwrap_or_default().to_owned(), message);
        let fate = self.front.state.fate(&call);
        let (messages, end) = self.carry_out(fate, &metadata, call.request).await;
        let messages = messages.into_iter().map(Ok);
        let end = end.err().map(Err);
        iter(messages.chain(end).collect::<Vec<_>>())
    }

    async fn carry_out(&self, fate: Fate, metadata: &MetadataMap, request: Bytes) -> Answer {
        match fate {
            Fate::Passes => self.send(metadata, request).await,
            Fate::Status(code, done) => {
                self.only_if(done, metadata, request).await;
                (Vec::new(), Err(refused(code)))
            }
            Fate::Silence(done) => {
                self.only_if(done, metadata, request).await;
                pending().await
            }
            Fate::Late(after) => {
                let (method, metadata) = (self.clone(), metadata.clone());
                // Its sender's patience may end before; that does not take it back.
                let carried = tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let answer = method.send(&metadata, request).await;
                    method.front.state.late_one_arrived();
                    answer
                });
                carried.await.expect("the late call is carried out")
            }
            Fate::Twice => {
                self.only_if(Done::Carried, metadata, request.clone()).await;
                self.send(metadata, request).await
            }
            Fate::Doubled => {
                let (mut messages, end) = self.send(metadata, request).await;
                messages.extend_from_within(..);
                (messages, end)
            }
            Fate::Torn(code) => {
                let (mut messages, _) = self.send(metadata, request).await;
                messages.truncate(messages.len() / 2);
                (messages, Err(refused(code)))
            }
            Fate::Changed(change) => {
                let (messages, end) = self.send(metadata, request).await;
                (change(messages), end)
            }
        }
    }

    /// Carries it out, if it is to be, for nobody to hear the answer.
    async fn only_if(&self, done: Done, metadata: &MetadataMap, request: Bytes) {
        if done == Done::Carried {
            drop(self.send(metadata, request).await);
        }
    }

    async fn send(&self, metadata: &MetadataMap, request: Bytes) -> Answer {
        let mut grpc = tonic::client::Grpc::new(self.front.server.clone())
            .max_decoding_message_size(LARGEST)
            .max_encoding_message_size(LARGEST);
        if let Err(error) = grpc.ready().await {
            return (Vec::new(), Err(Status::unavailable(error.to_string())));
        }
        let mut request = Request::new(request);
        for name in PASSED_ON {
            if let Some(value) = metadata.get(name) {
                request.metadata_mut().insert(name, value.clone());
            }
        }
        let sent = grpc.server_streaming(request, self.path.clone(), AsTheyAre);
        let mut answer = match sent.await {
            Ok(answer) => answer.into_inner(),
            Err(status) => return (Vec::new(), Err(unexplained(status))),
        };
        let mut messages = Vec::new();
        loop {
            match answer.message().await {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, Ok(())),
                Err(status) => return (messages, Err(unexplained(status))),
            }
        }
    }
}

/// The emulator says which rule refused, and why; Google's server keeps that to itself.
fn unexplained(status: Status) -> Status {
    match status.code() {
        code @ Code::PermissionDenied => refused(code),
        _ => status,
    }
}

fn refused(code: Code) -> Status {
    Status::new(code, words(code))
}
