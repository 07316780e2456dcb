//! The variables of a notice that somebody asks for, and no others: a body or a table of hundreds
//! of groups is not copied for a message that says nothing of it.
//!
//! It stands between a [`Notice`] and the scene of a service's message, and follows the same
//! derived shape as [`Notice::data`].

use std::sync::LazyLock;

use serde::ser::{Error as _, Impossible, Serialize, SerializeStruct, Serializer};
use serde_json::{Error, Map, Value};

use crate::contract::Notice;

/// Some of a notice's variables: the nth bit stands for its nth field, so that picking compares no
/// names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables(u64);

/// The names of all variables, in a notice's order.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = Notice::default().picked(Variables(u64::MAX));
    all.into_iter().map(|(name, _)| name).collect()
});

impl Variables {
    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(String::as_str)
    }

    /// Those whose names are wanted.
    pub fn of(wanted: impl Fn(&str) -> bool) -> Self {
        let bits = Self::names().enumerate().filter(|(_, name)| wanted(name));
        Variables(bits.fold(0, |all, (bit, _)| all | 1 << bit))
    }

    /// These and the others.
    pub fn and(self, other: Variables) -> Self {
        Variables(self.0 | other.0)
    }
}

impl Notice {
    /// Those of the variables that are wanted.
    pub(crate) fn picked(&self, wanted: Variables) -> Map<String, Value> {
        self.serialize(Picker { wanted }).expect("a notice is plain data with texts as field names")
    }
}

#[derive(Clone, Copy)]
struct Picker {
    wanted: Variables,
}

struct Picked {
    /// The next field's bit is the lowest.
    wanted: Variables,
    fields: Map<String, Value>,
}

impl SerializeStruct for Picked {
    type Ok = Map<String, Value>;
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let is_wanted = self.wanted.0 & 1 == 1;
        self.wanted.0 >>= 1;
        if is_wanted {
            self.fields.insert(key.to_owned(), serde_json::to_value(value)?);
        }
        Ok(())
    }

    fn end(self) -> Result<Map<String, Value>, Error> {
        Ok(self.fields)
    }
}

/// Everything but a struct with named fields.
macro_rules! refused {
    ($($name:ident($($argument:ident: $type:ty),*) -> $ok:ty;)*) => {
        $(fn $name(self, $($argument: $type),*) -> Result<$ok, Error> {
            $(let _ = $argument;)*
            Err(Error::custom("only a notice is picked from"))
        })*
    };
}

impl Serializer for Picker {
    type Ok = Map<String, Value>;
    type Error = Error;
    type SerializeSeq = Impossible<Self::Ok, Error>;
    type SerializeTuple = Impossible<Self::Ok, Error>;
    type SerializeTupleStruct = Impossible<Self::Ok, Error>;
    type SerializeTupleVariant = Impossible<Self::Ok, Error>;
    type SerializeMap = Impossible<Self::Ok, Error>;
    type SerializeStruct = Picked;
    type SerializeStructVariant = Impossible<Self::Ok, Error>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Picked, Error> {
        Ok(Picked { wanted: self.wanted, fields: Map::new() })
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<Self::Ok, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Error> {
        value.serialize(self)
    }

    refused! {
        serialize_bool(value: bool) -> Self::Ok;
        serialize_i8(value: i8) -> Self::Ok;
        serialize_i16(value: i16) -> Self::Ok;
        serialize_i32(value: i32) -> Self::Ok;
        serialize_i64(value: i64) -> Self::Ok;
        serialize_u8(value: u8) -> Self::Ok;
        serialize_u16(value: u16) -> Self::Ok;
        serialize_u32(value: u32) -> Self::Ok;
        serialize_u64(value: u64) -> Self::Ok;
        serialize_f32(value: f32) -> Self::Ok;
        serialize_f64(value: f64) -> Self::Ok;
        serialize_char(value: char) -> Self::Ok;
        serialize_str(value: &str) -> Self::Ok;
        serialize_bytes(value: &[u8]) -> Self::Ok;
        serialize_none() -> Self::Ok;
        serialize_unit() -> Self::Ok;
        serialize_unit_struct(name: &'static str) -> Self::Ok;
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> Self::Ok;
        serialize_seq(length: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(length: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(
            name: &'static str, index: u32, variant: &'static str, length: usize
        ) -> Self::SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(
            name: &'static str, index: u32, variant: &'static str, length: usize
        ) -> Self::SerializeStructVariant;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::sample;

    #[test]
    fn what_is_picked_is_as_in_the_whole() {
        let notice = sample();
        let all = notice.picked(Variables::of(|_| true));
        assert_eq!(Value::Object(all), notice.data());
        let [one, other] = ["group", "duration_seconds"].map(|it| Variables::of(|name| name == it));
        let some = notice.picked(one.and(other));
        assert_eq!(
            Value::Object(some).to_string(),
            r#"{"group":"checkout-eu","duration_seconds":240}"#
        );
        assert!(Variables::names().count() <= 64, "each has a bit");
    }
}
