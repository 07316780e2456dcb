use jiff::ToSpan;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(yaml: &str) -> WindowConfig {
    serde_yaml::from_str(yaml).unwrap()
}

fn compile(yaml: &str) -> Result<Window, Vec<Problem>> {
    Window::compile(&read(yaml), &TimeZone::get("Europe/Berlin").unwrap())
}

fn window(yaml: &str) -> Window {
    compile(yaml).map_err(|problems| format!("{problems:#?}")).unwrap()
}

/// The moment at which a clock in Berlin first shows this.
fn berlin(clock: &str) -> Timestamp {
    let clock: DateTime = clock.parse().unwrap();
    clock.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).unwrap().timestamp()
}

#[track_caller]
fn ends(window: &Window, at: &str, end: &str) {
    assert_eq!(window.end_of(berlin(at)), Some(berlin(end)), "{at}");
}

#[track_caller]
fn outside(window: &Window, at: &str) {
    assert_eq!(window.end_of(berlin(at)), None, "{at}");
}

#[test]
fn a_time_past_midnight_belongs_to_the_day_on_which_it_began() {
    let fridays = window("{days: FRI, times: '22:00-07:00'}");
    ends(&fridays, "2026-11-20T22:00", "2026-11-21T07:00");
    ends(&fridays, "2026-11-21T06:59:59.999", "2026-11-21T07:00");
    outside(&fridays, "2026-11-21T07:00");
    outside(&fridays, "2026-11-20T03:00");
    outside(&fridays, "2026-11-20T21:59:59");
}

#[test]
fn times_that_touch_or_overlap_are_one() {
    let touching = window("{times: ['22:00-24:00', '00:00-06:00']}");
    ends(&touching, "2026-11-20T22:30", "2026-11-21T06:00");
    let overlapping = window("{times: ['9:00-12:00', '11:00-13:00', '13:00-14:00']}");
    ends(&overlapping, "2026-11-20T09:00", "2026-11-20T14:00");
    let weekend = window("{days: [SAT, SUN]}");
    ends(&weekend, "2026-11-21T00:00", "2026-11-23T00:00");
    outside(&weekend, "2026-11-23T00:00");
    let both = window("{days: FRI-MON, times: ['18:00-00:00', '00:00-08:00']}");
    ends(&both, "2026-11-21T19:00", "2026-11-22T08:00");
    ends(&both, "2026-11-23T19:00", "2026-11-24T00:00");
}

#[test]
fn dates_are_single_or_ranges_of_one_year_or_of_each() {
    let holidays = window("{dates: [2026-12-24, '2027-03-26..2027-03-29', 05-01, 12-30..01-02]}");
    ends(&holidays, "2026-12-24T12:00", "2026-12-25T00:00");
    outside(&holidays, "2027-12-24T12:00");
    ends(&holidays, "2027-03-26T00:00", "2027-03-30T00:00");
    ends(&holidays, "2031-05-01T23:59", "2031-05-02T00:00");
    ends(&holidays, "2030-12-30T00:00", "2031-01-03T00:00");
    ends(&holidays, "2031-01-02T00:00", "2031-01-03T00:00");
}

#[test]
fn each_key_narrows_the_window() {
    let summer = window("{months: [JUN-AUG, 12], days: SUNDAY, times: '10:00-11:00'}");
    ends(&summer, "2026-08-30T10:30", "2026-08-30T11:00");
    outside(&summer, "2026-08-31T10:30");
    outside(&summer, "2026-09-06T10:30");
    ends(&summer, "2026-12-06T10:30", "2026-12-06T11:00");
    let winter = window("{months: nov-feb}");
    ends(&winter, "2026-11-01T00:00", "2027-03-01T00:00");
    outside(&winter, "2026-10-31T23:59");
}

#[test]
fn a_window_that_the_spring_night_cuts_ends_when_the_clocks_jump() {
    let night = window("{times: '01:30-02:30'}");
    ends(&night, "2026-03-29T01:45", "2026-03-29T03:00");
    outside(&night, "2026-03-29T03:00");
    let skipped = window("{times: '02:10-02:50'}");
    outside(&skipped, "2026-03-29T01:59:59");
    outside(&skipped, "2026-03-29T03:00");
    ends(&window("{times: '22:00-07:00'}"), "2026-03-28T23:00", "2026-03-29T07:00");
}

#[test]
fn the_hour_that_comes_twice_belongs_to_the_window_both_times() {
    let night = window("{times: '01:30-03:00'}");
    let end = "2026-10-25T03:00+01:00[Europe/Berlin]".parse::<jiff::Zoned>().unwrap().timestamp();
    for at in ["2026-10-25T02:15+02:00", "2026-10-25T02:15+01:00"] {
        assert_eq!(night.end_of(at.parse().unwrap()), Some(end), "{at}");
    }
    // Until 02:30: the first time, and again when the clock shows 02:00 once more.
    let half = window("{times: '01:30-02:30'}");
    let end_of = |at: &str| half.end_of(at.parse().unwrap()).map(|end| end.to_string());
    assert_eq!(end_of("2026-10-25T02:15+02:00").as_deref(), Some("2026-10-25T00:30:00Z"));
    assert_eq!(end_of("2026-10-25T02:45+02:00"), None);
    assert_eq!(end_of("2026-10-25T02:15+01:00").as_deref(), Some("2026-10-25T01:30:00Z"));
}

#[test]
fn a_window_has_its_own_zone_if_it_names_one() {
    let night = window("{times: '22:00-07:00', timezone: America/New_York}");
    let at: Timestamp = "2026-11-21T05:00-05:00".parse().unwrap();
    assert_eq!(night.end_of(at), Some("2026-11-21T12:00:00Z".parse().unwrap()));
}

#[test]
fn a_window_without_an_end_ends_after_a_year() {
    let long = window("{dates: 1000-01-01..9999-12-31}");
    let at = berlin("2026-11-20T12:00");
    assert_eq!(long.end_of(at), Some(at + LONGEST));
    assert!(long.end_of(Timestamp::MAX).is_none_or(|end| end == Timestamp::MAX));
    assert!(long.end_of(Timestamp::MIN).is_none());
}

#[test]
fn it_is_described_as_it_was_written() {
    let night = window("{days: [SAT, SUN], times: '22:00-07:00', timezone: Asia/Tokyo}");
    assert_eq!(night.describe(), "SAT, SUN, 22:00-07:00, Asia/Tokyo");
}

#[test]
fn everything_that_is_wrong_is_said_at_its_place() {
    for (yaml, path, says) in [
        ("{days: 3}", "days", "`3` is no day of the week; write MON-FRI"),
        ("{days: weekend}", "days", "no day of the week; write MON-FRI, SAT"),
        ("{days: Wensday}", "days", "did you mean WED?"),
        ("{days: [MON, TEU]}", "days[1]", "`TEU` is no day of the week; did you mean TUE?"),
        ("{days: 'SAT, SUN'}", "days", "`SAT, SUN` is no day"),
        ("{days: M}", "days", "`M` is no day of the week"),
        ("{days: []}", "days", "empty list; leave it out"),
        ("{times: ['22:00-07:00', '25:00-26:00']}", "times[1]", "`25:00` is on no clock"),
        ("{times: '22:00'}", "times", "it has no end; write it as \"22:00-07:00\""),
        ("{times: '7-9'}", "times", "`7` is on no clock"),
        ("{times: '24:30-25:00'}", "times", "`24:30` is on no clock"),
        ("{times: '24:00-07:00'}", "times", "begin it at 00:00"),
        ("{times: '07:00-7:00'}", "times", "ends where it begins; write \"00:00-24:00\""),
        ("{times: '07:0-08:00'}", "times", "`07:0` is on no clock"),
        ("{times: []}", "times", "empty list"),
        ("{dates: 2026-02-30}", "dates", "`2026-02-30` is no day of the calendar"),
        ("{dates: 02-30}", "dates", "`02-30` is no day of the calendar"),
        ("{dates: 24.12.2026}", "dates", "`24.12.2026` is no date; write 2026-12-24"),
        ("{dates: '2026-12-24..12-31'}", "dates", "a year at one end only"),
        ("{dates: '2027-01-01..2026-12-24'}", "dates", "ends before it begins"),
        ("{months: [JAN, 13]}", "months[1]", "`13` is no month"),
        ("{months: DCE}", "months", "did you mean DEC?"),
        (
            "{times: '1:00-2:00', timezone: Europe/Berln}",
            "timezone",
            "did you mean `Europe/Berlin`?",
        ),
        ("{}", "", "never end; give it `days`"),
        ("{times: '00:00-24:00'}", "", "never ends: every time is in it"),
        ("{times: ['09:00-22:00', '22:00-09:00'], days: MON-SUN}", "", "never ends"),
        ("{dates: 01-01..12-31}", "", "never ends"),
        ("{months: FEB, dates: 12-24}", "", "never comes"),
        ("{days: MON, dates: 2026-11-24}", "", "never comes"),
    ] {
        let problems = compile(yaml).err().unwrap_or_else(|| panic!("{yaml} passed"));
        let [problem] = &problems[..] else { panic!("{yaml}: {problems:#?}") };
        assert_eq!(problem.path, path, "{yaml}");
        let said = format!("{}; {}", problem.message, problem.hint.as_deref().unwrap());
        assert!(said.contains(says), "{yaml}: {said}");
    }
    let many = compile("{days: NIX, times: x, dates: 'y', months: z, timezone: q}").err().unwrap();
    assert_eq!(many.len(), 5);
}

#[test]
fn what_comes_seldom_still_comes() {
    window("{dates: 02-29, days: MON}");
    window("{dates: 2191-07-04..2191-07-09}");
}

#[test]
fn a_shape_that_can_not_be_meant_is_refused_in_plain_words() {
    for (yaml, says) in [
        ("{days: {from: MON}}", "a text or a list of texts"),
        ("{days: true}", "a text or a list of texts"),
        ("{days: }", "a text or a list of texts"),
        ("{days: [[MON]]}", "a text"),
        ("{hours: 3}", "unknown field `hours`"),
    ] {
        let error = serde_yaml::from_str::<WindowConfig>(yaml).unwrap_err().to_string();
        assert!(error.contains(says), "{yaml}: {error}");
    }
}

#[test]
fn the_schema_takes_one_or_a_list() {
    let schema = schemars::schema_for!(WindowConfig).to_value();
    let days = &schema["properties"]["days"]["anyOf"];
    assert_eq!(days[0], json!({"type": ["string", "integer"]}));
    assert_eq!(days[1]["type"], "array");
    assert_eq!(schema["additionalProperties"], false);
}

/// The plain meaning: what does the clock show, and is it in the window that began today or
/// yesterday?
fn plainly_inside(days: &[usize], times: &[(i64, i64)], shown: DateTime) -> bool {
    let minute = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
    let today = shown.date().weekday().to_monday_zero_offset() as usize;
    times.iter().any(|(from, to)| {
        let overnight = to < from;
        let begun_today = days.contains(&today) && minute >= *from && (overnight || minute < *to);
        let since_yesterday = days.contains(&((today + 6) % 7)) && overnight && minute < *to;
        begun_today || since_yesterday
    })
}

fn clock(minutes: i64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_end_is_the_first_minute_that_is_outside(
        days in prop::collection::btree_set(0..7_usize, 1..7),
        times in prop::collection::vec((0..96_i64, 0..96_i64), 1..3),
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        day in prop::sample::select(vec!["2026-03-27", "2026-10-23", "2026-03-06", "2026-10-30",
            "2026-04-03", "2026-10-02", "2026-07-10"]),
        start in 0..4320_i64,
    ) {
        let days: Vec<usize> = days.into_iter().collect();
        let times: Vec<(i64, i64)> = times.into_iter().filter(|(from, to)| from != to)
            .map(|(from, to)| (from * 15, to * 15)).collect();
        prop_assume!(!times.is_empty());
        let names: Vec<&str> = days.iter().map(|day| &names::DAYS[*day][..3]).collect();
        let texts: Vec<String> =
            times.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to))).collect();
        let zone = TimeZone::get(zone).unwrap();
        let config = serde_json::from_value(json!({"days": names, "times": texts})).unwrap();
        let window = Window::compile(&config, &zone).unwrap();
        let day: Date = day.parse().unwrap();
        let at = zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap() + start.minutes();
        let inside = |at: Timestamp| plainly_inside(&days, &times, zone.to_datetime(at));
        match window.end_of(at) {
            None => prop_assert!(!inside(at)),
            Some(end) => {
                prop_assert!(end > at && !inside(end));
                let mut minute = at;
                while minute < end {
                    prop_assert!(inside(minute), "{minute} before {end}");
                    minute += 1.minute();
                }
            }
        }
    }
}
