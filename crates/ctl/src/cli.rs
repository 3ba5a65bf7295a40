//! What can be called, with which arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// counterfoilctl: the till without a window, for scripts, servers and support.
///
/// It works on the same data as the desktop app and may run while the app runs.
///
/// Exit status: 0 done, 1 it could not be done, 2 the call or the input is wrong. Errors go to
/// stderr as {"error":{"code":"…","message":"…"}}.
#[derive(Debug, Parser)]
#[command(name = "counterfoilctl", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The data directory; the desktop app's own unless told otherwise.
    #[arg(long, global = true, value_name = "DIR", display_order = 900)]
    pub(crate) data: Option<PathBuf>,
    /// The folder that says which installation this is; the user's own unless told otherwise.
    #[arg(long, global = true, value_name = "DIR", display_order = 900)]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON on stdout: one document, or one object a line where it streams.
    #[arg(long, global = true, display_order = 901)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the database of a new register.
    Init(Init),
    /// Products: import, export, find.
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// Ring up a cart that is written as JSON, and print the sale.
    ///
    /// The cart: {"cartId": UUID?, "lines": [{"barcode"|"sku": "…", "quantity": "2", "unitPrice":
    /// 199?, "discount": {"percent": "10"}|{"amount": 50}?, "note"?}], "discount"?: …, "tenders":
    /// [{"method": "cash"|"card"|"voucher"|"other", "amount": 1000, "reference"?}], "cashier"?: "…"}.
    /// Amounts are whole numbers in the currency's minor unit; quantities and percents are decimal
    /// strings. The same cartId with the same content returns the same sale and rings up nothing.
    Checkout(Checkout),
    /// Sales: list, show, export.
    #[command(subcommand)]
    Sales(Sales),
    /// Stock.
    #[command(subcommand)]
    Stock(Stock),
    /// The way to the cloud: connect, status, once, watch, identity, failed, resolve.
    #[command(subcommand)]
    Sync(Sync),
    /// The journal: the hash chain over everything that touches money.
    #[command(subcommand)]
    Journal(Journal),
    /// Prove the books: receipt series, journal and cloud, by register and business day.
    ///
    /// The cloud is asked for counts and sums; documents are read of days whose figures differ. Every
    /// missing, doubled or differing receipt is named; what waits, failed or was dismissed is explained.
    /// Exit status 0: all three were compared and agree. 1: there is a difference, or the cloud could
    /// not be compared.
    Reconcile(Reconcile),
    /// Copy the whole database into a new file while the till goes on selling.
    Backup {
        /// The file to write; one of that name is replaced when the copy is complete.
        file: PathBuf,
    },
    /// Put a backup in the place of the database.
    ///
    /// The database that is replaced is kept as a file beside it. The restored register takes a
    /// new identity (register id, receipt series, journal chain); sales in the backup that are not
    /// in the cloud yet keep theirs and are uploaded as they are.
    Restore(Restore),
    /// Run registers and a model cloud in virtual time, with everything going wrong that the seed says.
    ///
    /// Works on no data of yours. Exit status 1 when a rule is broken: a sale lost, doubled or changed.
    /// The line that replays it is printed, and a smaller case that still fails.
    Simulate(crate::commands::simulate::Simulate),
}

/// Whether prices include the tax.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Prices {
    /// The price on the shelf is what is paid.
    IncludeTax,
    /// Tax is added at the till.
    ExcludeTax,
}

/// Where tax is rounded.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TaxRounding {
    /// On every line.
    Line,
    /// Once a receipt.
    Receipt,
}

/// Where a half of the smallest unit goes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Half {
    /// Away from zero.
    Up,
    /// To the even neighbour.
    Even,
}

/// Where cash goes that lies half-way between two coins.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CashTie {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// A new register.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The store's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) store: String,
    /// The store's currency, an ISO 4217 code.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: String,
    /// This register's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) register: String,
    /// Whether prices include the tax.
    #[arg(long, value_enum, default_value = "include-tax")]
    pub(crate) prices: Prices,
    /// Where tax is rounded.
    #[arg(long, value_enum, default_value = "line")]
    pub(crate) tax_rounding: TaxRounding,
    /// The smallest coin in minor units, when cash is rounded to it: 5, 10, 20, 25, 50 or 100.
    #[arg(long, value_name = "MINOR")]
    pub(crate) cash_rounding: Option<i64>,
    /// Where cash goes that lies half-way between two coins.
    #[arg(long, value_enum, default_value = "up", requires = "cash_rounding")]
    pub(crate) cash_tie: CashTie,
    /// Where half a minor unit goes when prices, discounts and taxes are rounded.
    #[arg(long, value_enum, default_value = "up")]
    pub(crate) half: Half,
    /// The store's time zone, by its IANA name.
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub(crate) time_zone: String,
    /// When a new business day starts.
    #[arg(long, default_value = "00:00", value_name = "HH:MM")]
    pub(crate) day_start: String,
    /// The prefix of this register's receipt numbers, unique in the store.
    #[arg(long, default_value = "A", value_name = "PREFIX")]
    pub(crate) receipt_prefix: String,
    /// Fill the demo catalogue.
    #[arg(long)]
    pub(crate) demo: bool,
}

/// Products.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalogue {
    /// Import products from a CSV file; known skus are updated.
    ///
    /// Columns, in any order: sku, barcode, name, category, price, cost, tax, stock, reorder, unit;
    /// sku, name and price are required. Prices are decimals in the currency's major unit; several
    /// barcodes or taxes are separated by |. With bad lines nothing is imported, unless --skip-bad.
    Import {
        /// The CSV file, or - for standard input.
        file: PathBuf,
        /// Check everything, change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Import the good lines although there are bad ones.
        #[arg(long)]
        skip_bad: bool,
        /// Post the difference between the file's stock and the counted one as an adjustment.
        #[arg(long)]
        set_stock: bool,
    },
    /// Print the catalogue as CSV.
    Export,
    /// Find products by name, sku or barcode.
    Find {
        /// Words, or the beginnings of words.
        text: String,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// A cart to ring up.
#[derive(Debug, Args)]
pub(crate) struct Checkout {
    /// The file, or - for standard input.
    pub(crate) file: PathBuf,
    /// Read one cart a line and print one sale a line, each as soon as it is durable.
    ///
    /// A line that cannot be rung up is reported on stderr with its number and the others go on; at
    /// the end the exit status is 2 when a line was wrong, 1 when one could not be done.
    #[arg(long)]
    pub(crate) lines: bool,
}

/// Sales.
#[derive(Debug, Subcommand)]
pub(crate) enum Sales {
    /// List sales, newest first.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// The page before this: the `next` of the page above it.
        #[arg(long, value_name = "NEXT")]
        before: Option<u32>,
    },
    /// Show one sale.
    Show {
        /// The sale's id or its receipt number.
        sale: String,
    },
    /// Print every sale, oldest first, one JSON object a line.
    Export,
}

/// Stock.
#[derive(Debug, Subcommand)]
pub(crate) enum Stock {
    /// List what is on hand.
    List,
}

/// The way to the cloud.
#[derive(Debug, Subcommand)]
pub(crate) enum Sync {
    /// Say which Firestore this store syncs with.
    Connect {
        /// The Firebase project.
        #[arg(long, value_name = "ID")]
        project: String,
        /// The store in it.
        #[arg(long, value_name = "ID")]
        store: String,
        /// The project's web API key.
        #[arg(long, value_name = "KEY")]
        api_key: Option<String>,
        /// Although sales of this register are in another store already. They stay there.
        #[arg(long)]
        switch: bool,
        /// Although sales wait for another store: they go up to the new one.
        #[arg(long)]
        yes: bool,
    },
    /// Disconnect this register from its store: sales stay here until it is connected again.
    Disconnect {
        /// Although sales wait to be uploaded.
        #[arg(long)]
        yes: bool,
    },
    /// Sign this register in with a manager's account.
    ///
    /// The register becomes a member of the store under an account of its own; of the manager's nothing
    /// is kept. The password is asked for without showing it. With FIREBASE_AUTH_EMULATOR_HOST set, the
    /// Auth emulator is asked.
    SignIn {
        /// The manager's e-mail address.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// What the register is called from now on; without it, it keeps its name.
        #[arg(long, value_name = "NAME")]
        register_name: Option<String>,
        /// Read the password from standard input: its first line.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Forget this register's account. Sales are kept and go up when somebody signs in again.
    SignOut {
        /// Although sales wait to be uploaded.
        #[arg(long)]
        yes: bool,
    },
    /// Print the state: what waits, what failed, when anything last arrived.
    Status,
    /// Sync until nothing is pending, in flight or owed a check.
    ///
    /// Exit status 1 at the timeout; failed items alone are 0. If another process is syncing, this
    /// waits for that one.
    Once {
        /// Give up after so many seconds.
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        timeout: u64,
    },
    /// Sync until interrupted, and print every change of the state.
    ///
    /// While more than a handful waits, also how many have gone up, how many a second, and how long the
    /// rest takes; where that is not known, it says so.
    Watch,
    /// What the cloud asks for 100,000 operations: what `sync status` reckons costs with.
    Prices(CloudPrices),
    /// What a possible duplicate is, and which pairs are not listed; without any option it is printed.
    Duplicates(Duplicates),
    /// Who this register is, and whether this installation may be it.
    ///
    /// A database that was copied or moved sells nothing until it has an identity of its own, and a
    /// register whose receipt numbers were used twice sends nothing. A new identity is a new register
    /// id, receipt series, journal chain and an empty stock ledger; sales that wait to be uploaded keep
    /// the identity that they were sold under.
    Identity {
        /// Take a new identity.
        #[arg(long, requires = "receipt_prefix")]
        new: bool,
        /// The prefix of the new receipt series, which no register of the store has had.
        #[arg(long, value_name = "PREFIX", requires = "new")]
        receipt_prefix: Option<String>,
        /// The manager who decides it.
        #[arg(long, default_value = "ctl", value_name = "NAME")]
        by: String,
    },
    /// List what could not go up, oldest first, and possible duplicates.
    Failed {
        /// The page, from 1.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        page: u32,
        /// List what was dismissed instead: it can be decided again.
        #[arg(long)]
        dismissed: bool,
    },
    /// Decide about failed items.
    Resolve(Resolve),
}

/// What 100,000 operations cost. What is not given stays; without any, the prices are printed.
#[derive(Debug, Args)]
pub(crate) struct CloudPrices {
    /// Reads, like 0.06.
    #[arg(long, value_name = "MONEY")]
    pub(crate) reads: Option<String>,
    /// Writes, like 0.18.
    #[arg(long, value_name = "MONEY")]
    pub(crate) writes: Option<String>,
    /// The currency of both, like USD.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
}

/// What a possible duplicate is. What is not given stays.
#[derive(Debug, Args)]
pub(crate) struct Duplicates {
    /// How far apart two sales of the same goods may be: 10 to 3600.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) window: Option<u32>,
    /// The total, in the minor unit (2000 for 20.00), from which on every pair is listed.
    #[arg(long, value_name = "AMOUNT", conflicts_with = "list_by_goods")]
    pub(crate) list_from: Option<i64>,
    /// List pairs by their goods alone: three lines, a weighed line, or the same card.
    #[arg(long)]
    pub(crate) list_by_goods: bool,
    /// List no pair like that of this warning, by the number that `sync failed` gives it.
    #[arg(long, value_name = "WARNING")]
    pub(crate) mute: Option<u32>,
    /// List the pairs of a pattern again, by its fingerprint.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) list_again: Option<String>,
}

/// A decision about failed items: exactly one of the four choices.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("choice").required(true).multiple(false))]
pub(crate) struct Resolve {
    /// The sales' ids or receipt numbers.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// The cloud's version is the sale; ours is reversed in full.
    #[arg(long, group = "choice", requires = "money")]
    pub(crate) keep_cloud: bool,
    /// Both are sales; ours goes up as a copy under an id of its own.
    #[arg(long, group = "choice")]
    pub(crate) record_separately: bool,
    /// Send it again under the same id.
    #[arg(long, group = "choice")]
    pub(crate) retry: bool,
    /// Leave it out of the cloud; it stays a sale here, and can be decided again.
    #[arg(long, group = "choice")]
    pub(crate) dismiss: bool,
    /// Where the money is.
    #[arg(long, value_enum)]
    pub(crate) money: Option<Money>,
    /// What becomes of the goods.
    #[arg(long, value_enum)]
    pub(crate) restock: Option<Restock>,
    /// The terminal's reference of the refund, when a card is given back.
    #[arg(long, value_name = "TEXT")]
    pub(crate) card_reference: Option<String>,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who decides; not the sale's own cashier.
    #[arg(long, default_value = "", value_name = "NAME")]
    pub(crate) by: String,
}

/// Where the money of a reversed sale is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Money {
    /// It is given back now.
    GivenBack,
    /// It was never taken, or it is the same payment as the cloud's.
    NeverTaken,
    /// It was taken and stays: refused, such a sale is recorded separately.
    TakenAndKept,
}

/// What becomes of the goods of a reversed sale.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Restock {
    /// Back on the shelf.
    Shelf,
    /// Written off.
    WriteOff,
    /// The customer has them.
    None,
}

/// The journal.
#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Prove the chain from the first link to the last; exit status 1 names the first broken one.
    Verify,
}

/// What to compare, and whether to send again.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The first business day; all days where it is left out.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// The last business day.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// Read every document and recompute it, and not only those of days whose figures differ. One
    /// billed read a sale.
    #[arg(long)]
    pub(crate) every_document: bool,
    /// Send again what is missing in the cloud, under the same ids.
    #[arg(long)]
    pub(crate) send_missing: bool,
    /// Who decides that.
    #[arg(
        long,
        default_value = "ctl",
        value_name = "NAME",
        requires = "send_missing"
    )]
    pub(crate) by: String,
    /// Why.
    #[arg(
        long,
        default_value = "missing in the cloud",
        value_name = "TEXT",
        requires = "send_missing"
    )]
    pub(crate) reason: String,
}

/// A backup to put back.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    pub(crate) file: PathBuf,
    /// The prefix of the new receipt series; one is made up when it is left out.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) receipt_prefix: Option<String>,
    /// Say what would be replaced, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Although sales of the database that is replaced are not in the cloud yet, nor in the backup.
    #[arg(long)]
    pub(crate) yes: bool,
}
