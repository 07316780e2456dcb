//! The helpers of the templates, all in one list: how each is used, what it gives, how it is done.
//!
//! Helpers give values and never write, so that the escape is applied to whatever they give. Each
//! takes null for any of its values. Lookup, checks, tests and the reference page go through
//! [`HELPERS`]; a helper that isn't in it doesn't exist.

mod address;
mod logic;
mod text;
mod time;

pub use time::humanize;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::Value;

/// One helper.
pub struct Helper {
    /// Its name in a template.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it gives.
    pub about: &'static str,
    /// The fewest and the most values that it takes.
    pub takes: (usize, usize),
    pub(super) call: fn(Values<'_, '_>, &TimeZone) -> Result<Value, String>,
    pub(super) check: fn(&[Option<&Value>]) -> Result<(), String>,
}

/// The values that a helper is called with; never fewer or more than it takes.
pub(super) type Values<'a, 'v> = &'a [Cow<'v, Value>];

/// The most values of a helper that takes any number.
const MANY: usize = 16;

/// Every helper.
pub const HELPERS: &[Helper] = &[
    helper("json", "json value", "the value as JSON text", (1, 1), text::json),
    checked(
        helper(
            "truncate",
            "truncate value 80",
            "at most so many characters, the last one `…` where something is missing",
            (2, 2),
            text::truncate,
        ),
        text::check_truncate,
    ),
    checked(
        helper(
            "date",
            "date time \"%Y-%m-%d %H:%M\" \"Europe/Berlin\"",
            "a time in a strftime format; without a zone, in the configured one",
            (2, 3),
            time::date,
        ),
        time::check_date,
    ),
    helper(
        "humanize",
        "humanize seconds",
        "a number of seconds in words: `4m`",
        (1, 1),
        time::words,
    ),
    helper(
        "default",
        "default value other",
        "the other where the value is null or empty",
        (2, 2),
        logic::default,
    ),
    helper("upper", "upper value", "in upper case", (1, 1), text::upper),
    helper("lower", "lower value", "in lower case", (1, 1), text::lower),
    helper(
        "title",
        "title value",
        "each word with a capital, the rest in lower case",
        (1, 1),
        text::title,
    ),
    helper(
        "pluralize",
        "pluralize count \"test\" \"tests\"",
        "the first word for one, the second otherwise (the first with an `s` if there is none)",
        (2, 3),
        text::pluralize,
    ),
    helper(
        "url_encode",
        "url_encode value",
        "for a part of an address: all but letters, digits and `-_.~` as `%XX`",
        (1, 1),
        text::url_encode,
    ),
    helper(
        "replace",
        "replace value \"from\" \"to\"",
        "with every occurrence of one text replaced by another",
        (3, 3),
        text::replace,
    ),
    checked(
        helper(
            "url",
            "url value",
            "a web address with everything encoded that could break markup around it; null for \
             what is none (or has a login, or a numeric IPv6 host, or more than 2,048 characters; \
             with a number, `url value 512`, more than that)",
            (1, 2),
            address::url,
        ),
        address::check_url,
    ),
    helper(
        "slug",
        "slug value",
        "for labels and tags: lower-case letters and digits, everything between them one `-`",
        (1, 1),
        text::slug,
    ),
    helper("epoch", "epoch time", "a time in seconds since 1970", (1, 1), time::epoch),
    helper(
        "epoch_ms",
        "epoch_ms time",
        "a time in milliseconds since 1970",
        (1, 1),
        time::epoch_ms,
    ),
    helper(
        "later",
        "later time seconds",
        "the time so many seconds later (RFC 3339); null where one is null",
        (2, 2),
        time::later,
    ),
    helper(
        "lookup",
        "lookup value key",
        "the field of this name, or the item at this index",
        (2, 2),
        logic::lookup,
    ),
    helper("eq", "eq a b", "whether they are the same", (2, 2), logic::eq),
    helper("ne", "ne a b", "whether they differ", (2, 2), logic::ne),
    helper(
        "gt",
        "gt a b",
        "whether a is greater than b; false where one is null",
        (2, 2),
        logic::gt,
    ),
    helper(
        "gte",
        "gte a b",
        "whether a is b or greater; false where one is null",
        (2, 2),
        logic::gte,
    ),
    helper("lt", "lt a b", "whether a is less than b; false where one is null", (2, 2), logic::lt),
    helper("lte", "lte a b", "whether a is b or less; false where one is null", (2, 2), logic::lte),
    helper(
        "and",
        "and a b …",
        "whether all are neither null, false, zero nor empty",
        (2, MANY),
        logic::and,
    ),
    helper(
        "or",
        "or a b …",
        "whether any is neither null, false, zero nor empty",
        (2, MANY),
        logic::or,
    ),
    helper("not", "not a", "whether it is null, false, zero or empty", (1, 1), logic::not),
    helper(
        "contains",
        "contains value part",
        "whether a text has this part, or a list this item",
        (2, 2),
        logic::contains,
    ),
    helper(
        "starts_with",
        "starts_with value text",
        "whether it begins with this text",
        (2, 2),
        logic::starts_with,
    ),
    helper(
        "ends_with",
        "ends_with value text",
        "whether it ends with this text",
        (2, 2),
        logic::ends_with,
    ),
];

impl Helper {
    /// Whether it only asks whether its values are there.
    pub(super) fn asks(&self) -> bool {
        matches!(self.name, "and" | "or" | "not")
    }

    /// Whether it gives an address that breaks no markup.
    pub(super) fn is_address(&self) -> bool {
        self.name == "url"
    }
}

const fn helper(
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    takes: (usize, usize),
    call: fn(Values<'_, '_>, &TimeZone) -> Result<Value, String>,
) -> Helper {
    Helper { name, usage, about, takes, call, check: anything }
}

/// A helper that looks at its constants when the template is read.
const fn checked(helper: Helper, check: fn(&[Option<&Value>]) -> Result<(), String>) -> Helper {
    Helper { check, ..helper }
}

fn anything(_: &[Option<&Value>]) -> Result<(), String> {
    Ok(())
}

/// The helper of this name.
pub(super) fn find(name: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|helper| helper.name == name)
}
