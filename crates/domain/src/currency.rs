//! Currencies: their code and how many decimals their minor unit has (ISO 4217).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::Amount;

/// A currency of ISO 4217 with the decimals of its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

/// Why a currency code or a decimal amount was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    /// Not three letters.
    #[error("“{0}” is not a currency code; write three letters like EUR")]
    Code(String),
    /// Not a decimal number.
    #[error("“{0}” is not an amount; write one like 1.99")]
    Amount(String),
    /// More decimals than the currency has.
    #[error("“{text}” has more decimals than {code} has ({decimals})")]
    Decimals {
        /// What was written.
        text: String,
        /// The currency's code.
        code: String,
        /// How many decimals it has.
        decimals: u8,
    },
    /// Beyond 2^53−1 minor units.
    #[error("“{0}” is more than a till can count exactly")]
    TooLarge(String),
}

/// ISO 4217 currencies without decimals.
const NO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
/// ISO 4217 currencies with two decimals (list of 2025).
const TWO_DECIMALS: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF",
    "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR",
    "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
    "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP",
    "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
    "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK",
    "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
    "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP",
    "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG",
    "YER", "ZAR", "ZMW", "ZWG",
];
/// ISO 4217 currencies with three decimals.
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// The currency with this code; a code that ISO 4217 does not list as an exception has two decimals.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let upper = text.trim().to_ascii_uppercase();
        let code: [u8; 3] = upper
            .as_bytes()
            .try_into()
            .ok()
            .filter(|code: &[u8; 3]| code.iter().all(u8::is_ascii_uppercase))
            .ok_or_else(|| CurrencyError::Code(text.to_owned()))?;
        let decimals = if NO_DECIMALS.contains(&upper.as_str()) {
            0
        } else if THREE_DECIMALS.contains(&upper.as_str()) {
            3
        } else {
            2
        };
        Ok(Self { code, decimals })
    }

    /// Whether ISO 4217 lists it as money that a shop takes. A document may name one that it lists
    /// later; a store that is set up with a misspelt one would have it for ever.
    pub fn is_listed(&self) -> bool {
        let listed = |codes: &[&str]| codes.contains(&self.code());
        listed(NO_DECIMALS) || listed(TWO_DECIMALS) || listed(THREE_DECIMALS)
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        // Only ASCII capitals are ever stored.
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: 0, 2 or 3.
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Minor units in one major unit: 1, 100 or 1000.
    pub const fn minor_per_major(&self) -> i64 {
        10_i64.pow(self.decimals as u32)
    }

    /// The amount as a plain decimal with a point, `-1.99`, `500` or `1.250`.
    pub fn format(&self, amount: Amount) -> String {
        let per_major = self.minor_per_major().unsigned_abs();
        let minor = amount.minor().unsigned_abs();
        let sign = if amount.is_negative() { "-" } else { "" };
        if self.decimals == 0 {
            return format!("{sign}{minor}");
        }
        let width = usize::from(self.decimals);
        format!("{sign}{}.{:0width$}", minor / per_major, minor % per_major)
    }

    /// Reads a plain decimal in the major unit, `1.99`; no more decimals than the currency has.
    pub fn parse_amount(&self, text: &str) -> Result<Amount, CurrencyError> {
        let invalid = || CurrencyError::Amount(text.to_owned());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.')
        {
            return Err(invalid());
        }
        if fraction.len() > usize::from(self.decimals) {
            return Err(CurrencyError::Decimals {
                text: text.to_owned(),
                code: self.code().to_owned(),
                decimals: self.decimals,
            });
        }
        let too_large = || CurrencyError::TooLarge(text.to_owned());
        let padded = format!(
            "{whole}{fraction:0<width$}",
            width = usize::from(self.decimals)
        );
        let minor: i64 = padded.parse().map_err(|_| too_large())?;
        Amount::new(if negative { -minor } else { minor }).map_err(|_| too_large())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}
