//! Negative controls: something that is made wrong on purpose. If the rules did not catch these, they
//! would prove nothing. Nothing of this is in the product: the wrong things stand beside it.

use std::sync::Arc;

use async_trait::async_trait;
use counterfoil_app::AppError;
use counterfoil_app::db::Db;
use counterfoil_app::sync::Connect;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_store::StoreError;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{
    AnyOf, Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, StoreDocument,
};

use crate::books;
use crate::network::{Line, Plug};

/// The field that [`Control::BlindDigest`] leaves out of every digest.
const UNCOMPARED: &str = "cashierName";
/// How much further [`Control::WideWindow`] looks.
const AN_HOUR_MS: i64 = 3_600_000;

/// Something that is wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The founding design, taken literally: a random document id for each attempt, and a query for
    /// the same sale in the last 60 seconds.
    Founding,
    /// The outbox calls a sale synced before it is sent.
    SyncedEarly,
    /// Digests leave one field out: whatever the product reads of the cloud has its own sale's value there, on every
    /// way to it. Then two versions have one digest exactly where they had one without that field.
    BlindDigest,
    /// What was in flight when a process ended stays so.
    NeverReleased,
    /// A server that is not there for a moment is taken for one that refuses the sale for good.
    FailsOnPassing,
    /// Of two computers that are one register, the original counts no numbers: only the copy can notice.
    DeafOriginal,
    /// Whoever proves the books is not shown what somebody else has put there as the same register.
    HiddenDoubles,
    /// Whoever proves the books of a register that another computer is, too, is not shown one of its own sales.
    HiddenSale,
    /// Whoever proves the books is not shown what landed of a sale that the register takes for one that is not there.
    HiddenLate,
    /// No check for duplicates is ever owed.
    NeverAsked,
    /// What is found to be a possible duplicate is told nobody.
    NeverTold,
    /// Sales of the same goods within the hour are taken for possible duplicates.
    WideWindow,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Founding,
        Self::SyncedEarly,
        Self::BlindDigest,
        Self::NeverReleased,
        Self::FailsOnPassing,
        Self::DeafOriginal,
        Self::HiddenDoubles,
        Self::HiddenSale,
        Self::HiddenLate,
        Self::NeverAsked,
        Self::NeverTold,
        Self::WideWindow,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Founding => "founding-design",
            Self::SyncedEarly => "synced-early",
            Self::BlindDigest => "blind-digest",
            Self::NeverReleased => "never-released",
            Self::FailsOnPassing => "fails-on-passing",
            Self::DeafOriginal => "deaf-original",
            Self::HiddenDoubles => "hidden-doubles",
            Self::HiddenSale => "hidden-sale",
            Self::HiddenLate => "hidden-late",
            Self::NeverAsked => "never-asked",
            Self::NeverTold => "never-told",
            Self::WideWindow => "wide-window",
        }
    }

    /// The control of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.name() == name)
    }
}

// A retry names another moment or a reason; a release names neither.
const NEVER_RELEASED: &str = "
CREATE TRIGGER IF NOT EXISTS never_released BEFORE UPDATE OF state ON outbox
WHEN OLD.state = 'inFlight' AND NEW.state = 'pending'
    AND NEW.not_before = OLD.not_before AND NEW.reason IS OLD.reason
BEGIN SELECT RAISE(IGNORE); END;";
const NEVER_ASKED: &str = "
CREATE TRIGGER IF NOT EXISTS never_asked BEFORE INSERT ON duplicate_checks
BEGIN SELECT RAISE(IGNORE); END;";
const NEVER_TOLD: &str = "
CREATE TRIGGER IF NOT EXISTS never_told BEFORE INSERT ON warnings
BEGIN SELECT RAISE(IGNORE); END;";

/// What a control does to a register's database.
pub(crate) fn prepare(control: Control, db: &Db) -> Result<(), AppError> {
    let trigger = match control {
        Control::NeverReleased => NEVER_RELEASED,
        Control::NeverAsked => NEVER_ASKED,
        Control::NeverTold => NEVER_TOLD,
        _ => return Ok(()),
    };
    db.write(|tx| -> Result<(), StoreError> { Ok(tx.execute_batch(trigger)?) })?;
    Ok(())
}

/// The cloud as a control reaches it; `is_first` at the register whose computer is copied.
pub(crate) fn connect(control: Control, plug: Plug, db: &Db, is_first: bool) -> Arc<dyn Connect> {
    match control {
        Control::SyncedEarly
        | Control::BlindDigest
        | Control::FailsOnPassing
        | Control::WideWindow => {}
        Control::DeafOriginal if is_first => {}
        _ => return Arc::new(plug),
    }
    Arc::new(Wrong {
        control,
        plug,
        db: db.clone(),
    })
}

struct Wrong {
    control: Control,
    plug: Plug,
    db: Db,
}

impl Connect for Wrong {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::new(WrongLine {
            control: self.control,
            line: self.plug.line(),
            db: self.db.clone(),
        })
    }
}

struct WrongLine {
    control: Control,
    line: Line,
    db: Db,
}

impl WrongLine {
    fn call_synced(&self) {
        let early = self.db.write(|tx| -> Result<(), StoreError> {
            tx.execute(
                "UPDATE outbox SET state = 'synced', created_at = 0 WHERE state = 'inFlight'",
                [],
            )?;
            Ok(())
        });
        // A full disk: then it is not early this time.
        drop(early);
    }

    /// What a digest makes of a document of which this database has a sale.
    fn seen(&self, mut found: Found) -> Found {
        if self.control == Control::BlindDigest
            && let Ok(Some(own)) = self.db.read(|conn| books::record(conn, &found.name.id))
        {
            leave_out(&mut found, &own);
        }
        found
    }
}

/// Makes the field that is left out the same in both: no digest depends on it any more.
pub(crate) fn leave_out(found: &mut Found, own: &Fields) {
    if let (Some(own), Ok(fields)) = (own.get(UNCOMPARED), &mut found.fields)
        && found.name.collection == Collection::Sales
    {
        fields.insert(UNCOMPARED.to_owned(), own.clone());
    }
}

fn wide(query: &DuplicateQuery) -> DuplicateQuery {
    DuplicateQuery {
        from: query.from.plus_ms(-AN_HOUR_MS),
        to: query.to.plus_ms(AN_HOUR_MS),
        ..query.clone()
    }
}

#[async_trait]
impl Remote for WrongLine {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        if self.control == Control::SyncedEarly {
            self.call_synced();
        }
        let mut answer = self.line.commit(creates).await;
        if let (Control::FailsOnPassing, Err(error)) = (self.control, &mut answer)
            && error.code == Code::Unavailable
        {
            error.code = Code::InvalidArgument;
        }
        answer
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let found = self.line.get(names).await?.into_iter();
        Ok(found
            .map(|found| found.map(|found| self.seen(found)))
            .collect())
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        let count = self.line.count(queries).await?;
        if self.control != Control::WideWindow {
            return Ok(count);
        }
        let wide: Vec<_> = queries.iter().map(wide).collect();
        self.line.count(&wide).await
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        let count = self.line.count_any(query).await?;
        if self.control != Control::WideWindow {
            return Ok(count);
        }
        self.line
            .count_any(&AnyOf {
                from: query.from.plus_ms(-AN_HOUR_MS),
                to: query.to.plus_ms(AN_HOUR_MS),
                ..query.clone()
            })
            .await
    }

    async fn duplicates(
        &self,
        query: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let found = self.line.duplicates(query, limit).await?;
        if self.control != Control::WideWindow {
            return Ok(found.into_iter().map(|found| self.seen(found)).collect());
        }
        self.line.duplicates(&wide(query), limit).await
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let found = self.line.created_since(collection, since, limit).await?;
        Ok(found.into_iter().map(|found| self.seen(found)).collect())
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.line.store().await
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        self.line.create_store(name, currency).await
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.line.register(id).await
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.line.claim_register(claim).await
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        self.line.printing(prefix).await
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        let count = self.line.count_numbers(query).await?;
        let is_deaf = self.control == Control::DeafOriginal;
        Ok(if is_deaf { 0 } else { count })
    }
}
