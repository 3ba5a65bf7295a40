//! A register over all its lives: the real till, the real driver, a database in real files.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use counterfoil_app::db::Db;
use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::{Connect, Parts, SyncHandle, SyncSettings, Wake, driver};
use counterfoil_app::{AppError, Till};
use counterfoil_domain::document::Fields;
use counterfoil_domain::{Clock, IdSource, RegisterId};
use counterfoil_store::StoreError;
use tokio::task::JoinHandle;

use crate::books::{self, Books, Waits};
use crate::carts::Cart;
use crate::cloud::{Account, Cloud, short};
use crate::controls::{self, Control};
use crate::faults::Fault;
use crate::identities::Standing;
use crate::life::{Inline, Life, Mortal, Point};
use crate::network::{Link, Plug};
use crate::random::{Dice, SeededIds};
use crate::template;
use crate::world::{SkewedClock, World};

/// SQLite's own bound on a database's pages: a disk with room.
const MAX_PAGES: i64 = 1_073_741_823;

/// A sale that a checkout or a decision returned: what the reference model knows, whole.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    pub(crate) fields: Fields,
}

/// A customer who stands at the register, and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) cart: Cart,
    /// The window's cart and what is offered for it, once that was asked for.
    pub(crate) paying: Option<counterfoil_app::dto::CheckoutInput>,
    /// The sale that is on disk since nobody saw the answer.
    pub(crate) unseen: Option<String>,
}

/// What runs while the process lives.
pub(crate) struct Open {
    pub(crate) life: Arc<Life>,
    pub(crate) till: Till,
    pub(crate) handle: SyncHandle,
    task: JoinHandle<()>,
}

/// One register.
pub(crate) struct Desk {
    pub(crate) number: usize,
    /// Who it is now.
    pub(crate) register: RegisterId,
    /// How often it has become another one.
    pub(crate) identities: u64,
    pub(crate) standing: Standing,
    /// The registers of which it was a twin, and whose numbers it found to be used twice.
    pub(crate) noticed: BTreeSet<RegisterId>,
    /// What its status line said last.
    said: Option<SyncPhase>,
    /// When somebody confirms a new identity, in virtual milliseconds.
    pub(crate) confirm_at_ms: Option<u64>,
    pub(crate) world: Arc<World>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) link: Arc<Link>,
    pub(crate) clock: Arc<SkewedClock>,
    pub(crate) ids: Arc<SeededIds>,
    pub(crate) open: Option<Open>,
    pub(crate) waiting: VecDeque<Waiting>,
    pub(crate) receipts: Vec<Receipt>,
    /// Managers' draws.
    pub(crate) managers: Dice,
    /// When the process starts again, in virtual milliseconds.
    pub(crate) back_at_ms: Option<u64>,
    pub(crate) is_full: bool,
    pub(crate) control: Option<Control>,
    /// A backup that was made, and one that is to be put back.
    pub(crate) backup: Option<PathBuf>,
    pub(crate) to_restore: Option<PathBuf>,
    /// What stood in the databases that were replaced.
    pub(crate) before: Vec<Arc<Books>>,
    pub(crate) seed: u64,
    pub(crate) root: PathBuf,
    lives: u64,
}

impl Desk {
    /// A register that is set up, and not open yet.
    pub(crate) fn new(
        number: usize,
        register: RegisterId,
        world: &Arc<World>,
        cloud: &Arc<Cloud>,
        (seed, control): (u64, Option<Control>),
        root: PathBuf,
    ) -> Self {
        let nth = u64::try_from(number).unwrap_or(0);
        let of = |purpose| Dice::of(seed, purpose, nth);
        let account = Account {
            name: format!("{}/{number}", short(register)),
            registers: [register].into(),
            is_trusted: true,
        };
        let clock = Arc::new(SkewedClock::new(Arc::clone(world)));
        let way = (Arc::clone(&clock), of("network"));
        let link = Link::new(Arc::clone(world), Arc::clone(cloud), account, way);
        Self {
            number,
            register,
            identities: 0,
            standing: Standing::Own,
            noticed: BTreeSet::new(),
            said: None,
            confirm_at_ms: None,
            world: Arc::clone(world),
            cloud: Arc::clone(cloud),
            link,
            clock,
            ids: Arc::new(SeededIds::new(of("ids"))),
            open: None,
            waiting: VecDeque::new(),
            receipts: Vec::new(),
            managers: of("decisions"),
            back_at_ms: Some(0),
            is_full: false,
            control,
            backup: None,
            to_restore: None,
            before: Vec::new(),
            seed,
            root,
            lives: 0,
        }
    }

    /// The folder of a life.
    pub(crate) fn dir(&self, life: u64) -> PathBuf {
        self.root
            .join(format!("desk{}", self.number))
            .join(life.to_string())
    }

    /// Puts the database of a new register there.
    pub(crate) fn lay_out(&self) -> Result<(), AppError> {
        template::lay_out(self.number, &self.dir(0))
    }

    /// Starts the process over what the last one left.
    pub(crate) fn start(&mut self) -> Result<(), AppError> {
        let (dir, heir) = (self.dir(self.lives), self.dir(self.lives + 1));
        let name = short(self.register);
        if self.lives > 0 {
            let before = self.dir(self.lives - 1);
            self.stay(&before, &self.places(before.clone()).config, &dir)?;
        }
        if let Some(file) = self.to_restore.clone() {
            self.restore(&dir, &file)?;
            self.to_restore = None;
        }
        let life = Life::new(Arc::clone(&self.world), name.clone(), dir, heir);
        self.world.log(|| format!("{name} starts"));
        let clock: Arc<dyn Clock> = Arc::<SkewedClock>::clone(&self.clock);
        let ids: Arc<dyn IdSource> = Arc::<SeededIds>::clone(&self.ids);
        let till = Till::open(&self.places(life.dir().to_owned()), Arc::clone(&clock), ids)?;
        let db = till.db()?.clone();
        self.learn_identity(&till)?;
        let remembered = db.read(books::clock_offset)?;
        self.link.begin(remembered);
        if let Some(control) = self.control {
            controls::prepare(control, &db)?;
        }
        self.set_fuse(&life, &db)?;
        let nth = u64::try_from(self.number).unwrap_or(0) * 10_000 + self.lives;
        let parts = Parts {
            store: Arc::new(db.clone()),
            connect: self.plug(&life, &db),
            clock,
            ids: Arc::new(SeededIds::new(Dice::of(self.seed, "waits", nth))),
            settings: SyncSettings::default(),
            blocking: Arc::new(Inline(Arc::clone(&life))),
        };
        let (handle, work) = driver(parts.clone());
        till.attach_sync(handle.clone());
        let task = match self.control {
            Some(Control::Founding) => {
                let work = crate::founding::upload(
                    db,
                    Arc::clone(&self.clock),
                    Arc::clone(&self.link),
                    Arc::clone(&life),
                );
                tokio::spawn(Mortal::new(Arc::clone(&life), work))
            }
            _ => tokio::spawn(Mortal::new(Arc::clone(&life), work)),
        };
        self.open = Some(Open {
            life,
            till,
            handle,
            task,
        });
        self.lives += 1;
        self.back_at_ms = None;
        self.forget_former_life();
        if self.is_full {
            self.set_full(true);
        }
        self.check_on_disk();
        Ok(())
    }

    /// Looks at the status line.
    pub(crate) fn look(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return;
        };
        let state = open.handle.status().borrow().state;
        if self.said != Some(state) {
            self.said = Some(state);
            self.world.says(state);
        }
    }

    /// What the last but one process left is nobody's any more: a run needs no more room than its
    /// registers.
    fn forget_former_life(&self) {
        if let Some(former) = self.lives.checked_sub(3) {
            let _ = std::fs::remove_dir_all(self.dir(former));
        }
    }

    fn plug(&self, life: &Arc<Life>, db: &Db) -> Arc<dyn Connect> {
        let plug = Plug {
            link: Arc::clone(&self.link),
            life: Arc::clone(life),
        };
        match self.control {
            Some(control) => controls::connect(control, plug, db, self.number == 0),
            None => Arc::new(plug),
        }
    }

    /// Draws how this life ends, if by itself.
    fn set_fuse(&self, life: &Arc<Life>, db: &Db) -> Result<(), AppError> {
        if self.world.plan.rate(Fault::CrashWrite) > 0 {
            let watched = Arc::clone(life);
            db.with_writer(move |store| {
                watched
                    .watch_steps(store.connection())
                    .map_err(StoreError::from)
            })?;
        }
        let nth = u64::try_from(self.number).unwrap_or(0) * 10_000 + self.lives;
        let mut dice = Dice::of(self.seed, "life", nth);
        let (at, among) = (dice.draw(), dice.draw());
        let mut ends = |fault| dice.happens(self.world.rate(fault));
        let (wait, step, write) = (
            ends(Fault::CrashAwait),
            ends(Fault::CrashStep),
            ends(Fault::CrashWrite),
        );
        match among % 3 {
            0 if wait => life.end_at(Point::Await, at % 300 + 1),
            1 if step => life.end_at(Point::Step, at % 600 + 1),
            2 if write => life.end_after_steps(at % 60_000 + 1),
            _ => {}
        }
        Ok(())
    }

    /// Ends what is left of a process that has ended. Answers whether there was one.
    pub(crate) fn bury(&mut self) -> bool {
        if !self.open.as_ref().is_some_and(|open| open.life.is_over()) {
            return false;
        }
        if let Some(open) = self.open.take() {
            open.task.abort();
        }
        let mut dice = Dice::of(self.seed, "rest", self.lives << 16 | self.number as u64);
        let now = u64::try_from(self.world.elapsed_ms()).unwrap_or(0);
        self.back_at_ms = Some(now + dice.between(50, 6_000));
        true
    }

    /// Fills the disk, or makes room.
    pub(crate) fn set_full(&mut self, full: bool) {
        self.is_full = full;
        let Some(open) = &self.open else { return };
        let Ok(db) = open.till.db() else { return };
        let set = db.with_writer(move |store| -> Result<(), StoreError> {
            let conn = store.connection();
            let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            let pages = if full { pages } else { MAX_PAGES };
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(conn.query_row(&sql, [], |_| Ok(()))?)
        });
        // A process that ends at this very moment has its disk set with its next one.
        if let Err(error) = set
            && !open.life.is_over()
        {
            self.world
                .broken(0, format!("the disk cannot be set: {error}"));
        }
    }

    /// Lets nothing end this life any more, and wakes its sync as a network that is back does.
    pub(crate) fn heal(&mut self, wake: bool) {
        self.link.cut(false);
        self.set_full(false);
        if let Some(open) = &self.open {
            open.life.spare();
            if wake {
                open.handle.wake(Wake::Network);
            }
        }
    }

    /// Reads the register's own books.
    pub(crate) fn books<T>(
        &self,
        read: impl FnOnce(&counterfoil_store::Connection) -> Result<T, StoreError>,
    ) -> Option<T> {
        let db = self.open.as_ref()?.till.db().ok()?;
        match db.read(read) {
            Ok(read) => Some(read),
            Err(error) => {
                let name = short(self.register);
                self.world
                    .broken(1, format!("{name}: the books cannot be read: {error}"));
                None
            }
        }
    }

    /// How much waits, and how many checks are owed.
    ///
    /// Sales that the rules deny for good, and of whose register none was accepted since, do not count where they
    /// are as many as mean the session, nor where they stand in the list in doubt: it cannot know better yet
    /// (`docs/adr/0021`).
    pub(crate) fn waiting(&self) -> Option<(i64, i64)> {
        const A_ROW: usize = 5;
        let life = &self.open.as_ref()?.life;
        let (groups, owed) = self.books(|conn| Ok((books::waits(conn)?, books::owed(conn)?)))?;
        let heard = life.heard();
        let (doubtful, others): (Vec<&Waits>, Vec<&Waits>) = groups
            .iter()
            .partition(|one| one.is_bad && heard.is_in_doubt(one.is_sale, &one.sale));
        let sent = doubtful.iter().filter(|one| !one.is_listed);
        let is_row = sent.count() >= A_ROW;
        let knows_better = |one: &&&Waits| one.is_sale && !one.is_listed && !is_row;
        let waiting = others.len() + doubtful.iter().filter(knows_better).count();
        Some((i64::try_from(waiting).unwrap_or(i64::MAX), owed))
    }

    /// Rule 1: what was returned is on disk, as it was returned.
    pub(crate) fn check_on_disk(&self) {
        let read = |conn: &_| {
            let missing = self.receipts.iter().filter_map(|receipt| {
                let there = books::record(conn, &receipt.id);
                match there {
                    Ok(Some(fields)) if fields == receipt.fields => None,
                    Ok(Some(_)) => Some(Ok(format!("{} is another one on disk", receipt.id))),
                    Ok(None) => Some(Ok(format!("{} is not on disk", receipt.id))),
                    Err(error) => Some(Err(error)),
                }
            });
            missing.collect::<Result<Vec<_>, StoreError>>()
        };
        for missing in self.books(read).unwrap_or_default() {
            self.world.broken(1, missing);
        }
    }
}
