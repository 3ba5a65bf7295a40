//! The pure rules of the till: what a sale is, what it costs, what is owed, and how it is proved.
//!
//! Nothing here knows a clock, a disk, a network or a window. Time and random identities arrive as
//! arguments ([`Clock`], [`IdSource`]); money is integers in the currency's minor unit and never a
//! float. `docs/MONEY.md` gives the arithmetic, `docs/SYNC.md` the record and its digests.

pub mod barcode;
pub mod canonical;
mod card;
pub mod cart;
mod cash;
pub mod currency;
mod decimal;
pub mod digest;
pub mod document;
pub mod ids;
pub mod journal;
pub mod money;
pub mod pricing;
pub mod quantity;
pub mod rate;
pub mod reversal;
pub mod rounding;
pub mod sale;
mod seal;
pub mod shape;
mod spread;
pub mod tax;
pub mod tender;
pub mod time;

pub use cart::{Cart, CartLine, Discount, Unit};
pub use currency::Currency;
pub use digest::Digest;
pub use ids::{CartId, IdSource, ProductId, ReceiptNumber, ReceiptPrefix, RegisterId, SaleId};
pub use money::{Amount, MoneyError};
pub use pricing::{PricedCart, PricingRules, price};
pub use quantity::Quantity;
pub use rate::Rate;
pub use sale::{SaleRecord, SealedSale};
pub use tender::{Method, Tender, TenderIntent};
pub use time::{BusinessDay, Clock, Timestamp};
