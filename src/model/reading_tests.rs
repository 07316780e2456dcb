//! What can be read from bodies of every shape.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const USUAL: &str = r#"{"event":"execution.finished","executionId":"exec_xyz789","taskId":"task_abc123","status":"FAILED","summary":"3 tests failed in My Test Suite","groupName":"my-test-group","startedAt":"2026-03-14T11:56:00.000Z","finishedAt":"2026-03-14T12:00:00.000Z"}"#;

#[test]
fn the_documented_body_is_read_whole() {
    let reading = Reading::of(USUAL.as_bytes());
    assert_eq!(reading.unreadable, None);
    assert_eq!(reading.event.as_deref(), Some("execution.finished"));
    assert_eq!(reading.execution_id.as_deref(), Some("exec_xyz789"));
    assert_eq!(reading.task_id.as_deref(), Some("task_abc123"));
    assert_eq!(reading.status, Some(Status::Failed));
    assert_eq!(reading.summary.as_deref(), Some("3 tests failed in My Test Suite"));
    assert_eq!(&*reading.group, "my-test-group");
    assert_eq!(reading.duration(), Some(SignedDuration::from_mins(4)));
    assert_eq!(reading.body["status"], "FAILED");
}

#[test]
fn a_missing_null_or_empty_group_is_ungrouped() {
    for body in ["{}", r#"{"groupName":null}"#, r#"{"groupName":""}"#, r#"{"groupName":" "}"#] {
        assert_eq!(&*Reading::of(body.as_bytes()).group, UNGROUPED, "{body}");
    }
}

#[test]
fn a_lone_surrogate_is_replaced_and_a_pair_is_kept() {
    let body = r#"{"summary":"\ud83d \ud83d\ude00 \ude00 \\ud83d \uD83Dx","status":"ERROR"}"#;
    let reading = Reading::of(body.as_bytes());
    let expected = "\u{fffd} 😀 \u{fffd} \\ud83d \u{fffd}x";
    assert_eq!(reading.summary.as_deref(), Some(expected));
    assert_eq!(reading.status, Some(Status::Error));
}

#[test]
fn a_mark_broken_utf8_a_nul_and_equal_keys_are_read() {
    let mut body = b"\xef\xbb\xbf".to_vec();
    body.extend_from_slice(br#"{"status":"PASSED","summary":"a\u0000b","status":"failed","#);
    body.extend_from_slice(b"\"groupName\":\"x\xff\"}");
    let reading = Reading::of(&body);
    assert_eq!(reading.status, Some(Status::Failed));
    assert_eq!(reading.summary.as_deref(), Some("a\0b"));
    assert_eq!(&*reading.group, "x\u{fffd}");
}

#[test]
fn a_part_that_is_too_deep_or_too_large_doesnt_hide_the_rest() {
    for depth in [128, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let body = format!(r#"{{"deep":{open}{close},"status":"FAILED","huge":1e999}}"#);
        let reading = Reading::of(body.as_bytes());
        assert_eq!(reading.unreadable, None);
        assert_eq!(reading.status, Some(Status::Failed));
        assert_eq!(*reading.body, json!({"deep": null, "huge": null, "status": "FAILED"}));
    }
}

#[test]
fn other_types_are_taken_as_far_as_they_make_sense() {
    let body = json!({
        "summary": 3, "event": {"a": 1}, "groupName": 7, "status": "flaky?",
        "taskId": [], "startedAt": 1_773_489_360_000_i64, "finishedAt": "yesterday",
    });
    let reading = Reading::of(body.to_string().as_bytes());
    assert_eq!(reading.summary.as_deref(), Some("3"));
    assert_eq!(reading.event, None);
    assert_eq!(&*reading.group, "7");
    assert_eq!(reading.status, Some(Status::Unknown("FLAKY?".into())));
    assert_eq!(reading.task_id, None);
    assert_eq!(reading.started_at, Some("2026-03-14T11:56:00Z".parse().unwrap()));
    assert_eq!(reading.finished_at, None);
    assert_eq!(reading.duration(), None);
}

#[test]
fn an_older_shape_is_read_from_its_data() {
    let body = json!({
        "event": "execution.completed",
        "data": {"status": "PASSED", "taskId": "t1", "groupName": "g", "failed": 3,
                 "executionUrl": "https://agnox.dev/e/1"},
    });
    let reading = Reading::of(body.to_string().as_bytes());
    assert_eq!(reading.event.as_deref(), Some("execution.completed"));
    assert_eq!(reading.status, Some(Status::Passed));
    assert_eq!(reading.task_id.as_deref(), Some("t1"));
    assert_eq!(&*reading.group, "g");
    assert_eq!(reading.link.as_deref(), Some("https://agnox.dev/e/1"));
}

#[test]
fn what_is_no_json_object_is_unreadable_and_says_why() {
    for (body, why) in [
        (&b"hello"[..], "no JSON"),
        (b"", "empty"),
        (b"[1]", "a list"),
        (b"null", "null"),
        (br#"{"status":"FAILED""#, "no JSON"),
        (br#"{"status":"FAILED"} x"#, "no JSON"),
    ] {
        let reading = Reading::of(body);
        assert!(reading.unreadable.as_ref().unwrap().contains(why), "{:?}", reading.unreadable);
        assert_eq!(&*reading.group, UNGROUPED);
        assert_eq!(*reading.body, Value::Null);
    }
}

#[test]
fn a_run_that_ends_before_it_starts_or_takes_years_has_no_duration() {
    for (start, end) in [
        ("2026-03-14T12:00:00Z", "2026-03-14T11:00:00Z"),
        ("1970-01-01T00:00:00Z", "2026-03-14T11:00:00Z"),
    ] {
        let body = json!({"startedAt": start, "finishedAt": end}).to_string();
        assert_eq!(Reading::of(body.as_bytes()).duration(), None);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let reading = Reading::of(&body);
        prop_assert!(!reading.group.is_empty());
    }

    #[test]
    fn no_change_to_a_good_body_makes_reading_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>(), 0..4_u8), 1..6),
        escapes in proptest::collection::vec("\\\\u[dD][89abcdefABCDEF0-9]{2,3}é?", 0..3),
    ) {
        let mut body = USUAL.replace("tests", &escapes.concat()).into_bytes();
        for (at, byte, how) in changes {
            let at = at % body.len();
            match how {
                0 => body[at] = byte,
                1 if body.len() > 1 => { body.remove(at); }
                2 => body.insert(at, byte),
                _ => body.truncate(at + 1),
            }
        }
        let reading = Reading::of(&body);
        prop_assert!(!reading.group.is_empty());
        prop_assert_eq!(reading.unreadable.is_some(), reading.body.is_null());
    }
}

#[test]
fn a_name_that_nobody_would_write_is_cut_and_still_told_apart() {
    let read = |name: &str| {
        let body = serde_json::json!({"groupName": name, "status": name}).to_string();
        Reading::of(body.as_bytes())
    };
    let (one, other) = ("ü".repeat(500_000), "ü".repeat(500_001));
    assert_ne!(read(&one).group, read(&other).group);
    assert_eq!(read(&one).group, read(&one).group);
    for name in [&one, &other] {
        assert!(read(name).group.len() < 1100 && read(name).group.starts_with('ü'));
        assert!(read(name).status.unwrap().as_str().len() <= 200);
    }
    let usual = "x".repeat(1024);
    assert_eq!(*read(&usual).group, usual);
}
