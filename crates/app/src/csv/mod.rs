//! CSV as spreadsheets write it (RFC 4180), read strictly so that every fault has a line.

mod catalogue;
mod fields;
mod reader;

pub(crate) use catalogue::{ParsedCatalogue, Row, TaxEntry, export_header, export_row, parse};
