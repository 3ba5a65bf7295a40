//! What else the sync panel says of a way to the cloud that is not open: each with its cause, and well again without it.

use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::window::{Outcome, Window};

use crate::hands::{control, in_the_cloud, reads};
use crate::looks::nothing_is_cut_off;
use crate::shop::Shop;
use crate::states::{is_well_again, ring_up};

/// So far is the register's clock ahead of the server's.
const CLOCK_AHEAD_MS: i64 = 7 * 60 * 1_000;

/// What the panel says, and a picture of it.
pub(crate) async fn is_said(
    window: &Window,
    picture: &str,
    headline: &str,
    words: &str,
) -> Outcome {
    reads(window, "sync-headline", headline).await?;
    reads(window, "sync-problem", words).await?;
    nothing_is_cut_off(window, picture).await;
    window.pictures(picture).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_of_two_registers_and_a_cloud_that_is_busy_silent_or_refuses_are_told_apart()
-> Outcome {
    let shop = Shop::open();
    let shim = Shim::new(shop.cloud());
    // Both sold under one prefix before they reached the store; the other one reached it first.
    let other = shop.printing("Bar", "A");
    let register = shop.printing("Shop", "A").behind(shim.host());
    for register in [&other, &register] {
        ring_up(register);
        register.connect();
    }
    other.ctl(&["sync", "once"], &[]);
    let window = register.window("causes").await;
    reads(&window, "status-line", "Another register prints receipts A").await?;
    window.press(control('s')).await?;
    is_said(
        &window,
        "1-series",
        "All sales are in the cloud",
        "Till Bar",
    )
    .await?;
    window.click("identity-open").await?;
    reads(&window, "identity", "Till Bar came to the store before").await?;
    window.pictures("2-series-asks").await?;
    window.fill("identity-prefix", "B").await?;
    window.fill("identity-by", "Maria").await?;
    window.click("identity-do").await?;
    is_well_again(&window).await?;

    for (picture, fate, words) in [
        (
            "3-busy",
            Fate::Status(Code::ResourceExhausted, Done::Not),
            "The cloud is busy or its quota is used up",
        ),
        // The program's own patience ends after ten seconds.
        (
            "4-silent",
            Fate::Silence(Done::Not),
            "The cloud does not answer",
        ),
    ] {
        shim.strike(Part::Commit, fate);
        ring_up(&register);
        is_said(&window, picture, words, words).await?;
        shim.clear();
        is_well_again(&window).await?;
    }

    // A clock that is off keeps no sale back; whoever reads receipts is told to set it.
    shim.strike(Part::Commit, Fate::later(-CLOCK_AHEAD_MS));
    ring_up(&register);
    let said = "clock was 7 minutes ahead of the cloud’s";
    reads(&window, "sync-clock", said).await?;
    in_the_cloud(&window).await?;
    assert!(!window.shows("sync-empty").await, "somebody is needed");
    nothing_is_cut_off(&window, "6-clock").await;
    window.pictures("6-clock").await?;
    shim.clear();
    ring_up(&register);
    is_well_again(&window).await?;
    window.gone("sync-clock").await?;

    // A project without a database says so to the first question of a session; whoever connects anew begins one.
    shim.strike(Part::Store, Fate::Status(Code::NotFound, Done::Not));
    register.connect();
    ring_up(&register);
    is_said(&window, "5-refused", "Sync is stopped", "The cloud refuses").await?;
    shim.clear();
    is_well_again(&window).await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 7);
    Ok(())
}
