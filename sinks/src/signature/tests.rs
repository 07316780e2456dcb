//! Known answers, and every signature that must be refused.

use hmac::Mac;
use jiff::Timestamp;

use super::*;
use crate::secret::Secret;

const BODY: &[u8] = br#"{"event":"execution.finished","status":"FAILED"}"#;

fn key(secret: &str) -> AgnoxKey {
    AgnoxKey::new(&Secret::new(secret)).unwrap()
}

#[test]
fn the_mac_is_rfc_4231s() {
    let of = |key: &[u8], data: &[u8]| {
        hex::encode(keyed(key).chain_update(data).finalize().into_bytes())
    };
    assert_eq!(
        of(&[0x0b; 20], b"Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    assert_eq!(
        of(b"Jefe", b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        of(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

#[test]
fn what_is_signed_verifies_and_is_written_in_agnoxs_form() {
    let key = key("Jefe");
    let signature = key.sign(b"what do ya want for nothing?");
    assert_eq!(
        signature,
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        signature.strip_prefix("sha256="),
        Some(&*key.sign_bare(b"what do ya want for nothing?"))
    );
    assert_eq!(key.verify(signature.as_bytes(), b"what do ya want for nothing?"), Ok(()));
}

#[test]
fn every_malformed_signature_is_refused_by_the_check_that_it_fails() {
    let key = key("s3cret");
    let good = key.sign(BODY);
    let hex = key.sign_bare(BODY);
    let cases: Vec<(Vec<u8>, Refusal)> = vec![
        (b"".to_vec(), Refusal::Prefix),
        (hex.clone().into_bytes(), Refusal::Prefix),
        (format!("SHA256={hex}").into_bytes(), Refusal::Prefix),
        (format!("Sha256={hex}").into_bytes(), Refusal::Prefix),
        (format!("sha1={hex}").into_bytes(), Refusal::Prefix),
        (b"sha256=".to_vec(), Refusal::Length(0)),
        (b"sha256=a".to_vec(), Refusal::Length(1)),
        (format!("sha256={}", &hex[1..]).into_bytes(), Refusal::Length(63)),
        (format!("{good}0").into_bytes(), Refusal::Length(65)),
        (format!("{good} ").into_bytes(), Refusal::Characters),
        (format!(" {good}").into_bytes(), Refusal::Characters),
        (format!("{good}\n").into_bytes(), Refusal::Characters),
        (format!("sha256={}é", &hex[2..]).into_bytes(), Refusal::Characters),
        ([good.as_bytes(), &[0xff]].concat(), Refusal::Characters),
        (format!("{good},{good}").into_bytes(), Refusal::Several),
        (format!("{good}, {good}").into_bytes(), Refusal::Several),
        (format!("sha256=g{}", &hex[1..]).into_bytes(), Refusal::Digits),
        (format!("sha256=sha256={}", &hex[7..]).into_bytes(), Refusal::Digits),
        (key.sign(b"other bytes").into_bytes(), Refusal::Mismatch),
        (format!("sha256={}", "0".repeat(64)).into_bytes(), Refusal::Mismatch),
    ];
    for (header, refusal) in cases {
        let shown = String::from_utf8_lossy(&header).into_owned();
        assert_eq!(key.verify(&header, BODY), Err(refusal), "{shown:?}");
    }
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    let key = key("s3cret");
    let good = hex::decode(key.sign_bare(BODY)).unwrap();
    for bit in 0..256 {
        let mut other = good.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        let header = format!("sha256={}", hex::encode(other));
        assert_eq!(key.verify(header.as_bytes(), BODY), Err(Refusal::Mismatch), "bit {bit}");
    }
}

#[test]
fn digits_may_come_in_either_case() {
    let key = key("s3cret");
    let upper = format!("sha256={}", key.sign_bare(BODY).to_uppercase());
    assert_eq!(key.verify(upper.as_bytes(), BODY), Ok(()));
}

#[test]
fn while_a_secret_is_rotated_both_pass_and_a_third_does_not() {
    let keys = [key("new"), key("old")];
    for secret in ["new", "old"] {
        assert_eq!(verify_any(&keys, key(secret).sign(BODY).as_bytes(), BODY), Ok(()));
    }
    let third = key("older").sign(BODY);
    assert_eq!(verify_any(&keys, third.as_bytes(), BODY), Err(Refusal::Mismatch));
    assert_eq!(verify_any(&[], third.as_bytes(), BODY), Err(Refusal::Mismatch));
}

#[test]
fn exactly_one_header_is_taken() {
    let one: &[u8] = b"sha256=1";
    assert_eq!(single(std::iter::empty()), Err(Refusal::NoHeader));
    assert_eq!(single([one].into_iter()), Ok(one));
    assert_eq!(single([one, one].into_iter()), Err(Refusal::Several));
}

#[test]
fn a_blank_secret_is_refused_and_a_short_one_is_weak() {
    for blank in ["", " ", "\n\t "] {
        assert_eq!(AgnoxKey::new(&Secret::new(blank)).map(drop), Err(BlankSecret));
    }
    assert!(key(&"x".repeat(31)).is_weak());
    assert!(!key(&"x".repeat(32)).is_weak());
}

#[test]
fn no_key_shows_itself() {
    let whsec = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let shown = format!("{:?} {:?}", key("canary"), StandardWebhooksKey::parse(&whsec).unwrap());
    assert_eq!(shown, "AgnoxKey(***) StandardWebhooksKey(***)");
}

#[test]
fn a_standard_webhooks_signature_is_the_specifications() {
    let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let at = Timestamp::from_second(1_614_265_330).unwrap();
    let headers = StandardWebhooksKey::parse(&secret).unwrap().headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at,
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(
        headers,
        [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()),
            ("webhook-timestamp", "1614265330".to_owned()),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()),
        ]
    );
}

#[test]
fn a_text_that_is_no_standard_webhooks_key_says_why() {
    let parse = |text: &str| StandardWebhooksKey::parse(&Secret::new(text)).map(drop);
    assert_eq!(parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Err(BadKey::Prefix));
    assert_eq!(parse("whsec_not base64!"), Err(BadKey::Base64));
    assert_eq!(parse("whsec_c2hvcnQ="), Err(BadKey::Length(5)));
    assert_eq!(parse("whsec_"), Err(BadKey::Length(0)));
}
