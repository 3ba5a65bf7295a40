//! One file per table: its schema, its row, its reader and its writer together.

/// Triggers that refuse every change of a table's rows. What has been sold stays as it was sold;
/// a correction is a new row.
macro_rules! never_changes {
    ($table:literal) => {
        concat!(
            "CREATE TRIGGER ",
            $table,
            "_is_never_updated BEFORE UPDATE ON ",
            $table,
            " BEGIN SELECT RAISE(ABORT, '",
            $table,
            " is never updated'); END;\n",
            "CREATE TRIGGER ",
            $table,
            "_is_never_deleted BEFORE DELETE ON ",
            $table,
            " BEGIN SELECT RAISE(ABORT, '",
            $table,
            " is never deleted'); END;\n",
        )
    };
}

pub mod categories;
pub mod duplicate_checks;
pub mod elsewhere;
pub mod failures;
pub mod journal;
pub mod open_cart;
pub mod outbox;
pub(crate) mod outbox_documents;
pub mod product_search;
pub mod products;
pub mod register;
pub mod resolutions;
pub(crate) mod sale_line_taxes;
pub(crate) mod sale_lines;
pub mod sale_marks;
pub mod sale_requests;
pub(crate) mod sale_taxes;
pub(crate) mod sale_tenders;
pub mod sales;
pub mod settings;
pub mod stock_levels;
pub mod stock_movements;
pub mod sync_costs;
pub mod sync_state;
pub mod tax_codes;
pub mod warnings;

/// The tables of the first schema, each after those that it refers to.
pub(crate) const FIRST_SCHEMA: &[&str] = &[
    crate::migrations::SCHEMA_STEPS,
    settings::SCHEMA,
    register::SCHEMA,
    tax_codes::SCHEMA,
    categories::SCHEMA,
    products::SCHEMA,
    product_search::SCHEMA,
    open_cart::SCHEMA,
    sales::SCHEMA,
    sale_lines::SCHEMA,
    sale_line_taxes::SCHEMA,
    sale_taxes::SCHEMA,
    sale_tenders::SCHEMA,
    sale_marks::SCHEMA,
    stock_movements::SCHEMA,
    stock_levels::SCHEMA,
    journal::SCHEMA,
    outbox::SCHEMA,
    outbox_documents::SCHEMA,
    failures::SCHEMA,
    resolutions::SCHEMA,
    duplicate_checks::SCHEMA,
    warnings::SCHEMA,
    elsewhere::SCHEMA,
    sync_state::SCHEMA,
];

/// What the second step adds.
pub(crate) const SECOND_SCHEMA: &[&str] = &[
    sales::SECOND_SCHEMA,
    sale_requests::SCHEMA,
    failures::SECOND_SCHEMA,
    duplicate_checks::SECOND_SCHEMA,
    sync_state::SECOND_SCHEMA,
];

/// What the third step adds.
pub(crate) const THIRD_SCHEMA: &[&str] = &[sync_costs::SCHEMA, outbox::THIRD_SCHEMA];

/// What the fourth step adds.
pub(crate) const FOURTH_SCHEMA: &[&str] = &[duplicate_checks::FOURTH_SCHEMA, outbox::FOURTH_SCHEMA];

/// What the fifth step mends and adds, but for [`outbox::mark_doubt`].
pub(crate) const FIFTH_SCHEMA: &[&str] = &[outbox::FIFTH_SCHEMA];
