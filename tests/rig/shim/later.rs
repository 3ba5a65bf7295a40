//! A server whose clock is off.

use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::CommitResponse;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::prost::Message as _;
use gcloud_sdk::prost::bytes::Bytes;
use gcloud_sdk::prost_types::Timestamp;

use super::Fate;

impl Fate {
    /// A commit is carried out, and its times are answered so much later; earlier, where that is negative.
    pub fn later(ms: i64) -> Self {
        let later = move |at: &mut Timestamp| at.seconds += ms / 1_000;
        let change = move |message: Bytes| {
            let mut answer = CommitResponse::decode(message).expect("a commit's answer");
            answer.commit_time.iter_mut().for_each(later);
            for result in &mut answer.write_results {
                result.update_time.iter_mut().for_each(later);
                for value in &mut result.transform_results {
                    if let Some(ValueType::TimestampValue(at)) = &mut value.value_type {
                        later(at);
                    }
                }
            }
            Bytes::from(answer.encode_to_vec())
        };
        Self::Changed(Arc::new(move |messages| {
            messages.into_iter().map(change).collect()
        }))
    }
}
