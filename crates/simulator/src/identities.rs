//! Who a register is: its installation, and the identity that a copy takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterfoil_app::dto::{InstallationState, NewIdentityInput};
use counterfoil_app::{AppError, ErrorCode, Installation, Places, Till};
use counterfoil_domain::RegisterId;
use counterfoil_sync::Collection;
use serde_json::Value;

use crate::books;
use crate::cloud::short;
use crate::desk::Desk;
use crate::faults::Fault;
use crate::life::copy_database;
use crate::logs;
use crate::random::Dice;
use crate::run::trouble;

/// How a register stands to the identity that its database names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is nobody else's.
    Own,
    /// Its database was copied without its installation: it must be refused whatever it does.
    Copy,
    /// It was copied with all that tells it from others, or it is what was copied so, and has been no other register
    /// since.
    Twin,
}

impl Desk {
    /// The folders of a process whose data lie in `data`.
    pub(crate) fn places(&self, data: PathBuf) -> Places {
        Places {
            data,
            config: self.config(),
        }
    }

    /// The configuration folder of the register's computer.
    fn config(&self) -> PathBuf {
        self.root
            .join(format!("desk{}", self.number))
            .join("config")
    }

    /// On a computer a process that starts again finds its data where they were. Here each life has
    /// a folder of its own, so that its installation's file must be found under the new name.
    pub(crate) fn stay(&self, before: &Path, config: &Path, now: &Path) -> Result<(), AppError> {
        let was = Installation::of(&Places {
            data: before.to_owned(),
            config: config.to_owned(),
        });
        match was.id() {
            Some(id) => Installation::of(&self.places(now.to_owned()))
                .ensure(id)
                .map(drop),
            None => Ok(()),
        }
    }

    /// Makes this desk a copy of `original` as it is at this moment.
    pub(crate) fn become_copy(&mut self, original: &Self, whole: bool) -> Result<(), AppError> {
        let Some(open) = &original.open else {
            return Err(AppError::invalid("nothing is open"));
        };
        let (from, to) = (open.life.dir(), self.dir(0));
        copy_database(from, &to).map_err(|error| trouble("copy a database", &error))?;
        self.receipts.clone_from(&original.receipts);
        self.before.clone_from(&original.before);
        self.link.inherit(&original.link);
        self.standing = Standing::Copy;
        if whole {
            self.stay(from, &original.config(), &to)?;
            self.standing = Standing::Twin;
        }
        self.back_at_ms = Some(self.now_ms() + 1);
        let fault = if whole { Fault::Cloned } else { Fault::Copied };
        self.world.occurred(fault);
        self.world.log(|| {
            let (copy, number) = (self.number, original.number);
            format!("desk {copy} is a copy of desk {number} ({})", fault.name())
        });
        Ok(())
    }

    /// What the database says that this register is; the membership of its account follows.
    pub(crate) fn learn_identity(&mut self, till: &Till) -> Result<(), AppError> {
        let identity = till.identity()?;
        let register: RegisterId = identity.register_id.parse().map_err(|error| {
            AppError::invalid(format!("{} is no register: {error}", identity.register_id))
        })?;
        if register != self.register {
            self.register = register;
            self.identities += 1;
            self.link.continues(register);
            if self.standing == Standing::Twin {
                self.standing = Standing::Own;
            }
            self.world
                .log(|| format!("desk {} is {} now", self.number, short(register)));
        }
        let matches = identity.installation == InstallationState::Matches;
        match self.standing {
            Standing::Copy if matches => {
                self.standing = Standing::Own;
                self.link.trust(true);
            }
            Standing::Copy => self.link.trust(false),
            Standing::Own | Standing::Twin => {}
        }
        if self.standing == Standing::Own && !matches {
            self.world.broken(
                0,
                format!(
                    "desk {} does not know itself: {:?}",
                    self.number, identity.installation
                ),
            );
        }
        Ok(())
    }

    /// When somebody confirms a new identity here, if one is asked for.
    pub(crate) fn ask_for_identity(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return;
        };
        if self.confirm_at_ms.is_some() || self.standing == Standing::Own {
            return;
        }
        let asked = match self.standing {
            Standing::Copy => true,
            // The sync finds it out, or nobody does.
            _ => open
                .till
                .identity()
                .is_ok_and(|identity| identity.doubt.is_some()),
        };
        if asked {
            if self.standing == Standing::Twin {
                self.noticed.insert(self.register);
                self.check_doubt();
            }
            let nth = u64::try_from(self.number).unwrap_or(0) << 16 | self.identities;
            let mut dice = Dice::of(self.seed, "confirms", nth);
            self.confirm_at_ms = Some(self.now_ms() + dice.between(500, 20_000));
        }
    }

    /// Nobody is asked for a new identity before somebody else has used the register's numbers: something of it is in
    /// the cloud that this database does not send, or a claim with a number that it has not given out.
    fn check_doubt(&self) {
        let Some(books) = self.books(books::read) else {
            return;
        };
        let of_register = books
            .sales
            .iter()
            .filter_map(|kept| {
                let text = |field: &str| kept.record.get(field).and_then(Value::as_str);
                let sequence = kept.record.get("receiptSequence").and_then(Value::as_i64);
                sequence.filter(|_| text("registerId") == Some(&books.register))
            })
            .max()
            .unwrap_or(0);
        let claimed = self.cloud.register(self.register);
        let claimed = claimed.map_or(0, |register| register.last_sequence);
        let documents = self.cloud.documents();
        let forged = self.cloud.forged();
        let mut strangers = documents.iter().filter(|(name, stored)| {
            name.collection == Collection::Sales
                && stored.fields.get("registerId").and_then(Value::as_str) == Some(&books.register)
                && !(forged.contains(*name) && books.sends(&name.id))
                && !books.is_own(&name.id, &stored.fields)
        });
        if claimed <= of_register && strangers.next().is_none() {
            let what = format!(
                "desk {} doubts that it is {} although nobody else was",
                self.number,
                short(self.register)
            );
            self.world.broken(2, what);
        }
    }

    /// Somebody confirms a new identity, where one is asked for and it is time.
    pub(crate) fn confirm_identity(&mut self) {
        let now = self.now_ms();
        if self.confirm_at_ms.is_none_or(|at| at > now) {
            return;
        }
        logs::mute(false);
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return;
        };
        let till = open.till.clone();
        let nth = u64::try_from(self.number).unwrap_or(0) << 32 | now;
        let mut dice = Dice::of(self.seed, "identity", nth);
        let at_risk = dice.happens(self.world.rate(Fault::CrashWrite));
        if at_risk {
            open.life.end_after_steps(dice.between(1, 3_000));
        }
        let taken = till.new_identity(&NewIdentityInput {
            receipt_prefix: format!("N{}X{}", self.number, self.identities + 1),
            by: "Mara".to_owned(),
        });
        if at_risk {
            open.life.end_after_steps(0);
        }
        if open.life.is_over() {
            return;
        }
        let learnt = taken.and_then(|_| self.learn_identity(&till));
        match learnt {
            Ok(()) => {
                self.confirm_at_ms = None;
                // The window's cart may have been paid for elsewhere, and is gone.
                self.waiting
                    .iter_mut()
                    .for_each(|waiting| waiting.paying = None);
            }
            Err(error) if error.code == ErrorCode::DiskFull => {
                self.world.occurred(Fault::DiskFull);
                self.confirm_at_ms = Some(now + 1_500);
            }
            Err(error) => {
                let what = format!("no new identity for desk {}: {error}", self.number);
                self.world.broken(1, what);
                self.confirm_at_ms = None;
            }
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.world.elapsed_ms()).unwrap_or(0)
    }

    /// Another till over the same data, as another program opens it.
    pub(crate) fn other_till(&self, data: &Path) -> Result<Till, AppError> {
        let ids = Arc::<crate::random::SeededIds>::clone(&self.ids);
        let clock = Arc::<crate::world::SkewedClock>::clone(&self.clock);
        Till::open(&self.places(data.to_owned()), clock, ids)
    }
}
