//! Who is let in.

use super::{BODY, Bridge, OLD_SECRET, SECRET, assert_status, post, sign, signed};

#[tokio::test(flavor = "multi_thread")]
async fn every_signature_that_does_not_hold_gets_the_same_401() {
    let bridge = Bridge::start();
    let good = sign(SECRET, BODY);
    let digits = good.trim_start_matches("sha256=");
    let of_other_bytes = sign(SECRET, b"other bytes");
    let wrong: Vec<Vec<String>> = vec![
        vec![],
        vec![good.clone(), good.clone()],
        vec![good.clone(), of_other_bytes.clone()],
        vec![format!("{good}, {good}")],
        vec![format!("{good},{of_other_bytes}")],
        vec![digits.to_owned()],
        vec![format!("SHA256={digits}")],
        vec![format!("Sha256={digits}")],
        vec!["sha256=".to_owned()],
        vec![format!("sha256={}", &digits[..1])],
        vec![format!("sha256={}", &digits[..63])],
        vec![format!("sha256={digits}0")],
        vec![format!("sha256= {digits}")],
        vec![format!("sha256={}g", &digits[..63])],
        vec![format!("sha256={}é", &digits[..62])],
        vec![of_other_bytes],
        vec![sign("another secret than the configured one", BODY)],
    ];
    let count = wrong.len() as u64;
    let mut bodies = Vec::new();
    for values in wrong {
        let lines: Vec<String> =
            values.iter().map(|value| format!("x-agnox-signature: {value}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let answer = bridge.exchange(&post("/hooks/main", &lines, BODY)).await;
        assert_status(&answer, 401);
        bodies.push(answer.split_once("\r\n\r\n").unwrap().1.to_owned());
    }
    bodies.dedup();
    assert_eq!(bodies, ["{\"error\":\"the signature does not hold\"}\n"]);
    assert_eq!(bridge.refused("signature"), count, "each is verified and counted");
    assert!(bridge.events().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_pass_while_one_is_rotated() {
    let bridge = Bridge::start();
    let old = format!("X-Agnox-Signature: {}", sign(OLD_SECRET, BODY));
    assert_status(&bridge.exchange(&post("/hooks/main", &[&old], BODY)).await, 202);
    let other = [BODY, b" "].concat();
    assert_status(&bridge.exchange(&signed(&other)).await, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_allows_unsigned_takes_anything() {
    let bridge = Bridge::start();
    assert_status(&bridge.exchange(&post("/hooks/open", &[], BODY)).await, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_bad_signatures_never_keep_a_good_one_out() {
    let bridge = Bridge::start();
    for _ in 0..200 {
        let bad = post("/hooks/main", &["x-agnox-signature: sha256=00"], BODY);
        assert_status(&bridge.exchange(&bad).await, 401);
    }
    assert_status(&bridge.exchange(&signed(BODY)).await, 202);
    assert_eq!(bridge.refused("signature"), 200);
}
