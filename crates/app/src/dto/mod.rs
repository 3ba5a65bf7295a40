//! What crosses the edge of the core: plain data for the window (and, through it, TypeScript).
//!
//! Field names are camelCase, amounts are whole numbers of minor units ([`Minor`]), quantities and
//! percentages are decimal strings, times are UTC with three decimals, an absent value is `null`.

mod account;
mod cart;
mod catalogue;
mod costs;
mod duplicates;
mod failure;
mod minor;
mod payment;
mod reconcile;
mod sale;
mod sync;
mod till;
mod unsynced;

pub use account::{AccountView, KeptIn, SignInInput, SignInResult, StillMember, StillWhy};
pub use cart::{CartLineView, CartView, DiscountInput, TaxRow};
pub use catalogue::{
    Category, ImportInput, ImportProblem, ImportProgress, ImportReport, Product, ProductUnit,
    StockItem, StockPage,
};
pub use costs::{CostOfPurpose, CostPurpose, CostSum, SyncCosts, SyncPrices};
pub use duplicates::{DuplicateSettings, MutedPattern, PatternLine};
pub use failure::{
    Choice, ChoiceKind, DiffCell, DiffPart, DiffRow, Effects, ElsewhereItem, ElsewhereOutcome,
    FailedDetail, FailedItem, FailedPage, FailedStatus, FailureKind, MoneyAnswer, MoneyEffect,
    ResolveInput, ResolveResult, Restock, RestockLine, StockEffect, UnreadableItem, UnreadableKind,
    WarningDecision, WarningItem, WarningKind,
};
pub use minor::Minor;
pub use payment::{CheckoutInput, CheckoutResult, PaymentPreview, TenderInput, TenderMethod};
pub use reconcile::{
    Book, Explained, ExplainedCounts, ExplainedKind, Finding, FindingKind, ReconcileInput,
    ReconcileProgress, ReconcileReport, RegisterBooks, SendAgain, StandsHere,
};
pub use sale::{SaleDiscountView, SaleLineView, SalePage, SaleTenderView, SaleView, SyncState};
pub use sync::{SyncPhase, SyncProgress, SyncStatus};
pub use till::{
    AppState, CurrencyView, Density, IdentityView, InstallationState, Locale, NewIdentityInput,
    Phase, Preferences, RegisterView, SetUpInput, StoreView, TaxRoundingInput, Theme,
};
pub use unsynced::Unsynced;
