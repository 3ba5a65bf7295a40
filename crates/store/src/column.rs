//! Columns to types and back: what does not parse was not written by this program.

use std::error::Error;
use std::str::FromStr;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Amount, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn broken(index: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
}

/// A column that holds a type's own spelling: an id, a digest.
pub(crate) fn parsed<T>(row: &Row<'_>, index: usize) -> Result<T>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    row.get_ref(index)?
        .as_str()?
        .parse()
        .map_err(|error| broken(index, error))
}

/// The same where the column may be empty.
pub(crate) fn parsed_optional<T>(row: &Row<'_>, index: usize) -> Result<Option<T>>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    match row.get_ref(index)?.as_str_or_null()? {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error| broken(index, error)),
    }
}

/// A column of milliseconds since 1970.
pub(crate) fn time(row: &Row<'_>, index: usize) -> Result<Timestamp> {
    row.get(index).map(Timestamp::from_ms)
}

/// The same where the column may be empty.
pub(crate) fn time_optional(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(index)?.map(Timestamp::from_ms))
}

/// A column of minor units.
pub(crate) fn amount(row: &Row<'_>, index: usize) -> Result<Amount> {
    Amount::new(row.get(index)?).map_err(|error| broken(index, error))
}

/// The same where the column may be empty.
pub(crate) fn amount_optional(row: &Row<'_>, index: usize) -> Result<Option<Amount>> {
    match row.get::<_, Option<i64>>(index)? {
        None => Ok(None),
        Some(minor) => Amount::new(minor)
            .map(Some)
            .map_err(|error| broken(index, error)),
    }
}

/// A column that holds JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T> {
    serde_json::from_str(row.get_ref(index)?.as_str()?).map_err(|error| broken(index, error))
}

/// A column that may hold a document.
pub(crate) fn document_optional(row: &Row<'_>, index: usize) -> Result<Option<Fields>> {
    match row.get_ref(index)?.as_str_or_null()? {
        None => Ok(None),
        Some(text) => serde_json::from_str(text)
            .map(Some)
            .map_err(|error| broken(index, error)),
    }
}

/// A column that holds the spelling of an enum, as its records spell it.
pub(crate) fn spelt<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| broken(index, error))
}

/// The spelling of an enum in its records; what [`spelt`] reads.
pub(crate) fn spelling<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        // Only enums without content come here; anything else is refused by the column's CHECK.
        _ => String::new(),
    }
}

/// A document as it is stored: its canonical JSON.
pub(crate) fn stored(fields: &Fields) -> std::result::Result<String, crate::StoreError> {
    counterfoil_domain::canonical::canonical_object(fields, &[])
        .map_err(|error| crate::StoreError::Refused(error.to_string()))
}
