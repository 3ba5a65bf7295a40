//! The script: everything that the program asks of its cloud, and what it must never be allowed.

use std::fmt::Debug;
use std::sync::Arc;

use counterfoil_app::dto::{ChoiceKind, ResolveInput};
use counterfoil_app::sync::SyncStore as _;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{
    AnyOf, Archive, Collection, Create, Cursor, Days, DocumentName, DuplicateQuery, FailureKind,
    Found, Group, NumberQuery, Outcome, Printing, RegisterClaim, Remote, RemoteError, Revision,
};
use counterfoil_tests::rig::register::Register;
use serde_json::{Value, json};

mod decisions;

/// What a register would send: sales as they are signed, a losing version, a decision with its copy.
#[derive(Clone)]
pub(crate) struct Books {
    pub(crate) register: RegisterId,
    installation: String,
    sales: Vec<Create>,
    conflict: Vec<Create>,
    decision: Vec<Create>,
}

impl Books {
    /// Sells, loses one sale and decides about it, without any cloud.
    pub(crate) fn of(register: &Register) -> Self {
        let db = register.db();
        let claim = || -> Vec<Group> {
            let now = register.till.clock().now();
            db.claim(100, usize::MAX, now).expect("claimed").0
        };
        for goods in [
            [("espresso", "1"), ("bread", "2")],
            [("butter", "3"), ("apples", "0.250")],
            [("bread", "1"), ("butter", "1")],
            [("espresso", "1"), ("bread", "2")],
        ] {
            register.sell(&goods);
        }
        let groups = claim();
        let lost = groups.last().expect("a sale");
        let failed = Outcome::Failed {
            group: lost.id,
            kind: FailureKind::SameId,
            message: "another one is there".to_owned(),
            remote: None,
        };
        let now = register.till.clock().now();
        db.record(vec![failed], now).expect("listed");
        let sales = groups.iter().flat_map(|group| group.creates.clone());
        let conflict = claim();
        let decided = register.till.resolve_failed(ResolveInput {
            sale_id: lost.sale_id.to_string(),
            choice: ChoiceKind::RecordSeparately,
            reason: "both are real".to_owned(),
            by: "Maria".to_owned(),
            money: None,
            card_reference: None,
            restock: None,
            restock_lines: Vec::new(),
        });
        decided.expect("decided");
        let decision = claim();
        let of = |groups: Vec<Group>| groups.into_iter().flat_map(|group| group.creates).collect();
        let identity = register.till.identity().expect("an identity");
        let installation = db.installation().and_then(|one| one.id());
        Self {
            register: identity.register_id.parse().expect("an id"),
            installation: installation.expect("an installation").to_string(),
            sales: sales.collect(),
            conflict: of(conflict),
            decision: of(decision),
        }
    }

    fn claim(&self, last_sequence: i64, revision: Option<Revision>) -> RegisterClaim {
        RegisterClaim {
            register_id: self.register,
            installation_id: self.installation.clone(),
            receipt_prefix: "A".to_owned(),
            name: "Till A".to_owned(),
            last_sequence,
            version: "0.1.0".to_owned(),
            revision,
        }
    }
}

/// One run: what was asked, by name, and what was answered, without what no two runs share.
pub(crate) struct Script {
    a: Arc<dyn Remote>,
    b: Arc<dyn Remote>,
    archive: Arc<dyn Archive>,
    of_a: Books,
    of_b: Books,
    said: Vec<(String, String)>,
    begun: Option<Timestamp>,
}

type Answer<T> = Result<T, RemoteError>;

fn words<T: Debug>(answer: Answer<T>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("{:?}", error.code),
    }
}

fn named(sale: &Create, n: u32) -> Create {
    let id = format!("00000000-0000-4000-8000-{n:012}");
    with(sale, &id, "saleId", json!(id))
}

fn with(sale: &Create, id: &str, field: &str, value: Value) -> Create {
    let mut other = sale.clone();
    id.clone_into(&mut other.name.id);
    Arc::make_mut(&mut other.fields).insert(field.to_owned(), value);
    other
}

fn noted(sale: &Create, n: u32, bytes: usize) -> Create {
    let mut large = named(sale, n);
    Arc::make_mut(&mut large.fields)["lines"][0]["note"] = json!("x".repeat(bytes));
    large
}

fn text(fields: &Fields, name: &str) -> String {
    fields
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

impl Script {
    pub(crate) fn new(
        a: Arc<dyn Remote>,
        b: Arc<dyn Remote>,
        archive: Arc<dyn Archive>,
        [of_a, of_b]: [Books; 2],
    ) -> Self {
        Self {
            a,
            b,
            archive,
            of_a,
            of_b,
            said: Vec::new(),
            begun: None,
        }
    }

    fn say(&mut self, what: &str, answer: impl Into<String>) {
        self.said.push((what.to_owned(), answer.into()));
    }

    /// A write: whether it was taken.
    fn wrote(&mut self, what: &str, answer: Answer<Timestamp>) {
        if let (None, Ok(at)) = (self.begun, &answer) {
            self.begun = Some(*at);
        }
        self.say(what, words(answer.map(|_| "taken")));
    }

    async fn commit(&mut self, what: &str, creates: &[Create]) {
        let answer = Arc::clone(&self.a).commit(creates).await;
        self.wrote(what, answer);
    }

    /// Which of these are there, with the content that was sent and the time of one commit.
    async fn there(&mut self, what: &str, creates: &[&Create]) {
        let names: Vec<DocumentName> = creates.iter().map(|one| one.name.clone()).collect();
        let answer = Arc::clone(&self.a).get(&names).await;
        let answer = answer.map(|all| {
            let each = all.iter().zip(creates).map(|(found, sent)| match found {
                None => "absent".to_owned(),
                Some(found) => self.like(found, sent),
            });
            each.collect::<Vec<_>>().join(", ")
        });
        self.say(what, words(answer));
    }

    fn like(&self, found: &Found, sent: &Create) -> String {
        let Ok(fields) = &found.fields else {
            return "unreadable".to_owned();
        };
        let mut own = fields.clone();
        let added = (own.remove("storeId").is_some(), own.remove("createdAt"));
        let servers = added.1 == Some(json!(found.created_at))
            && self.begun.is_some_and(|begun| found.created_at >= begun);
        let same = own == *sent.fields;
        format!(
            "there (same {same}, store {}, server's time {servers})",
            added.0
        )
    }

    /// Runs all of it.
    pub(crate) async fn run(mut self) -> Vec<(String, String)> {
        self.store().await;
        self.registers().await;
        self.sales().await;
        self.refusals().await;
        self.limits().await;
        self.decisions().await;
        self.forgeries().await;
        self.queries().await;
        self.proof().await;
        self.said
    }

    async fn store(&mut self) {
        let store = self
            .a
            .store()
            .await
            .map(|store| store.map(|one| one.currency));
        self.say("read the store", words(store));
        let again = self.a.create_store("Corner shop", "EUR").await;
        self.wrote("create the store again", again);
    }

    async fn registers(&mut self) {
        let (a, books) = (Arc::clone(&self.a), self.of_a.clone());
        let read = async || {
            let read = a.register(books.register).await;
            read.expect("read").map(|there| there.revision)
        };
        self.say(
            "read a register that is not there",
            words(Ok(read().await.is_some())),
        );
        let claimed = a.claim_register(&books.claim(3, None)).await;
        let came = claimed.clone().ok();
        self.wrote("claim a register", claimed);
        let first = read().await;
        let again = a.claim_register(&books.claim(3, None)).await;
        self.wrote("claim it as if it were not there", again);
        let claimed = a.claim_register(&books.claim(4, first)).await;
        self.wrote("claim it as it was read", claimed);
        let second = read().await;
        self.say(
            "a claim changes what guards the next",
            words(Ok(first != second)),
        );
        let stale = a.claim_register(&books.claim(5, first)).await;
        self.wrote("claim it as it was before", stale);
        let lower = a.claim_register(&books.claim(2, second)).await;
        self.wrote("claim it with fewer receipts", lower);
        let mut other = books.claim(5, second);
        other.installation_id = "another".to_owned();
        let other = a.claim_register(&other).await;
        self.wrote("claim it for another installation", other);
        let foreign = a.claim_register(&self.of_b.claim(1, None)).await;
        self.wrote("claim another account's register", foreign);
        let there = a.register(books.register).await.map(|there| {
            let there = there.expect("it is there");
            (
                there.last_sequence,
                there.installation_id == Some(books.installation.clone()),
            )
        });
        self.say("what stands of it in the end", words(there));
        let told = |one: Printing| {
            let own = one.register_id == books.register.to_string();
            let first = Some(one.created_at) == came;
            (own, one.name, one.last_sequence, first)
        };
        for prefix in ["A", "Z"] {
            let series = a.printing(prefix).await;
            let series = series.map(|all| all.into_iter().map(told).collect::<Vec<_>>());
            self.say(&format!("who prints receipts {prefix}"), words(series));
        }
    }

    async fn sales(&mut self) {
        let [one, two, three, _] = self.four();
        self.commit("create a sale", std::slice::from_ref(&one))
            .await;
        self.commit("the same again", std::slice::from_ref(&one))
            .await;
        self.commit(
            "one that is there and one that is not",
            &[one.clone(), two.clone()],
        )
        .await;
        self.there("what is there after that", &[&one, &two, &three])
            .await;
        self.commit("two at once", &[two.clone(), three.clone()])
            .await;
        self.there("all in their order", &[&three, &one, &two])
            .await;
        let changed = with(&one, &one.name.id, "cashierName", json!("Somebody"));
        self.commit("another content under an id that is there", &[changed])
            .await;
        self.there("what was there first stays", &[&one]).await;
    }

    fn four(&self) -> [Create; 4] {
        let sales = self.of_a.sales.clone();
        sales.try_into().expect("four sales")
    }

    async fn refusals(&mut self) {
        let [one, .., four] = self.four();
        let foreign = self.of_b.sales[0].clone();
        self.commit("another register's sale", std::slice::from_ref(&foreign))
            .await;
        let own = named(&one, 1);
        self.commit(
            "another's sale among one's own",
            &[own.clone(), foreign.clone()],
        )
        .await;
        self.there("neither is there", &[&own, &foreign]).await;
        self.commit(
            "another's sale beside one that is there",
            &[one.clone(), foreign],
        )
        .await;
        let unknown = with(
            &named(&one, 2),
            &named(&one, 2).name.id,
            "loyalty",
            json!(1),
        );
        self.commit("a field that no sale has", &[unknown]).await;
        let mut less = named(&one, 3);
        Arc::make_mut(&mut less.fields).remove("cashierName");
        self.commit("a sale without a field", &[less]).await;
        let mut misnamed = one.clone();
        misnamed.name.id = named(&one, 4).name.id;
        self.commit("a sale under another name than its own", &[misnamed])
            .await;
        self.commit(
            "one document twice in a commit",
            &[four.clone(), four.clone()],
        )
        .await;
        self.there("nothing of all that is there", &[&four]).await;
    }

    async fn limits(&mut self) {
        let one = self.four()[0].clone();
        let many: Vec<Create> = (0..500).map(|n| named(&one, 1_000 + n)).collect();
        self.commit("500 sales in one commit", &many).await;
        // The other register's, of other goods: what only one of the two takes changes no later count.
        let other = self.of_b.sales[2].clone();
        let beyond: Vec<Create> = (0..501).map(|n| named(&other, 2_000 + n)).collect();
        let beyond = Arc::clone(&self.b).commit(&beyond).await;
        self.wrote("501 sales in one commit", beyond);
        self.commit(
            "a document of almost 1 MiB",
            &[noted(&one, 3_000, 1_000_000)],
        )
        .await;
        self.commit(
            "a document of more than 1 MiB",
            &[noted(&one, 3_001, 1_100_000)],
        )
        .await;
        for (megabytes, from) in [(3, 3_100), (9, 3_200), (12, 3_300)] {
            let large: Vec<Create> = (0..megabytes)
                .map(|n| noted(&other, from + n, 1_000_000))
                .collect();
            let large = Arc::clone(&self.b).commit(&large).await;
            self.wrote(&format!("a commit of {megabytes} MB"), large);
        }
    }

    async fn queries(&mut self) {
        let (a, [one, two, ..]) = (Arc::clone(&self.a), self.four());
        let query = |sale: &Create, from_ms, to_ms| {
            let sold_at: Timestamp = text(&sale.fields, "soldAt").parse().expect("a time");
            DuplicateQuery {
                fingerprint: text(&sale.fields, "fingerprint").parse().expect("a digest"),
                from: sold_at.plus_ms(from_ms),
                to: sold_at.plus_ms(to_ms),
            }
        };
        let windows = [
            query(&one, -60_000, 60_000),
            query(&two, -60_000, 60_000),
            query(&two, 0, 0),
            query(&two, 1, 60_000),
            query(&two, -60_000, -1),
        ];
        self.say(
            "sales of the same goods, counted",
            words(a.count(&windows).await),
        );
        let any = AnyOf {
            fingerprints: windows[..2].iter().map(|one| one.fingerprint).collect(),
            from: windows[0].from,
            to: windows[0].to,
        };
        self.say(
            "any of several goods, counted",
            words(a.count_any(&any).await),
        );
        let ids = |found: Vec<Found>| -> Vec<String> {
            found.into_iter().map(|found| found.name.id).collect()
        };
        let twins = a.duplicates(&windows[1], 10).await.map(ids);
        self.say("the same goods, read", words(twins));
        let few = a.duplicates(&windows[0], 3).await.map(|found| found.len());
        self.say("the same goods, three at most", words(few));
        let numbers = |from, to| NumberQuery {
            register_id: self.of_a.register,
            from,
            to,
        };
        let asked = [(1, None), (2, Some(3)), (3, None), (9, None)].map(|(a, b)| numbers(a, b));
        for (asked, what) in asked.iter().zip(["all", "some", "the later", "unused"]) {
            self.say(
                &format!("{what} receipt numbers, counted"),
                words(a.count_numbers(asked).await),
            );
        }
        let begun = self.begun.expect("something was written");
        for collection in [Collection::SaleConflicts, Collection::SaleResolutions] {
            let found = a.created_since(collection, begun, 10).await.map(ids);
            self.say(
                &format!("{} since the beginning", collection.as_str()),
                words(found),
            );
            let none = a
                .created_since(collection, begun.plus_ms(86_400_000), 10)
                .await;
            self.say(
                &format!("{} of tomorrow", collection.as_str()),
                words(none.map(ids)),
            );
        }
    }

    async fn proof(&mut self) {
        let archive = Arc::clone(&self.archive);
        let day = text(&self.four()[0].fields, "businessDay");
        let days = Days::one(self.of_a.register, &day);
        self.say(
            "a day's sales, counted and added up",
            words(archive.totals(&days).await),
        );
        let other = Days::one(self.of_a.register, "1999-01-01");
        self.say("a day without sales", words(archive.totals(&other).await));
        let (mut read, mut after): (Vec<String>, Option<Cursor>) = (Vec::new(), None);
        let mut pages = 0;
        loop {
            let page = archive.sales_of(&days, after.as_ref(), 100).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    return self.say("a day's sales, page by page", words::<()>(Err(error)));
                }
            };
            pages += 1;
            read.extend(page.found.into_iter().map(|found| found.name.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let sorted = read.is_sorted();
        let what = format!("{} in {pages} pages, in order {sorted}", read.len());
        self.say("a day's sales, page by page", what);
        let [one, .., four] = self.four();
        let absent = named(&four, 9_999);
        let found = archive.documents(&[one.name, absent.name]).await;
        let found = found.map(|all| all.iter().map(Option::is_some).collect::<Vec<_>>());
        self.say("documents by name", words(found));
    }
}
