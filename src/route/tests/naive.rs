//! The index leaves out no rule: deciding by it equals trying every rule.

use proptest::prelude::*;

use super::*;

impl Router {
    fn decide_naively(&self, event: &Event) -> Decision {
        let group = self.of_group(event);
        let all = |_: &Facts<'_>| (0..self.rules.len() as u32).collect();
        self.decide_among(event, &mut State::default(), &group, all)
    }
}

fn text() -> impl Strategy<Value = String> {
    let names = ["prod", "prod-eu", "eu-smoke", "checkout-1", "a", "", "é-eu", "eu"];
    prop_oneof![prop::sample::select(names.map(str::to_owned).to_vec()), "[a-cé-]{0,5}",]
}

fn pattern() -> impl Strategy<Value = String> {
    let made = [
        "prod*",
        "*eu",
        "*-*",
        "*",
        "/(prod|eu).*/",
        "/.*smoke/",
        "/[a-c]+/",
        "p?od*",
        "/(?i)PROD.*/",
        "[a-c]*",
        "*o*-*",
        "/a|b|.*-eu/",
        "/prod-eu|eu-smoke/",
        "/é.*/",
    ];
    prop_oneof![
        3 => prop::sample::select(made.map(str::to_owned).to_vec()),
        2 => "[a-cé-]{1,4}",
        1 => "[a-c-]{0,2}\\*[a-c-]{0,2}",
    ]
}

fn status() -> impl Strategy<Value = String> {
    prop::sample::select(
        ["PASSED", "FAILED", "ERROR", "UNSTABLE", "ODD"].map(str::to_owned).to_vec(),
    )
}

fn conditions() -> impl Strategy<Value = Value> {
    let texts = prop::collection::vec(pattern(), 1..3).boxed();
    let leaf = prop_oneof![
        4 => texts.clone().prop_map(|texts| json!({"group": texts})),
        2 => texts.clone().prop_map(|texts| json!({"summary": texts})),
        1 => texts.clone().prop_map(|texts| json!({"source": texts})),
        1 => texts.clone().prop_map(|texts| json!({"event": texts})),
        2 => texts.prop_map(|texts| json!({"labels": {"team": texts}})),
        3 => prop::collection::vec(status(), 1..3).prop_map(|list| json!({"status": list})),
        1 => any::<bool>().prop_map(|wanted| json!({"unmatched": wanted})),
        1 => (0..5).prop_map(|n| json!({"fields": {"n": format!("> {n}")}})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            list.clone().prop_map(|list| json!({"all": list})),
            list.prop_map(|list| json!({"any": list})),
            inner.clone().prop_map(|inner| json!({"not": inner})),
            (inner, status(), pattern())
                .prop_map(|(inner, s, p)| json!({"all": [inner], "status": s, "group": p})),
        ]
    })
}

fn rules() -> impl Strategy<Value = Value> {
    let when = prop_oneof![9 => conditions(), 1 => Just(json!("always"))];
    let rule =
        (when, prop::sample::select(vec!["chat", "mail", "mirror"]), prop::bool::weighted(0.1));
    prop::collection::vec(rule, 1..20).prop_map(|rules| {
        let numbered = rules.into_iter().enumerate();
        let each = numbered.map(|(number, (when, sink, stop))| {
            json!({"name": format!("r{number}"), "when": when, "send": sink, "stop": stop})
        });
        each.collect()
    })
}

fn body() -> impl Strategy<Value = Value> {
    (prop::option::of(status()), text(), text(), text(), 0..6)
        .prop_map(|(status, group, summary, event, n)| {
            json!({"status": status, "groupName": group, "summary": summary, "event": event, "n": n})
        })
}

proptest! {
    #[test]
    fn deciding_by_the_index_equals_trying_every_rule(
        rules in rules(),
        groups in prop::collection::vec((pattern(), pattern()), 0..4),
        bodies in prop::collection::vec(body(), 1..6),
    ) {
        let groups: Value = groups
            .into_iter()
            .map(|(pattern, team)| json!({"match": pattern, "labels": {"team": team}}))
            .collect();
        let router = router(&rules.to_string(), &groups.to_string());
        let mut events: Vec<Event> = bodies.iter().map(event).collect();
        events.push(raw_event(b"unreadable"));
        for event in &events {
            let decision = router.decide(event, &mut State::default());
            prop_assert_eq!(&decision, &router.decide_naively(event));
            prop_assert_eq!(&decision, &router.decide(event, &mut State::default()), "what is remembered changes nothing");
            let matched = |verdict: &Verdict| matches!(verdict.finding, Finding::Matched { .. });
            let explained = router.explain(event, &Standing::default()).into_iter().filter(matched).count();
            let mut told: Vec<&str> = rules_of(&decision);
            told.sort_unstable();
            told.dedup();
            prop_assert_eq!(explained, told.len(), "explain and decide agree");
        }
    }
}
