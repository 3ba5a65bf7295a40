//! `counterfoilctl checkout --lines`, fed with carts, killed and begun again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::counter::Counter;
use crate::plan::{Draw, During, Hit, Kills, Phase, reached};

/// How many carts may wait for their answers.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);
const GOODS: [&str; 6] = [
    "COF-001", "COF-002", "COF-003", "BAK-001", "BAK-002", "BAK-003",
];

/// A cart and the sale that was printed for it.
#[derive(Clone, Debug)]
pub(crate) struct Printed {
    pub(crate) cart: Value,
    pub(crate) sale: Value,
}

/// What a register's customers were given, by cart.
#[derive(Clone, Debug)]
pub(crate) struct Sold {
    pub(crate) register: String,
    pub(crate) printed: BTreeMap<String, Printed>,
}

/// Sells at one register.
pub(crate) struct Seller {
    counter: Counter,
    kills: Kills,
    draw: Draw,
    hits: UnboundedSender<Hit>,
    /// Carts that were sent and not answered, the oldest first.
    unanswered: VecDeque<Value>,
    printed: BTreeMap<String, Printed>,
}

/// One process of it.
struct Life {
    child: Child,
    carts: Option<ChildStdin>,
    sales: Lines<BufReader<ChildStdout>>,
    /// How many answers are owed by this process.
    owed: usize,
}

impl Seller {
    pub(crate) fn new(
        counter: Counter,
        kills: Kills,
        draw: Draw,
        hits: UnboundedSender<Hit>,
    ) -> Self {
        Self {
            counter,
            kills,
            draw,
            hits,
            unanswered: VecDeque::new(),
            printed: BTreeMap::new(),
        }
    }

    /// Sells until it is stopped, and then until every cart is answered.
    pub(crate) async fn sell(mut self, mut phase: watch::Receiver<Phase>) -> Sold {
        while let Some(kill) = self.kills.pop_front() {
            let mut life = self.begin().await;
            self.live(&mut life, sleep(kill.after)).await;
            if let Some(within) = kill.within {
                for _ in 0..AT_ONCE {
                    self.send_another(&mut life).await;
                }
                sleep(within).await;
            }
            self.kill(life).await;
        }
        let mut life = self.begin().await;
        self.live(&mut life, reached(&mut phase, Phase::Draining))
            .await;
        self.end(life).await;
        Sold {
            register: self.counter.name,
            printed: self.printed,
        }
    }

    /// Starts the program and sends again what was not answered, and one cart that was.
    async fn begin(&mut self) -> Life {
        let mut child = self
            .counter
            .beside(&["checkout", "--lines", "-"])
            .spawn()
            .expect("counterfoilctl runs");
        let sales = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut life = Life {
            carts: child.stdin.take(),
            child,
            sales,
            owed: 0,
        };
        let answered = self.printed.values().next_back();
        let again = self
            .unanswered
            .iter()
            .chain(answered.map(|before| &before.cart));
        for cart in again.cloned().collect::<Vec<_>>() {
            life.send(&cart).await;
        }
        life
    }

    /// Feeds it with carts in bursts and takes down what it prints, until `end`.
    async fn live(&mut self, life: &mut Life, end: impl Future<Output = ()>) {
        tokio::pin!(end);
        let mut send_at = Instant::now();
        loop {
            tokio::select! {
                () = &mut end => return,
                line = life.sales.next_line() => match line.expect("UTF-8") {
                    Some(line) => self.take_down(life, &line),
                    None => panic!("{}: checkout ended by itself", self.counter.name),
                },
                () = sleep_until(send_at), if life.owed < AT_ONCE => {
                    self.send_another(life).await;
                    // Customers come in bursts; between them it waits.
                    let pause = match self.draw.between(0, 4) {
                        0 => self.draw.ms(300, 1_500),
                        _ => self.draw.ms(0, 60),
                    };
                    send_at = Instant::now() + pause;
                }
            }
        }
    }

    async fn send_another(&mut self, life: &mut Life) {
        let cart = self.cart();
        self.unanswered.push_back(cart.clone());
        life.send(&cart).await;
    }

    async fn kill(&mut self, mut life: Life) {
        life.child.start_kill().expect("it runs");
        life.child.wait().await.expect("it is dead");
        // What it had printed was printed; a line that breaks off was not.
        while let Ok(Some(line)) = life.sales.next_line().await {
            if serde_json::from_str::<Value>(&line).is_ok() {
                self.take_down(&mut life, &line);
            }
        }
        let during = match life.owed {
            0 => During::Idle,
            _ => During::Checkout,
        };
        let program = "checkout --lines";
        // Nobody listens once the round has failed.
        let _ = self.hits.send(Hit { program, during });
    }

    async fn end(&mut self, mut life: Life) {
        drop(life.carts.take());
        let rest = async {
            while let Some(line) = life.sales.next_line().await.expect("UTF-8") {
                self.take_down(&mut life, &line);
            }
            life.child.wait().await.expect("it ended")
        };
        let status = timeout(PATIENCE, rest)
            .await
            .expect("every cart is answered");
        assert!(status.success(), "{}: {status}", self.counter.name);
        assert!(
            self.unanswered.is_empty(),
            "not answered: {:?}",
            self.unanswered
        );
    }

    fn take_down(&mut self, life: &mut Life, line: &str) {
        let sale: Value = serde_json::from_str(line).expect("a sale");
        life.owed = life.owed.saturating_sub(1);
        let id = sale["cartId"].as_str().expect("a cart's id").to_owned();
        if let Some(before) = self.printed.get(&id) {
            for field in ["saleId", "receiptNumber", "digest"] {
                assert_eq!(
                    before.sale[field], sale[field],
                    "the same cart, another sale"
                );
            }
        }
        let cart = self
            .unanswered
            .iter()
            .position(|cart| cart["cartId"] == id.as_str());
        if let Some(cart) = cart.and_then(|at| self.unanswered.remove(at)) {
            self.printed.insert(id, Printed { cart, sale });
        }
    }

    fn cart(&mut self) -> Value {
        let id = uuid::Builder::from_random_bytes({
            let (high, low) = (self.draw.next(), self.draw.next());
            (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
        });
        let lines = (0..self.draw.between(1, 5)).map(|_| {
            let which = usize::try_from(self.draw.between(0, GOODS.len() as u64));
            let sku = GOODS[which.expect("one of them")];
            json!({ "sku": sku, "quantity": self.draw.between(1, 40).to_string() })
        });
        let lines: Vec<Value> = lines.collect();
        json!({
            "cartId": id.into_uuid(), "lines": lines, "cashier": "Ann",
            "tenders": [{ "method": "cash", "amount": 1_000_000 }],
        })
    }
}

impl Life {
    async fn send(&mut self, cart: &Value) {
        self.owed += 1;
        let pipe = self.carts.as_mut().expect("it takes carts");
        let line = format!("{cart}\n");
        pipe.write_all(line.as_bytes())
            .await
            .expect("it reads them");
    }
}
