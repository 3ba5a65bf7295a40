//! What a possible duplicate is.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Minor, ProductUnit, TenderMethod};

/// What a possible duplicate is, and which pairs are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DuplicateSettings {
    /// How far apart two sales of the same goods may be, in seconds.
    pub window_seconds: u32,
    /// From this total on every pair is listed, in minor units; `null` where the goods alone decide.
    pub listed_total: Option<Minor>,
    /// Patterns that are not listed, the oldest first.
    pub muted: Vec<MutedPattern>,
}

/// Sales of the same goods at the same prices, paid the same way, of which pairs are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MutedPattern {
    /// What all of them have in common, and no other sale.
    pub fingerprint: String,
    /// The goods of one.
    pub goods: Vec<PatternLine>,
    /// What one comes to.
    pub total: Minor,
    /// How they were paid.
    pub tenders: Vec<TenderMethod>,
    /// Who muted it; empty where nobody had said who is at the till.
    pub by: String,
    /// Since when.
    pub since: String,
}

/// A line that all sales of a pattern have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PatternLine {
    /// The product's name.
    pub name: String,
    /// How much of it, a decimal.
    pub quantity: String,
    /// Of what.
    pub unit: ProductUnit,
}
