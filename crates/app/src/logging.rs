//! The log: one JSON object a line, a file a day, two weeks kept, nothing personal in it.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How many days of log files are kept.
const DAYS_KEPT: usize = 14;

/// Starts writing the log to `logs/` in the data directory. Drop the guard last: it flushes.
///
/// A log that cannot be written never stops the till: then there is no guard. `COUNTERFOIL_LOG`
/// sets the filter (`info` unless told otherwise), as tracing's `EnvFilter` reads it.
pub fn start(data_dir: &Path, program: &str) -> Option<WorkerGuard> {
    let logs = data_dir.join("logs");
    std::fs::create_dir_all(&logs).ok()?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(program)
        .filename_suffix("jsonl")
        .max_log_files(DAYS_KEPT)
        .build(logs)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter = EnvFilter::try_from_env("COUNTERFOIL_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,firestore=warn,gcloud_sdk=warn,h2=warn"));
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(writer);
    let started = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    started.ok().map(|()| guard)
}
