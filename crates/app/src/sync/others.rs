//! The other programs on the same database: what they did is noticed, and they are told how the sync
//! stands.

use super::blocking::blocking;
use super::driver::Parts;
use super::joined::Joined;
use crate::dto::SyncStatus;
use crate::error::Result;
use crate::status::Said;
use crate::watch::DatabaseWatch;

/// What another program has done to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing.
    Nothing,
    /// It wrote: a sale, a decision, a wish.
    News,
    /// It connected the register to another cloud, gave it another identity, or found its numbers
    /// used twice. Or whose this database is has become known, or doubtful, by the installation's file.
    Elsewhere,
}

/// What a session knows of them.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// None where the database cannot be watched.
    watch: Option<DatabaseWatch>,
    /// Something was written since the last look.
    news: bool,
    /// The status as it was read last, while nothing has been written since.
    stored: Option<SyncStatus>,
    /// What they were told last.
    said: Option<Said>,
    /// How many of their wishes have been seen.
    wishes: i64,
    /// One of them is new.
    wished: bool,
}

impl Others {
    /// Starts to watch from what the database is now.
    pub(super) async fn watch(&mut self, parts: &Parts) {
        match blocking(parts, |store| Ok((store.watch()?, store.wishes()?))).await {
            Ok((watch, wishes)) => (self.watch, self.wishes) = (Some(watch), wishes),
            Err(error) => tracing::warn!(%error, "the database cannot be watched"),
        }
    }

    /// Looks what they did: what they booked goes up too, and what belongs to another cloud than
    /// `ours` must not go to this one.
    pub(super) async fn look(&mut self, parts: &Parts, ours: &Joined) -> Seen {
        let noticed = self.notice(parts).await;
        let quiet = noticed.is_ok() && !self.news;
        // Whose this database is says a file beside it too: it may be back without anything written here.
        if quiet && ours.expected.doubt.is_none() {
            return Seen::Nothing;
        }
        let read = match noticed {
            Ok(()) => blocking(parts, |store| Ok((store.joined()?, store.wishes()?))).await,
            Err(error) => Err(error),
        };
        match read {
            Ok((joined, wishes)) => {
                self.news = false;
                self.wished |= wishes != self.wishes;
                self.wishes = wishes;
                let same = |now: &Joined| {
                    let doubted = now.expected.doubt != ours.expected.doubt;
                    let renamed = now.register_name != ours.register_name;
                    now.session() == ours.session() && !doubted && !renamed
                };
                match joined {
                    Some(now) if same(&now) && quiet => Seen::Nothing,
                    Some(now) if same(&now) => Seen::News,
                    _ => Seen::Elsewhere,
                }
            }
            Err(error) => {
                tracing::warn!(%error, "what other programs did cannot be read");
                Seen::News
            }
        }
    }

    /// What the database knows of the status. It is read again only where something was written, by whomever:
    /// a session asks after every step.
    pub(super) async fn stored(&mut self, parts: &Parts) -> Result<SyncStatus> {
        if let Err(error) = self.notice(parts).await {
            tracing::warn!(%error, "the database is not watched");
        }
        if let Some(known) = &self.stored {
            return Ok(known.clone());
        }
        let now = parts.clock.now();
        let status = blocking(parts, move |store| store.status(now)).await?;
        // Without a watch nobody would notice that it is not true any more.
        self.stored = self.watch.is_some().then(|| status.clone());
        Ok(status)
    }

    /// Notices whether anything was written since the last time; what is read afterwards is as new.
    async fn notice(&mut self, parts: &Parts) -> Result<()> {
        // A watch that fails is gone, and with it what is known by it.
        let known = self.stored.take();
        let Some(mut watch) = self.watch.take() else {
            self.watch = Some(blocking(parts, |store| store.watch()).await?);
            // Whatever was written while nobody watched.
            self.news = true;
            return Ok(());
        };
        let looked = blocking(parts, move |_| Ok((watch.changed()?, watch))).await;
        let (changed, watch) = looked?;
        self.watch = Some(watch);
        self.news |= changed;
        self.stored = known.filter(|_| !changed);
        Ok(())
    }

    /// Whether somebody has wished since the last time this was asked that all is tried at once.
    pub(super) fn wished(&mut self) -> bool {
        std::mem::take(&mut self.wished)
    }

    /// Tells them how the sync stands, where that is new.
    pub(super) async fn tell(&mut self, parts: &Parts, status: &SyncStatus) {
        let said = Said::of(status);
        if self.said.as_ref() == Some(&said) {
            return;
        }
        self.said = Some(said.clone());
        if let Err(error) = blocking(parts, move |store| store.say(said)).await {
            tracing::warn!(%error, "other programs are not told how the sync stands");
        }
    }
}
