//! `counterfoilctl sync watch`, killed and begun again.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until};

use crate::counter::Counter;
use crate::plan::{During, Hit, Kills};

/// Watches one register for ever.
pub(crate) async fn watch(counter: Counter, mut kills: Kills, hits: UnboundedSender<Hit>) {
    loop {
        let mut child = counter
            .beside(&["sync", "watch"])
            .spawn()
            .expect("counterfoilctl runs");
        let mut states = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let kill = kills.pop_front();
        let mut kill_at = kill.map(|kill| Instant::now() + kill.after);
        let mut within = kill.and_then(|kill| kill.within);
        let mut during = During::Idle;
        loop {
            let due = kill_at.is_some_and(|at| at <= Instant::now());
            // From the moment on it is to be in the midst of an upload.
            if due && within.is_some() && during == During::Upload {
                kill_at = within.take().map(|within| Instant::now() + within);
            } else if due && within.is_none() {
                break;
            }
            tokio::select! {
                line = states.next_line() => match line.expect("UTF-8") {
                    Some(line) => during = doing(&line),
                    None => panic!("{}: the watch ended by itself", counter.name),
                },
                () = sleep_until(kill_at.unwrap_or_else(Instant::now)), if kill_at.is_some() && !due => {}
            }
        }
        child.start_kill().expect("it runs");
        child.wait().await.expect("it is dead");
        let program = "sync watch";
        // Nobody listens once the round has failed.
        let _ = hits.send(Hit { program, during });
    }
}

fn doing(line: &str) -> During {
    let status: Value = serde_json::from_str(line).expect("a status");
    let sending = status["inFlight"].as_u64().is_some_and(|n| n > 0);
    if sending || status["state"] == "syncing" {
        During::Upload
    } else {
        During::Idle
    }
}
