//! Identities: who and what, as types that cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::nfc;

/// Where random identities come from: an argument, so that a simulated run can be replayed.
pub trait IdSource: Send + Sync {
    /// A fresh random UUID (version 4; document ids must not be sequential, or the server's index
    /// becomes a hot spot: <https://firebase.google.com/docs/firestore/best-practices>).
    fn uuid(&self) -> Uuid;
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name this kind of thing.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id!(
    /// A sale; also the name of its document in the cloud.
    SaleId
);
uuid_id!(
    /// An open cart. Unique among sales: a cart becomes one sale at most.
    CartId
);
uuid_id!(
    /// A register: one receipt series, one journal chain, one stock ledger.
    RegisterId
);
uuid_id!(
    /// A product, derived from its sku, so that two registers agree without asking each other.
    ProductId
);

/// The namespace of product ids: UUID v5 of `products.counterfoil.org` in the DNS namespace.
const PRODUCTS: Uuid = Uuid::from_u128(0x4bee_730a_d144_57a6_84c8_4ecb_0f4b_ae1d);

impl ProductId {
    /// The id of the product with this sku. A sku never changes, so neither does this.
    pub fn of_sku(sku: &str) -> Self {
        Self(Uuid::new_v5(&PRODUCTS, nfc(sku).as_bytes()))
    }
}

/// The prefix of a register's receipt numbers: one to eight of `A-Z0-9`, unique in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptPrefix(String);

/// A receipt prefix that is empty, too long, or holds something else than `A-Z0-9`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a receipt prefix is one to eight of the letters A to Z and the digits, not “{0}”")]
pub struct InvalidPrefix(pub String);

impl ReceiptPrefix {
    /// Parses a prefix; lower-case letters are raised.
    pub fn new(text: &str) -> Result<Self, InvalidPrefix> {
        let raised = text.trim().to_ascii_uppercase();
        let fits = (1..=8).contains(&raised.len())
            && raised
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if fits {
            Ok(Self(raised))
        } else {
            Err(InvalidPrefix(text.to_owned()))
        }
    }

    /// The prefix as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReceiptPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ReceiptPrefix {
    type Error = InvalidPrefix;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<ReceiptPrefix> for String {
    fn from(prefix: ReceiptPrefix) -> Self {
        prefix.0
    }
}

/// A receipt number as printed: the register's prefix and its gapless sequence, `A-000123`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceiptNumber(String);

impl ReceiptNumber {
    /// The number of the `sequence`-th receipt (from 1) of the series with this prefix.
    pub fn new(prefix: &ReceiptPrefix, sequence: i64) -> Self {
        Self(format!("{prefix}-{sequence:06}"))
    }

    /// The number as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
