//! The desktop program: sold through its window, killed and opened again.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use counterfoil_tests::rig::until;
use counterfoil_tests::window::{Chord, Outcome, Program, Window};
use fantoccini::key::Key;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use crate::counter::Counter;
use crate::plan::{During, Hit, Kill, Kills, Phase, reached};

const TILES: [&str; 3] = ["tile-COF-001", "tile-COF-002", "tile-COF-003"];

/// Sells until that is over, says so, and stays open until everything is; the receipt numbers that were seen.
pub(crate) async fn sell(
    counter: Counter,
    kills: Kills,
    hits: UnboundedSender<Hit>,
    mut phase: watch::Receiver<Phase>,
    sold: oneshot::Sender<()>,
) -> BTreeSet<String> {
    let seen = Seen::default();
    for kill in kills {
        let window = open(&counter).await;
        let process = process(&counter).await;
        tokio::select! {
            sold = seen.sell(&window) => panic!("the window does not sell: {sold:?}"),
            () = seen.moment(kill) => {}
        }
        let during = *seen.during.borrow();
        let killed = Command::new("kill").args(["-KILL", &process]).status();
        assert!(killed.expect("kill").success(), "the till runs");
        drop(window);
        until("it is dead", || free(&counter).then_some(())).await;
        let program = "the desktop program";
        // Nobody listens once the round has failed.
        let _ = hits.send(Hit { program, during });
    }
    let window = open(&counter).await;
    tokio::select! {
        sold = seen.sell(&window) => panic!("the window does not sell: {sold:?}"),
        () = async {
            reached(&mut phase, Phase::Draining).await;
            // Once more it is to sell.
            seen.wait_for(During::Checkout).await;
            seen.wait_for(During::Upload).await;
        } => {}
    }
    // Nobody listens once the round has failed.
    let _ = sold.send(());
    reached(&mut phase, Phase::Over).await;
    window.close().await.expect("closed");
    seen.receipts.into_inner().expect("no panic")
}

struct Seen {
    during: watch::Sender<During>,
    receipts: Mutex<BTreeSet<String>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            during: watch::Sender::new(During::Idle),
            receipts: Mutex::default(),
        }
    }
}

impl Seen {
    /// Rings up one sale after the other. A cart that was begun before is gone on with.
    async fn sell(&self, window: &Window) -> Outcome {
        self.during.send_replace(During::Idle);
        open_coffee(window).await?;
        for n in 0.. {
            for tile in TILES.iter().cycle().skip(n).take(1 + n % 3) {
                window.click(tile).await?;
            }
            window.press(Chord::key(Key::Enter).with_control()).await?;
            window.part("payment").await?;
            self.during.send_replace(During::Checkout);
            window.click("quick-cash-1").await?;
            let receipt = window.text("receipt-number").await?;
            self.receipts.lock().expect("no panic").insert(receipt);
            self.during.send_replace(During::Upload);
            // A receipt that has just appeared does not go at once.
            while window.shows("receipt").await {
                window.press(Chord::key(Key::Escape)).await?;
            }
        }
        Ok(())
    }

    async fn wait_for(&self, during: During) {
        let mut now = self.during.subscribe();
        let there = now.wait_for(|now| *now == during).await;
        there.expect("its sender is here");
    }

    /// The moment of a kill.
    async fn moment(&self, kill: Kill) {
        sleep(kill.after).await;
        if let Some(within) = kill.within {
            self.wait_for(During::Checkout).await;
            sleep(within).await;
        }
    }
}

/// The category that has the tiles.
async fn open_coffee(window: &Window) -> Outcome {
    window.part("category-0").await?;
    for index in 0.. {
        let category = format!("category-{index}");
        if window.text(&category).await?.trim() == "Coffee" {
            return window.click(&category).await;
        }
    }
    Ok(())
}

async fn open(counter: &Counter) -> Window {
    let program = Program::built().expect("the till is built");
    let window = Window::open("kills", &program, &counter.place).await;
    let window = window.expect("the window opens");
    window.part("till").await.expect("the till");
    window
}

async fn process(counter: &Counter) -> String {
    until("the till runs", || find(counter)).await
}

/// Whether no process holds this register's window any more. One that is killed lets go when its last thread has ended.
fn free(counter: &Counter) -> bool {
    let lock = File::open(counter.place.data().join("window.lock"));
    lock.is_ok_and(|lock| lock.try_lock().is_ok())
}

/// The process that has this register's window, as Linux tells of it.
fn find(counter: &Counter) -> Option<String> {
    let data = format!("COUNTERFOIL_DATA={}", counter.place.data().display());
    let mut processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let found = processes.find(|process| {
        let path = process.path();
        let program = std::fs::read_link(path.join("exe")).unwrap_or_default();
        // One that was built anew since it was started is called “counterfoil (deleted)”.
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let till = name.split(' ').next() == Some("counterfoil");
        let surroundings: PathBuf = path.join("environ");
        let surroundings = std::fs::read(surroundings).unwrap_or_default();
        till && surroundings
            .split(|byte| *byte == 0)
            .any(|is| is == data.as_bytes())
    });
    Some(found?.file_name().to_string_lossy().into_owned())
}
