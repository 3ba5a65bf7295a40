//! What a way came to, as a line while the benchmark runs and as a cell of its last table.

use std::time::Duration;

use counterfoil_sync::Spent;
use xtask::words::grouped;

/// Where fewer sales than this came through, a share for each says nothing: the sums are told.
const FEW: usize = 20;

/// What one way came to.
pub(crate) struct Figure {
    /// How many came through.
    pub(crate) sales: usize,
    pub(crate) took: Duration,
    /// What is billed, as if somebody was signed in: every request reads the membership.
    pub(crate) billed: Spent,
}

impl Figure {
    pub(crate) fn per_second(&self) -> usize {
        let ms = usize::try_from(self.took.as_millis())
            .unwrap_or(usize::MAX)
            .max(1);
        self.sales * 1_000 / ms
    }

    pub(crate) fn say(&self, what: &str) {
        let cost = if self.sales < FEW {
            self.sums()
        } else {
            let (writes, reads) = self.each();
            format!("{writes} writes and {reads} reads a sale")
        };
        println!(
            "  {what:<42} {:>7} sales/s   ({} sales, {} ms, {cost})",
            self.per_second(),
            self.sales,
            self.took.as_millis()
        );
    }

    fn sums(&self) -> String {
        let Spent { reads, writes } = self.billed;
        let (writes, reads) = (grouped(writes), grouped(reads));
        format!("{writes} written and {reads} read in all")
    }

    fn each(&self) -> (String, String) {
        let each = |operations: u64| {
            let thousandths = operations * 1_000 / u64::try_from(self.sales.max(1)).unwrap();
            format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
        };
        (each(self.billed.writes), each(self.billed.reads))
    }

    fn cell(&self) -> String {
        if self.sales < FEW {
            return format!("{} landed: {}", self.sales, self.sums());
        }
        let (writes, reads) = self.each();
        let per_second = grouped(u64::try_from(self.per_second()).unwrap());
        format!("{per_second} ({writes}, {reads})")
    }
}

/// The three ways with so many registers at once.
pub(crate) struct Row {
    pub(crate) registers: usize,
    pub(crate) ours: Figure,
    pub(crate) raw: Figure,
    pub(crate) classic: Figure,
}

/// As it stands in `docs/RELIABILITY.md`.
pub(crate) fn table(rows: &[Row]) {
    println!("\nsync: sales a second, and billed writes and reads a sale\n");
    println!("| registers | ours | raw commits | classic |");
    println!("|---|---|---|---|");
    for row in rows {
        let [ours, raw, classic] = [&row.ours, &row.raw, &row.classic].map(Figure::cell);
        println!("| {} | {ours} | {raw} | {classic} |", row.registers);
    }
}
