//! How long a field may be: `2000` characters, `4096 bytes`, `10 items`, `20 kB`.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::template::{Amount, Limit};
use crate::units::Size;

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl Visitor<'_> for Written {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a limit such as 2000 (characters), 4096 bytes, 10 items or 20 kB")
    }

    fn visit_u64<E: Error>(self, most: u64) -> Result<Limit, E> {
        let most = usize::try_from(most).map_err(|_| E::custom("the limit is too large"))?;
        Ok(Limit { most, of: Amount::Characters })
    }

    fn visit_i64<E: Error>(self, most: i64) -> Result<Limit, E> {
        let most = u64::try_from(most).map_err(|_| E::custom("a limit is not negative"))?;
        self.visit_u64(most)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        let wrong = || {
            E::custom(format!("`{text}` is no limit; write 2000, 4096 bytes, 10 items or 20 kB"))
        };
        let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), "B"));
        let of = match unit {
            "items" => Amount::Items,
            _ => Amount::Bytes,
        };
        let most = match unit {
            "bytes" | "items" => number.parse().map_err(|_| wrong())?,
            _ => {
                let size = Size::parse(&text.replace(' ', "")).map_err(|_| wrong())?;
                usize::try_from(size.0).map_err(|_| wrong())?
            }
        };
        Ok(Limit { most, of })
    }
}
