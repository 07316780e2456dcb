use jiff::ToSpan;
use proptest::prelude::*;

use super::*;

fn compile(cron: &str, zone: &str) -> Result<Recurrence, Vec<Problem>> {
    let config = RecurrenceConfig { cron: Some(cron.into()), ..RecurrenceConfig::default() };
    Recurrence::compile(&config, &TimeZone::get(zone).unwrap())
}

fn cron(text: &str, zone: &str) -> Recurrence {
    compile(text, zone).map_err(|problems| format!("{text}: {problems:#?}")).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next moments after a time, with the offset of the zone at each.
fn coming(recurrence: &Recurrence, zone: &str, after: &str, count: usize) -> Vec<String> {
    let mut at = time(after);
    let mut found = Vec::new();
    for _ in 0..count {
        at = recurrence.next(at).unwrap();
        let shown = at.to_zoned(TimeZone::get(zone).unwrap());
        found.push(shown.strftime("%m-%d %H:%M %:z").to_string());
    }
    found
}

#[test]
fn a_time_that_the_clocks_skip_comes_when_they_skip_it() {
    let night = cron("30 2 * * *", "Europe/Berlin");
    let found = coming(&night, "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
    assert_eq!(found, ["03-28 02:30 +01:00", "03-29 03:00 +02:00", "03-30 02:30 +02:00"]);
    let found = coming(
        &cron("30 2 * * *", "America/New_York"),
        "America/New_York",
        "2026-03-07T12:00:00Z",
        2,
    );
    assert_eq!(found, ["03-08 03:00 -04:00", "03-09 02:30 -04:00"]);
}

#[test]
fn a_time_that_comes_twice_comes_once() {
    let night = cron("30 2 * * *", "Europe/Berlin");
    let found = coming(&night, "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(found, ["10-25 02:30 +02:00", "10-26 02:30 +01:00"]);
    // Asked in the hour that came a second time.
    assert_eq!(night.next(time("2026-10-25T02:10+01:00")), Some(time("2026-10-26T02:30+01:00")));
    let night = cron("30 1 * * *", "America/New_York");
    let found = coming(&night, "America/New_York", "2026-10-31T12:00:00Z", 2);
    assert_eq!(found, ["11-01 01:30 -04:00", "11-02 01:30 -05:00"]);
}

#[test]
fn many_that_are_skipped_come_as_one() {
    let often = cron("*/20 * * * *", "Europe/Berlin");
    let found = coming(&often, "Europe/Berlin", "2026-03-29T00:30:00Z", 3);
    assert_eq!(found, ["03-29 01:40 +01:00", "03-29 03:00 +02:00", "03-29 03:20 +02:00"]);
}

#[test]
fn the_last_is_found_over_a_change_of_the_clocks_too() {
    let night = cron("50 2 * * *", "Europe/Berlin");
    let long_ago = time("2026-01-01T00:00:00Z");
    let last = |at: &str| night.last(long_ago, time(at)).unwrap();
    assert_eq!(last("2026-10-25T02:10+01:00"), time("2026-10-25T02:50+02:00"));
    assert_eq!(last("2026-10-25T02:49+02:00"), time("2026-10-24T02:50+02:00"));
    assert_eq!(last("2026-03-29T03:00+02:00"), time("2026-03-29T03:00+02:00"));
    assert_eq!(last("2026-03-29T01:59+01:00"), time("2026-03-28T02:50+01:00"));
    assert_eq!(night.last(time("2026-10-25T01:00:00Z"), time("2026-10-25T02:00:00Z")), None);
}

#[test]
fn an_interval_counts_from_the_time_asked_with() {
    let config =
        RecurrenceConfig { every: Some(Span::parse("1h30m").unwrap()), ..Default::default() };
    let hourly = Recurrence::compile(&config, &TimeZone::UTC).unwrap();
    let at = time("2026-01-01T00:00:07Z");
    assert_eq!(hourly.next(at), Some(time("2026-01-01T01:30:07Z")));
    assert_eq!(hourly.last(at, at), None);
    assert_eq!(hourly.describe(), "1h30m");
    assert_eq!(hourly.next(Timestamp::MAX), None);
}

#[test]
fn names_ranges_and_nicknames_are_read_as_crontab_reads_them() {
    for (text, first) in [
        ("0 9 * * MON-FRI", "2026-01-01T09:00:00Z"),
        ("0 9 * * sat,sun", "2026-01-03T09:00:00Z"),
        ("0 9 * * 7", "2026-01-04T09:00:00Z"),
        ("0 9 * * 0", "2026-01-04T09:00:00Z"),
        ("0 9 * * FRI-SUN", "2026-01-02T09:00:00Z"),
        ("0 0 13 * FRI", "2026-01-02T00:00:00Z"),
        ("0 0 1 MAR-MAY *", "2026-03-01T00:00:00Z"),
        ("5-10/5 */8 * * *", "2026-01-01T00:05:00Z"),
        ("0 0 L * *", "2026-01-31T00:00:00Z"),
        ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
        ("@daily", "2026-01-02T00:00:00Z"),
        ("@Weekly", "2026-01-04T00:00:00Z"),
        (" 0  9 * * * ", "2026-01-01T09:00:00Z"),
    ] {
        let found = cron(text, "UTC").next(time("2026-01-01T00:00:00Z"));
        assert_eq!(found, Some(time(first)), "{text}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_its_place() {
    for (text, says) in [
        ("", "it has 0 fields"),
        ("0 2 * *", "it has 4 fields, not five"),
        ("0 0 2 * * *", "it has 6 fields, not five"),
        ("0 0 2 * * * 2026", "it has 7 fields"),
        ("60 2 * * *", "out of bounds"),
        ("0 24 * * *", "out of bounds"),
        ("0 2 * MON *", "`MON` can't stand for the month"),
        ("0 2 * * JAN", "`JAN` can't stand"),
        ("0 MON * * *", "`MON` can't stand"),
        ("0 2 * * MONDAY", "`MONDAY` can't stand"),
        ("0 2 * * FRI-MON", "out of bounds"),
        ("0/10 * * * *", "cron"),
        ("*/0 * * * *", "zero"),
        ("0 0 30 2 *", "never comes"),
        ("@noon", "there are @yearly"),
        ("@reboot", "there are @yearly"),
        ("0 2 * * \u{1f}", "cron"),
    ] {
        let problems = compile(text, "UTC").err().unwrap_or_else(|| panic!("{text} passed"));
        let [problem] = &problems[..] else { panic!("{text}: {problems:#?}") };
        assert_eq!(problem.path, "cron", "{text}");
        let said = format!("{}; {}", problem.message, problem.hint.as_deref().unwrap());
        assert!(said.contains(says), "{text}: {said}");
        assert!(!said.contains("Component") && !said.contains("CronPattern"), "{said}");
    }
}

#[test]
fn one_of_cron_and_every_is_needed() {
    let wrong = |config: RecurrenceConfig| {
        let problems = Recurrence::compile(&config, &TimeZone::UTC).err().unwrap();
        let with_hint = |p: Problem| (p.path, format!("{}; {}", p.message, p.hint.unwrap()));
        problems.into_iter().map(with_hint).collect::<Vec<_>>()
    };
    let cron = Some("0 2 * * *".to_owned());
    let every = Some(Span::parse("59s").unwrap());
    let timezone = Some("Mars/Base".to_owned());
    let none = wrong(RecurrenceConfig::default());
    assert_eq!(none, [(String::new(), "it doesn't say when; write `cron` or `every`".to_owned())]);
    let both = RecurrenceConfig { cron: cron.clone(), every, timezone: None };
    assert_eq!(wrong(both)[0].0, "");
    let short = wrong(RecurrenceConfig { every, timezone: timezone.clone(), cron: None });
    assert_eq!(short[0].0, "every");
    assert!(short[0].1.contains("a minute is the shortest"), "{}", short[0].1);
    assert_eq!(short[1].0, "timezone");
    let zone = wrong(RecurrenceConfig { cron, timezone, every: None });
    assert_eq!(zone[0].0, "timezone");
}

/// A field of a cron, and the numbers that it stands for.
fn field(low: i8, high: i8) -> impl Strategy<Value = (String, Vec<i8>)> {
    let one = (low..=high).prop_map(|n| (n.to_string(), vec![n]));
    let range = (low..=high, low..=high).prop_map(|(a, b)| {
        let (a, b) = (a.min(b), a.max(b));
        (format!("{a}-{b}"), (a..=b).collect())
    });
    let step = (2..=9_i8)
        .prop_map(move |step| (format!("*/{step}"), (low..=high).step_by(step as usize).collect()));
    prop_oneof![one, range, step, Just(("*".to_owned(), (low..=high).collect()))]
}

type Fields = [Vec<i8>; 2];

/// Whether one of the readings of the clock that this minute brings is meant: its own, those that
/// the clocks skip right at it; and none that came before.
fn comes(zone: &TimeZone, [minutes, hours]: &Fields, at: Timestamp) -> bool {
    let meant =
        |clock: DateTime| minutes.contains(&clock.minute()) && hours.contains(&clock.hour());
    let (before, now) = (zone.to_datetime(at - 1.minute()), zone.to_datetime(at));
    let came_before = (1..=60).any(|minutes| zone.to_datetime(at - minutes.minutes()) == now);
    let mut skipped = before + 1.minute();
    while skipped < now {
        if meant(skipped) {
            return true;
        }
        skipped += 1.minute();
    }
    meant(now) && !came_before
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn next_and_last_are_what_a_walk_over_the_minutes_finds(
        minutes in field(0, 59),
        hours in field(0, 23),
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        day in prop::sample::select(vec!["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01",
            "2026-04-05", "2026-10-04", "2026-07-10"]),
        start in 0..2880_i64,
    ) {
        let recurrence = cron(&format!("{} {} * * *", minutes.0, hours.0), zone);
        let zone = TimeZone::get(zone).unwrap();
        let day: jiff::civil::Date = day.parse().unwrap();
        let at = zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap() + (start - 1440).minutes();
        let fields = [minutes.1, hours.1];
        let walk = |step: i64, from: i64| {
            (from..3 * 1440).map(|n| at + (n * step).minutes()).find(|at| comes(&zone, &fields, *at))
        };
        prop_assert_eq!(recurrence.next(at), walk(1, 1));
        prop_assert_eq!(recurrence.last(Timestamp::MIN, at), walk(-1, 0));
    }

    #[test]
    fn no_text_breaks_the_reading(text in "[-0-9A-Za-z*/,#?+@ ü]{0,24}") {
        let _ = compile(&text, "UTC").map(|cron| cron.next(Timestamp::UNIX_EPOCH));
    }
}
