//! Each helper, also on null.

use rstest::rstest;

use super::{data, fails, print, templates};
use crate::template::{Escape, HELPERS, humanize, reference};
use crate::variables::VARIABLES;

#[rstest]
#[case("json body.map", r#"{"k":"v"}"#)]
#[case("json delayed", "null")]
#[case("truncate summary 8", "3 tests…")]
#[case("truncate delayed 8", "")]
#[case("date finished_at \"%Y-%m-%d %H:%M\"", "2026-03-14 13:00")]
#[case("date body.finishedAt \"%H:%M %Z\" \"America/New_York\"", "08:00 EDT")]
#[case("date delayed \"%H:%M\"", "")]
#[case("humanize duration_seconds", "4m")]
#[case("humanize delayed_seconds", "")]
#[case("default delayed \"fresh\"", "fresh")]
#[case("default status \"none\"", "FAILED")]
#[case("default delayed delayed", "")]
#[case("upper group", "CHECKOUT-EU")]
#[case("lower status", "failed")]
#[case("title (lower status)", "Failed")]
#[case("title \"it's a-test\"", "It's A-Test")]
#[case("upper delayed", "")]
#[case("lower delayed", "")]
#[case("title delayed", "")]
#[case("pluralize 1 \"test\" \"tests\"", "test")]
#[case("pluralize 3 \"test\"", "tests")]
#[case("pluralize delayed \"child\" \"children\"", "children")]
#[case("url_encode \"a b/ä&~\"", "a%20b%2F%C3%A4%26~")]
#[case("url_encode delayed", "")]
#[case("url \"https://a.test/b?c\"", "https://a.test/b?c")]
#[case("url \"https://a.test/b?c\" 18", "https://a.test/b?c")]
#[case("url \"https://a.test/b?c\" 17", "")]
#[case("replace group \"-\" \"/\"", "checkout/eu")]
#[case("replace group \"\" \"x\"", "checkout-eu")]
#[case("replace delayed \"a\" delayed", "")]
#[case("url link", "https://agnox.dev/dashboard?drawerId=task_abc123")]
#[case(
    "url \"https://x.example/a b|c>(d)e*f`g\"",
    "https://x.example/a%20b%7Cc%3E%28d%29e%2Af%60g"
)]
#[case("url \"HTTPS://x.example/@me?a='b'&c=%20\"", "https://x.example/%40me?a=%27b%27&c=%20")]
#[case("url \"https://x-y.example.org/a/b_c?d=%20#e\"", "https://x-y.example.org/a/b_c?d=%20#e")]
#[case("url \"http://x.example:8080/a;b\"", "http://x.example:8080/a;b")]
#[case("url \"http://BÜCHER.example\"", "http://xn--bcher-kva.example/")]
#[case("url \"http://a@b/\"", "")]
#[case("url \"http:///x\"", "http://x/")]
#[case("url \"javascript:alert(1)\"", "")]
#[case("url \"https://me:pw@x.example/\"", "")]
#[case("url \"http://[::1]/\"", "")]
#[case("url \"no address\"", "")]
#[case("url 5", "")]
#[case("url delayed", "")]
#[case("slug \"Checkout EU: (näher) 2\"", "checkout-eu-näher-2")]
#[case("slug delayed", "")]
#[case("epoch finished_at", "1773489600")]
#[case("epoch delayed", "")]
#[case("epoch_ms \"2026-03-14T12:00:00.5Z\"", "1773489600500")]
#[case("epoch_ms delayed", "")]
#[case("later finished_at 90", "2026-03-14T13:01:30+01:00")]
#[case("later finished_at \"60\"", "2026-03-14T13:01:00+01:00")]
#[case("later finished_at delayed", "")]
#[case("later delayed 5", "")]
#[case("lookup labels \"team\"", "payments")]
#[case("lookup body.list 1", "b")]
#[case("lookup delayed \"x\"", "")]
#[case("lookup body delayed", "")]
#[case("eq status \"FAILED\"", "true")]
#[case("eq duration_seconds 240", "true")]
#[case("eq delayed null", "true")]
#[case("ne status \"FAILED\"", "false")]
#[case("gt duration_seconds 100", "true")]
#[case("gt \"9\" \"10\"", "false")]
#[case("gt delayed 1", "false")]
#[case("gte 2 2", "true")]
#[case("gte delayed 2", "false")]
#[case("lt \"a\" \"b\"", "true")]
#[case("lt delayed 5", "false")]
#[case("lte 3 2", "false")]
#[case("lte delayed 2", "false")]
#[case("and status failing", "true")]
#[case("and status delayed", "false")]
#[case("or delayed failing", "true")]
#[case("or delayed null false", "false")]
#[case("not delayed", "true")]
#[case("contains summary \"failed\"", "true")]
#[case("contains rules \"production is red\"", "true")]
#[case("contains delayed \"x\"", "false")]
#[case("starts_with group \"checkout\"", "true")]
#[case("starts_with delayed \"\"", "false")]
#[case("ends_with group \"-eu\"", "true")]
#[case("ends_with group delayed", "false")]
fn a_helper_gives(#[case] call: &str, #[case] expected: &str) {
    assert_eq!(print(&format!("{{{{{call}}}}}")), expected);
}

#[rstest]
#[case("date status \"%H\"", "takes a time")]
#[case("date finished_at \"%H\" group", "there is no time zone \"checkout-eu\"")]
#[case("humanize status", "takes a number of seconds")]
#[case("truncate summary status", "takes a number of characters")]
fn a_value_of_the_wrong_shape_fails_with_its_helper(#[case] call: &str, #[case] why: &str) {
    let template = templates().compile(&format!("{{{{{call}}}}}"), Escape::None).unwrap();
    let error = template.text(&data()).unwrap_err();
    assert!(error.0.contains(why), "{error}");
}

#[rstest]
#[case("date finished_at \"%H\" \"Europe/Nowhere\"", "there is no time zone \"Europe/Nowhere\"")]
#[case("date finished_at \"%!\"", "can't read the format")]
#[case("date finished_at", "takes 2 to 3 values, not 1")]
#[case("truncate summary \"x\"", "takes a number of characters")]
#[case("truncate summary -1", "takes a number of characters")]
#[case("upper", "takes 1 value, not 0")]
#[case("upper status group", "takes 1 value, not 2")]
#[case("truncate summary length=10", "takes no named values")]
#[case("eq (upper) 1", "takes 1 value, not 0")]
fn what_a_helper_never_takes_is_found_when_read(#[case] call: &str, #[case] why: &str) {
    let error = fails(&format!("a\n {{{{{call}}}}}"));
    assert!(error.message.contains(why), "{error}");
    assert_eq!((error.line, error.column), (Some(2), Some(2)));
    assert!(error.hint.is_some_and(|hint| hint.starts_with("write `{{")));
}

#[rstest]
#[case(0.0, "0s")]
#[case(0.25, "250ms")]
#[case(59.4, "59s")]
#[case(240.0, "4m")]
#[case(270.0, "4m 30s")]
#[case(3900.0, "1h 5m")]
#[case(3605.0, "1h")]
#[case(183_600.0, "2d 3h")]
#[case(86_400.0, "1d")]
#[case(-60.0, "-1m")]
#[case(f64::NAN, "")]
fn seconds_in_words(#[case] seconds: f64, #[case] words: &str) {
    assert_eq!(humanize(seconds), words);
}

#[test]
fn no_helper_hides_a_variable() {
    for helper in HELPERS {
        assert!(VARIABLES.iter().all(|variable| variable.name != helper.name), "{}", helper.name);
    }
}

#[test]
fn every_usage_in_the_reference_begins_with_the_helper_and_both_tables_are_whole() {
    let page = reference();
    for helper in HELPERS {
        assert!(helper.usage.starts_with(helper.name));
        assert!(page.contains(&format!("| `{{{{{}}}}}` |", helper.usage)));
    }
    assert!(VARIABLES.iter().all(|variable| page.contains(&format!("| `{}` |", variable.name))));
}
