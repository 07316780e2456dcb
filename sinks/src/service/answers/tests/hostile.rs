//! Whatever is answered, there is a judgement, and what is said of it is one short harmless line.

use proptest::prelude::*;

use super::*;

const FILE: &str = "answers:
  - {status: 4xx, json: {e.0.c: [1, x, null]}, means: unavailable, wait: {json: wait, unit: epoch_ms}}
  - {json: {ok: false}, means: gone, say: it is gone}
  - {header: {x-wait: '*'}, means: unavailable, wait: {header: x-wait, unit: epoch}}
  - {text: e, means: refused}
reason: [e, ., error]";

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![".{0,20}", "[\\u{0}-\\u{20}\\u{202e}\\u{2028}é🔥]{0,400}", "[0-9.e-]{0,30}"]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    let name = prop_oneof![Just("e"), Just("c"), Just("ok"), Just("wait"), Just("error")];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![values().prop_map(|value| value.to_string().into_bytes()), bytes]
}

proptest! {
    #[test]
    fn every_answer_is_judged_in_one_short_line(
        status in 100..1000_u16,
        wait in texts(),
        body in bodies(),
    ) {
        let seen = seen(status, &[("x-wait", &wait), ("retry-after", &wait)], body);
        if let Err(Judged { failure, gone }) = judge(FILE, &seen) {
            prop_assert!(failure.reason.len() < 600, "{}", failure.reason);
            prop_assert!(!failure.reason.chars().any(char::is_control), "{:?}", failure.reason);
            prop_assert_eq!(gone, failure.holding.is_some());
        }
    }
}
