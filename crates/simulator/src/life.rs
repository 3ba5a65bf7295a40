//! The life of a process, and how it ends: as `kill -9` ends it, at a point that the seed chose.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use counterfoil_app::sync::{Blocking, Work};
use counterfoil_store::Connection;

use crate::faults::Fault;
use crate::logs;
use crate::random::lock;
use crate::reasons::Heard;
use crate::world::World;

/// What is counted towards an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// The driver was polled.
    Await,
    /// The driver asks its database, or was answered.
    Step,
}

/// One life of a register's process. When it ends its files are copied as they are at that moment,
/// and the next life begins with the copy: what was not in the files is gone.
#[derive(Debug)]
pub(crate) struct Life {
    world: Arc<World>,
    name: String,
    dir: PathBuf,
    heir: PathBuf,
    alive: AtomicBool,
    fuse: Mutex<Option<(Point, u64)>>,
    /// Steps of SQLite's machine until the end; 0 where none is set.
    steps_left: AtomicU64,
    heard: Mutex<Heard>,
}

impl Life {
    /// A life over the files in `dir`, which leaves them to `heir`.
    pub(crate) fn new(world: Arc<World>, name: String, dir: PathBuf, heir: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            world,
            name,
            dir,
            heir,
            alive: AtomicBool::new(true),
            fuse: Mutex::default(),
            steps_left: AtomicU64::new(0),
            heard: Mutex::default(),
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it was told by the cloud.
    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }

    pub(crate) fn is_over(&self) -> bool {
        !self.alive.load(Ordering::Relaxed)
    }

    /// Ends it at the `nth` of these points.
    pub(crate) fn end_at(&self, point: Point, nth: u64) {
        *lock(&self.fuse) = Some((point, nth));
    }

    /// Ends it after so many steps of SQLite's machine on the writing connection; 0 takes that back.
    pub(crate) fn end_after_steps(&self, steps: u64) {
        self.steps_left.store(steps, Ordering::Relaxed);
    }

    /// Ends nothing any more by itself.
    pub(crate) fn spare(&self) {
        *lock(&self.fuse) = None;
        self.end_after_steps(0);
    }

    /// Counts a point; answers whether the life goes on.
    pub(crate) fn passes(&self, point: Point) -> bool {
        if self.is_over() {
            return false;
        }
        let mut fuse = lock(&self.fuse);
        match &mut *fuse {
            Some((at, left)) if *at == point => {
                *left = left.saturating_sub(1);
                if *left > 0 {
                    return true;
                }
                *fuse = None;
                drop(fuse);
                self.end(match point {
                    Point::Await => Fault::CrashAwait,
                    Point::Step => Fault::CrashStep,
                });
                false
            }
            _ => true,
        }
    }

    /// Ends it now.
    pub(crate) fn end(&self, why: Fault) {
        if !self.alive.swap(false, Ordering::Relaxed) {
            return;
        }
        // What a dead process says about its trouble is not said.
        logs::mute(true);
        self.world.occurred(why);
        self.world
            .log(|| format!("{} ends ({})", self.name, why.name()));
        if let Err(error) = self.leave_files() {
            self.world
                .broken(0, format!("the simulator cannot copy files: {error}"));
        }
        self.world.died.notify_one();
    }

    fn leave_files(&self) -> std::io::Result<()> {
        copy_database(&self.dir, &self.heir)
    }

    /// Lets `connection` stop between any two steps of SQLite's machine.
    pub(crate) fn watch_steps(self: &Arc<Self>, connection: &Connection) -> rusqlite::Result<()> {
        let life = Arc::clone(self);
        connection.progress_handler(1, Some(move || life.stops_here()))
    }

    fn stops_here(&self) -> bool {
        match self.steps_left.load(Ordering::Relaxed) {
            0 => {}
            1 => {
                self.end_after_steps(0);
                self.end(Fault::CrashWrite);
            }
            left => self.end_after_steps(left - 1),
        }
        self.is_over()
    }
}

/// Copies the database and its log, as a process that ends leaves them; the shared index is made
/// anew by whoever opens it next.
pub(crate) fn copy_database(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for name in ["counterfoil.db", "counterfoil.db-wal"] {
        let file = from.join(name);
        if file.exists() {
            fs::copy(&file, to.join(name))?;
        }
    }
    Ok(())
}

/// A future that ends with its life.
pub(crate) struct Mortal<F> {
    life: Arc<Life>,
    work: Option<Pin<Box<F>>>,
}

impl<F: Future<Output = ()>> Mortal<F> {
    pub(crate) fn new(life: Arc<Life>, work: F) -> Self {
        Self {
            life,
            work: Some(Box::pin(work)),
        }
    }
}

impl<F: Future<Output = ()>> Future for Mortal<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        logs::mute(self.life.is_over());
        let before = self.life.passes(Point::Await);
        let polled = match &mut self.work {
            Some(work) if before => work.as_mut().poll(context),
            _ => Poll::Ready(()),
        };
        if self.life.is_over() || polled.is_ready() {
            self.work = None;
            logs::mute(false);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

/// Does a process's work at once, where it is asked for. Before and after it the process may end; then
/// nobody is ever answered.
pub(crate) struct Inline(pub(crate) Arc<Life>);

impl Blocking for Inline {
    fn run(&self, work: Work) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if self.0.passes(Point::Step) {
                work();
            }
            if !self.0.passes(Point::Step) {
                std::future::pending().await
            }
        })
    }
}
