//! Durations, sizes and rates, written with their unit (`10s`, `1MiB`, `20/m`), and how numbers go out.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

/// A length of time such as `500ms`, `10s`, `5m`, `1h30m` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// A number of bytes such as `64KiB`, `1MiB` or `10MB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// So many in a length of time, such as `1/s`, `20/m` or `5/10s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how long.
    pub per: Duration,
}

const TIMES: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

const SIZES: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KIB", 1 << 10),
    ("MIB", 1 << 20),
    ("GIB", 1 << 30),
];

impl Span {
    /// Reads a length of time.
    ///
    /// # Errors
    /// With a sentence that says how one is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no length of time; write it with its unit: 10s, 5m, 1h30m, 7d");
        let mut rest = text.trim();
        let mut millis: u64 = 0;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let number: u64 = number.parse().map_err(|_| wrong())?;
            let (_, factor) = TIMES.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
            let part = number.checked_mul(*factor).ok_or_else(wrong)?;
            millis = millis.checked_add(part).ok_or_else(wrong)?;
            rest = tail.trim_start();
        }
        Ok(Span(Duration::from_millis(millis)))
    }
}

impl Size {
    /// Reads a number of bytes.
    ///
    /// # Errors
    /// With a sentence that says how one is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no size; write it with its unit: 64KiB, 1MiB, 10MB");
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim().to_ascii_uppercase();
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, factor) = SIZES.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        number.checked_mul(*factor).map(Size).ok_or_else(wrong)
    }
}

impl Rate {
    /// Reads a rate.
    ///
    /// # Errors
    /// With a sentence that says how one is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no rate; write how many in how long: 1/s, 20/m, 5/10s");
        let (count, per) = text.split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        let per = per.trim();
        let bare = per.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        let per = if bare { Span::parse(&format!("1{per}")) } else { Span::parse(per) };
        let Span(per) = per.map_err(|_| wrong())?;
        if count == 0 || per.is_zero() {
            return Err(wrong());
        }
        Ok(Rate { count, per })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_millis() as u64;
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, factor) in TIMES.iter().rev().skip(1) {
            if rest >= *factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

macro_rules! from_text {
    ($type:ident, $wanted:literal, $about:literal, $pattern:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct FromText;
                impl Visitor<'_> for FromText {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($wanted)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        $type::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(FromText)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about, "pattern": $pattern })
            }
        }
    };
}

from_text!(
    Span,
    "a length of time",
    "A length of time: 500ms, 10s, 5m, 1h30m, 30d",
    r"^(\s*\d+(ms|s|m|h|d|w))+\s*$"
);
from_text!(
    Size,
    "a number of bytes",
    "A size: 64KiB, 1MiB, 10MB",
    r"^\s*\d+\s*([KMGkmg][Ii]?)?[Bb]\s*$"
);
from_text!(
    Rate,
    "so many in a time",
    "So many in a length of time: 1/s, 20/m, 5/10s",
    r"^\s*\d+\s*/\s*\d*(ms|s|m|h|d)\s*$"
);

/// A number without a fraction goes out without one: `240`, not `240.0`.
pub(crate) fn whole_where_it_is<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            serializer.serialize_some(&(*number as i64))
        }
        other => serializer.serialize_some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_read_and_shown_with_its_units() {
        assert_eq!(Span::parse("1h30m").unwrap().0, Duration::from_secs(5400));
        assert_eq!(Span::parse("30d").unwrap().to_string(), "30d");
        assert_eq!(Span::parse("90s").unwrap().to_string(), "1m30s");
        for wrong in ["", "10", "h", "1x", "-1s", "99999999999999999999s", "1h 30"] {
            assert!(Span::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_and_a_rate_need_their_units() {
        assert_eq!(Size::parse("1MiB").unwrap(), Size(1 << 20));
        assert_eq!(Size::parse("10 MB").unwrap(), Size(10_000_000));
        assert!(Size::parse("10").is_err());
        assert_eq!(Rate::parse("20/m").unwrap(), Rate { count: 20, per: Duration::from_secs(60) });
        assert_eq!(Rate::parse("5/10s").unwrap().per, Duration::from_secs(10));
        assert!(Rate::parse("0/s").is_err());
    }
}
