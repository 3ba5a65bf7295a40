//! The sync panel in every state: what it says, that it reassures nobody who has something to do, a picture of each.
//! Offline, a backlog, failed items, warnings and a register without a cloud have journeys of their own; `causes` has what
//! else may be in the way.

use std::time::Duration;

use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim, words};
use counterfoil_tests::window::{Look, Outcome, Window};
use fantoccini::key::Key;
use rusqlite::Connection;
use serde_json::json;
use xtask::emulator::PROJECT;

use crate::hands::{control, focused, in_the_cloud, key, reads};
use crate::looks::nothing_is_cut_off;
use crate::shop::{Register, Shop};

/// So slow that there is time to look.
const SLOW: Duration = Duration::from_secs(2);

pub(crate) fn ring_up(register: &Register) {
    register.ring_up(&json!({
        "lines": [{ "sku": "COF-001", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 5_000 }],
    }));
}

/// What goes wrong on the way to the cloud, and what is said about it.
struct Trouble {
    picture: &'static str,
    /// Everything where it is left out.
    part: Option<Part>,
    code: Code,
    headline: &'static str,
    words: &'static str,
}

const TROUBLES: [Trouble; 4] = [
    Trouble {
        picture: "2-sign-in-needed",
        part: None,
        code: Code::Unauthenticated,
        headline: "This register is not signed in to the cloud",
        words: "A manager signs it in",
    },
    Trouble {
        picture: "3-not-allowed",
        part: None,
        code: Code::PermissionDenied,
        headline: "The cloud refuses this register",
        words: "does not let this register in",
    },
    Trouble {
        picture: "4-no-index",
        part: Some(Part::Checks),
        code: Code::FailedPrecondition,
        headline: "All sales are in the cloud",
        words: "refuses the check for possible duplicates",
    },
    Trouble {
        picture: "5-contradiction",
        part: Some(Part::Commit),
        code: Code::AlreadyExists,
        headline: "1 sale is waiting for the cloud",
        words: "says that a sale is there already",
    },
];

impl Trouble {
    fn begins(&self, shim: &Shim) {
        let fate = Fate::Status(self.code, Done::Not);
        match self.part {
            Some(part) => shim.strike(part, fate),
            None => shim.plan(move |_| fate.clone()),
        }
    }

    async fn is_said(&self, window: &Window) -> Outcome {
        window.click("sync-now").await?;
        reads(window, "sync-headline", self.headline).await?;
        let said = reads(window, "sync-problem", self.words).await?;
        let theirs = format!("For whoever looks after the cloud: {}", words(self.code));
        assert!(said.contains(&theirs), "{said}");
        assert!(!window.shows("sync-empty").await, "somebody is needed");
        window.pictures(self.picture).await
    }
}

/// Why the register's own database takes no outcome, and what is said about it.
struct Cause {
    picture: &'static str,
    begins: &'static str,
    ends: &'static str,
    headline: &'static str,
    words: &'static str,
}

const CAUSES: [Cause; 2] = [
    Cause {
        picture: "6-database",
        begins: "CREATE TRIGGER stuck BEFORE UPDATE ON outbox BEGIN SELECT RAISE(FAIL, 'stuck'); END",
        ends: "DROP TRIGGER stuck",
        headline: "The database cannot be written",
        words: "so nothing is sent",
    },
    // A table whose last number is taken is full, and SQLite says so in the words of a disk that is: nobody but it
    // knows the difference, and no disk of this computer need be full.
    Cause {
        picture: "6-disk-full",
        begins: "CREATE TABLE room (taken INTEGER PRIMARY KEY AUTOINCREMENT);
            INSERT INTO room VALUES (9223372036854775807);
            CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN INSERT INTO room VALUES (NULL); END",
        ends: "DROP TRIGGER full; DROP TABLE room",
        headline: "The disk is full",
        words: "Free some space",
    },
];

impl Cause {
    async fn is_said(&self, register: &Register, window: &Window) -> Outcome {
        let database = register.place.data().join("counterfoil.db");
        let change = |what: &str| {
            let database = Connection::open(&database).expect("the database");
            database.execute_batch(what).expect(what);
        };
        change(self.begins);
        ring_up(register);
        reads(window, "sync-headline", self.headline).await?;
        let said = reads(window, "sync-problem", self.words).await?;
        for safe in ["new sales may be refused", "Sales that were paid are safe"] {
            assert!(said.contains(safe), "{said}");
        }
        window.pictures(self.picture).await?;
        change(self.ends);
        is_well_again(window).await
    }
}

pub(crate) async fn is_well_again(window: &Window) -> Outcome {
    window.click("sync-now").await?;
    in_the_cloud(window).await?;
    window.gone("sync-problem").await?;
    window.part("sync-empty").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_says_what_is_wrong_and_for_whom() -> Outcome {
    let shop = Shop::open();
    let shim = Shim::new(shop.cloud());
    let register = shop.connected_register("A").behind(shim.host());
    ring_up(&register);
    let window = register.window("states").await;
    window.press(control('s')).await?;
    is_well_again(&window).await?;
    window.pictures("1-idle").await?;

    for trouble in &TROUBLES {
        trouble.begins(&shim);
        ring_up(&register);
        trouble.is_said(&window).await?;
        shim.clear();
        is_well_again(&window).await?;
    }

    for cause in &CAUSES {
        cause.is_said(&register, &window).await?;
    }

    // A proof of the books takes its time, and the focus is to be seen wherever it is.
    shim.strike(Part::Numbers, Fate::Late(SLOW));
    window.click("reconcile-do").await?;
    reads(&window, "reconcile-progress", "Comparing").await?;
    window.picture("7-comparing", Look::Light).await?;
    shim.clear();
    reads(&window, "reconcile-clean", "Everything agrees").await?;
    window.take_keyboard().await?;
    for (picture, part) in [
        ("8-focus-settings", "open-settings"),
        ("9-focus-sales", "open-sales"),
    ] {
        window.press(key(Key::Tab)).await?;
        assert_eq!(focused(&window).await?, part);
        let ring = "return getComputedStyle(document.activeElement).outlineStyle";
        assert_eq!(window.measure(ring).await?, "solid");
        window.picture(picture, Look::Light).await?;
    }

    // The longer words of German, at the size of the smallest till.
    window.press(control(',')).await?;
    window.click("language-de").await?;
    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    window.size(1024, 768).await?;
    for (trouble, words) in [
        (&TROUBLES[1], "lässt diese Kasse nicht hinein"),
        (&TROUBLES[3], "ein Verkauf sei schon da"),
    ] {
        trouble.begins(&shim);
        ring_up(&register);
        window.click("sync-now").await?;
        reads(&window, "sync-problem", words).await?;
        window
            .picture(&format!("{}-german", trouble.picture), Look::Light)
            .await?;
        nothing_is_cut_off(&window, trouble.picture).await;
        shim.clear();
        window.click("sync-now").await?;
        window.gone("sync-problem").await?;
    }
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 9);
    Ok(())
}

#[tokio::test]
async fn a_register_that_is_in_doubt_and_one_of_another_store_say_so_in_the_panel() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    ring_up(&register);
    register.ctl(&["sync", "once"], &[]);
    let who = register.ctl(&["sync", "identity"], &[]);
    let id = who["registerId"].as_str().expect("an id");
    let claim = shop.documents("registers");
    let ours = &claim[0]["fields"]["installationId"];
    let other = json!({ "stringValue": "00000000-0000-4000-8000-0000000000aa" });

    // Another computer has claimed it.
    shop.change("registers", id, "installationId", &other);
    ring_up(&register);
    let window = register.window("doubt").await;
    reads(&window, "status-line", "must confirm who it is").await?;
    window.press(control('s')).await?;
    reads(&window, "sync-headline", "must confirm who it is").await?;
    reads(&window, "sync-problem", "No sale is lost").await?;
    assert!(!window.shows("sync-empty").await, "somebody is needed");
    window.pictures("1-other-computer").await?;
    window.click("identity-open").await?;
    reads(&window, "identity", "another computer is this register").await?;
    window.pictures("2-other-computer-asks").await?;
    window.click("identity-back").await?;
    window.part("sync-panel").await?;
    window.close().await?;

    // It is ours again, and has numbers that it never gave out.
    shop.change("registers", id, "installationId", ours);
    let copied = json!({
        "schema": { "integerValue": "1" },
        "saleId": { "stringValue": "00000000-0000-4000-8000-0000000000bb" },
        "registerId": { "stringValue": id },
        "receiptNumber": { "stringValue": "A-000099" },
        "receiptSequence": { "integerValue": "99" },
        "total": { "integerValue": "1" },
    });
    shop.create("sales", "00000000-0000-4000-8000-0000000000bb", &copied);
    let window = register.window("doubt").await;
    window.press(control('s')).await?;
    reads(&window, "sync-problem", "No sale is lost").await?;
    window.click("identity-open").await?;
    reads(
        &window,
        "identity",
        "numbers of this register were used twice",
    )
    .await?;
    window.pictures("3-numbers-twice").await?;
    window.fill("identity-prefix", "B").await?;
    window.fill("identity-by", "Maria").await?;
    window.click("identity-do").await?;
    in_the_cloud(&window).await?;
    window.close().await?;
    assert_eq!(
        shop.documents("sales").len(),
        3,
        "both of ours, and the other"
    );

    // A register that sells in another currency belongs to another store.
    let dollars = shop.new_register("U");
    dollars.ctl(
        &[
            "init",
            "--demo",
            "--store",
            "Corner Shop",
            "--currency",
            "USD",
        ],
        &["--register", "Till U", "--receipt-prefix", "U"],
    );
    dollars.ctl(
        &["sync", "connect"],
        &["--project", PROJECT, "--store", shop.store()],
    );
    let window = dollars.window("doubt").await;
    window.press(control('s')).await?;
    reads(&window, "sync-headline", "Sync is stopped").await?;
    reads(&window, "sync-problem", "holds another store").await?;
    assert!(!window.shows("sync-empty").await, "somebody is needed");
    // It can be mended here, and what it is connected to stands there to be read.
    window.part("connect-do").await?;
    window.pictures("4-another-store").await?;

    // What waits for that store goes to another one only where that is meant.
    ring_up(&dollars);
    window
        .fill("connect-store", "corner-shop-in-dollars")
        .await?;
    window.click("connect-do").await?;
    reads(&window, "connect-problem", "1 upload waits for the store").await?;
    nothing_is_cut_off(&window, "connect anyway").await;
    window.pictures("5-connect-anyway").await?;
    window.click("connect-anyway").await?;
    in_the_cloud(&window).await?;
    assert_eq!(shop.documents("sales").len(), 3, "none went to the first");
    window.close().await
}
