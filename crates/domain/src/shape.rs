//! The names of a sale's fields, for whoever must know them without this program: the cloud's rules let no other
//! field in (`firebase/firestore.rules`), and a test holds them to these lists.

/// What every sale has, before the cloud adds its own.
pub const REQUIRED: [&str; 23] = [
    "schema",
    "saleId",
    "cartId",
    "registerId",
    "receiptNumber",
    "receiptSequence",
    "businessDay",
    "timeZone",
    "soldAt",
    "cashierId",
    "cashierName",
    "currency",
    "pricesIncludeTax",
    "lines",
    "discounts",
    "taxes",
    "total",
    "rounding",
    "tenders",
    "changeDue",
    "digest",
    "fingerprint",
    "journal",
];

/// What a sale has where it is neither zero nor empty.
pub const OPTIONAL: [&str; 7] = [
    "shiftId",
    "tip",
    "taxExempt",
    "customer",
    "cancels",
    "originalSaleId",
    "originalDigest",
];

/// What the cloud adds: the store, and the server's own time.
pub const ADDED_BY_THE_CLOUD: [&str; 2] = ["storeId", "createdAt"];
