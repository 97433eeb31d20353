//! Numbers out of results as they are published: fixtures in the shapes of the feeds, and what must not be taken for a result.

use std::path::Path;

use lottery_oracle::{Source, format::ReadError};

/// 2020-09-27 04:30 UTC: half past midnight of the 27th in New York's summer, half past eleven of the 26th at -05:00.
const POWERBALL_EVENT: i64 = 1_601_181_000;
/// 2022-11-23 04:30 UTC, the evening of the 22nd at -05:00.
const MEGA_MILLIONS_EVENT: i64 = 1_669_177_800;

const WHITES: &str = "white_1 white_2 white_3 white_4 white_5";

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source(format: &str) -> Source {
    let toml =
        format!("name = \"s\"\nurl = \"https://example.org/{{date}}\"\nutc_offset = \"-05:00\"\n{format}");
    toml::from_str(&toml).unwrap_or_else(|error| panic!("{format}: {error}"))
}

fn names(text: &str) -> Vec<String> {
    text.split(' ').map(String::from).collect()
}

fn powerball(body: impl AsRef<[u8]>) -> Result<Vec<i64>, ReadError> {
    let facts = names(&format!("{WHITES} powerball multiplier"));
    source("format = \"powerball\"").read(body.as_ref(), &facts, POWERBALL_EVENT)
}

fn mega_millions(body: impl AsRef<[u8]>) -> Result<Vec<i64>, ReadError> {
    let facts = names(&format!("{WHITES} mega_ball multiplier"));
    source("format = \"mega_millions\"").read(body.as_ref(), &facts, MEGA_MILLIONS_EVENT)
}

fn not_yet(read: Result<Vec<i64>, ReadError>) -> String {
    match read {
        Err(ReadError::NotYet(why)) => why,
        other => panic!("not yet, and not {other:?}"),
    }
}

fn invalid(read: Result<Vec<i64>, ReadError>) -> String {
    match read {
        Err(ReadError::Invalid(why)) => why,
        other => panic!("invalid, and not {other:?}"),
    }
}

#[test]
fn the_published_shapes_say_the_same() {
    for name in ["powerball_open_data.json", "powerball_site.json"] {
        assert_eq!(powerball(fixture(name)), Ok(vec![11, 21, 27, 36, 62, 24, 3]), "{name}");
    }
    // The white balls of the site are in the order in which they were drawn.
    for name in ["mega_millions_open_data.json", "mega_millions_site.json", "mega_millions_site.xml"] {
        assert_eq!(mega_millions(fixture(name)), Ok(vec![13, 23, 24, 25, 43, 2, 3]), "{name}");
    }
    // The answer of the site without any wrapping, and behind a byte order mark.
    let plain = r#"{"Drawing":{"PlayDate":"2022-11-22T00:00:00","N1":"13","N2":"23","N3":"24","N4":"25","N5":"43",
                    "MBall":"02","Megaplier":"3X"}}"#;
    assert_eq!(mega_millions(plain), Ok(vec![13, 23, 24, 25, 43, 2, 3]));
    assert_eq!(mega_millions(format!("\u{feff}{plain}\n")), Ok(vec![13, 23, 24, 25, 43, 2, 3]));
}

#[test]
fn facts_come_in_the_order_of_the_config() {
    let read = |facts: &str| {
        let body = fixture("powerball_open_data.json");
        source("format = \"powerball\"").read(&body, &names(facts), POWERBALL_EVENT)
    };
    assert_eq!(read("powerball"), Ok(vec![24]));
    assert_eq!(read("multiplier powerball white_5 white_1"), Ok(vec![3, 24, 62, 11]));
    invalid(read("mega_ball"));
}

#[test]
fn only_the_drawing_of_the_events_day_counts() {
    let body = fixture("powerball_open_data.json");
    let read = |event_at| source("format = \"powerball\"").read(&body, &names("powerball"), event_at);
    const DAY: i64 = 86_400;
    assert_eq!(read(POWERBALL_EVENT), Ok(vec![24]));
    assert_eq!(read(POWERBALL_EVENT + 4 * DAY), Ok(vec![18]));
    for days in [-1, 1, 2, 3, 5, 365] {
        assert!(not_yet(read(POWERBALL_EVENT + days * DAY)).contains("no drawing of"));
    }
    // Midnight at the source's offset.
    assert_eq!(read(POWERBALL_EVENT + 1_799), Ok(vec![24]));
    not_yet(read(POWERBALL_EVENT + 1_800));
    not_yet(powerball("[]"));
    not_yet(mega_millions(r#"{"Drawing":null}"#));
}

#[test]
fn what_is_not_filled_in_yet_is_waited_for() {
    let row = |rest: &str| format!(r#"[{{"draw_date":"2020-09-26T00:00:00.000"{rest}}}]"#);
    not_yet(powerball(row("")));
    not_yet(powerball(row(r#","winning_numbers":null"#)));
    not_yet(powerball(row(r#","winning_numbers":"  ""#)));
    not_yet(powerball(row(r#","winning_numbers":"11 21 27 36 62 24""#)));
    not_yet(powerball(row(r#","winning_numbers":"11 21 27 36 62 24","multiplier":"0""#)));
    // Who does not ask for the multiplier does not wait for it.
    let body = row(r#","winning_numbers":"11 21 27 36 62 24""#);
    let facts = names("white_1 powerball");
    assert_eq!(
        source("format = \"powerball\"").read(body.as_bytes(), &facts, POWERBALL_EVENT),
        Ok(vec![11, 24])
    );
}

#[test]
fn no_drawing_is_made_of_wrong_numbers() {
    let row = |numbers: &str| {
        powerball(format!(r#"[{{"draw_date":"2020-09-26","winning_numbers":"{numbers}","multiplier":"2"}}]"#))
    };
    assert_eq!(row("62, 36 ,27,21,11 24"), Ok(vec![11, 21, 27, 36, 62, 24, 2]));
    for (numbers, why) in [
        ("11 21 27 36 62", "five white balls"),
        ("11 21 27 36 62 24 3", "five white balls"),
        ("0 21 27 36 62 24", "not from 1 to 69"),
        ("11 21 27 36 70 24", "not from 1 to 69"),
        ("11 21 27 36 62 27", "not from 1 to 26"),
        ("11 21 27 36 62 0", "not from 1 to 26"),
        ("-11 21 27 36 62 24", "not from 1 to 69"),
        ("11 11 27 36 62 24", "twice"),
        ("11 21 27 36 62 x", "digits"),
        ("11.5 21 27 36 62 24", "point"),
        ("11 21 27 36 62 99999999999999999999", "64 bits"),
    ] {
        let said = invalid(row(numbers));
        assert!(said.contains(why), "{numbers}: {said}");
    }
    let mega = |whites: &str, ball: &str| {
        mega_millions(format!(
            r#"[{{"draw_date":"2022-11-22","winning_numbers":"{whites}","mega_ball":"{ball}","multiplier":"2"}}]"#
        ))
    };
    assert_eq!(mega("70 1 2 3 4", "25"), Ok(vec![1, 2, 3, 4, 70, 25, 2]));
    invalid(mega("71 1 2 3 4", "25"));
    invalid(mega("70 1 2 3 4", "26"));
    // Powerball's rows have the last ball in the list, and those of the other site are not Powerball's.
    invalid(mega_millions(fixture("mega_millions_site.json").split_at(40).0));
    let other = source("format = \"powerball\"");
    invalid(other.read(&fixture("mega_millions_site.json"), &names("powerball"), MEGA_MILLIONS_EVENT));
}

#[test]
fn two_results_of_one_day_must_be_the_same() {
    let rows = |second: &str| {
        powerball(format!(
            r#"[{{"draw_date":"2020-09-26","winning_numbers":"11 21 27 36 62 24","multiplier":"3"}},
                {{"draw_date":"2020-09-26T00:00:00.000","winning_numbers":"{second}","multiplier":"3"}}]"#
        ))
    };
    assert_eq!(rows("11 21 27 36 62 24"), Ok(vec![11, 21, 27, 36, 62, 24, 3]));
    assert!(invalid(rows("11 21 27 36 62 25")).contains("two results of 2020-09-26"));
    let twice = r#"[{"draw_date":"2020-09-26","winning_numbers":"11 21 27 36 62 24","multiplier":"3",
                     "winning_numbers":"11 21 27 36 62 25"}]"#;
    assert!(invalid(powerball(twice)).contains("twice"));
}

#[test]
fn what_is_no_result_is_said_to_be_none() {
    let whole = fixture("powerball_open_data.json");
    for length in [1, 30, 150, whole.len() - 3] {
        invalid(powerball(&whole[..length]));
    }
    for body in [
        "",
        " ",
        "null",
        "5",
        "{}",
        "[1]",
        "[[]]",
        "\u{0}",
        "<html></html>",
        "<string>",
        "{\"d\":\"\"}",
        "{\"d\":5}",
    ] {
        invalid(powerball(body));
        invalid(mega_millions(body));
    }
    invalid(powerball([0xff, 0xfe, b'[', b']']));
    invalid(powerball(r#"[{"draw_date":"someday","winning_numbers":"11 21 27 36 62 24"}]"#));
    invalid(powerball(r#"[{"draw_date":{"a":1},"winning_numbers":"11 21 27 36 62 24"}]"#));
    // Deep nesting ends in an error, not in a full stack.
    invalid(powerball("[".repeat(100_000)));
    invalid(powerball(format!("{{\"d\":{}}}", "[".repeat(100_000))));
}

const OTHER: &str = r#"
format = "json"
numbers = { first = "/data/0/numbers/0", bonus = "/data/0/bonus_ball" }
event = { pointer = "/data/0/draw_date", form = "%Y-%m-%d" }
"#;

#[test]
fn any_json_is_read_by_pointers() {
    let body = fixture("other_api.json");
    let read = |toml: &str, facts: &str, event_at| source(toml).read(&body, &names(facts), event_at);
    assert_eq!(read(OTHER, "first bonus", POWERBALL_EVENT), Ok(vec![11, 24]));
    assert_eq!(read(OTHER, "bonus first", POWERBALL_EVENT), Ok(vec![24, 11]));
    let said = not_yet(read(OTHER, "bonus", POWERBALL_EVENT + 86_400));
    assert!(said.contains("\"2020-09-26\", not \"2020-09-27\""), "{said}");
    // Decimals, exactly.
    let decimals = OTHER.replace("/data/0/numbers/0", "/data/0/jackpot").replace("bonus_ball", "temperature");
    let scaled = decimals.replace("format = \"json\"", "format = \"json\"\nscale = 2");
    assert_eq!(read(&scaled, "first bonus", POWERBALL_EVENT), Ok(vec![10_150, -325]));
    assert!(invalid(read(&decimals, "first", POWERBALL_EVENT)).contains("scale"));
    // By the draw's number: one a day, and number 1234 was this one.
    let counted = |first: i64| {
        OTHER.replace("draw_date", "draw_number").replace(
            "form = \"%Y-%m-%d\"",
            &format!("first = {first}, first_at = {}, every_seconds = 86400", POWERBALL_EVENT - 10 * 86_400),
        )
    };
    assert_eq!(read(&counted(1_224), "bonus", POWERBALL_EVENT), Ok(vec![24]));
    not_yet(read(&counted(1_224), "bonus", POWERBALL_EVENT + 86_400));
    not_yet(read(&counted(1_225), "bonus", POWERBALL_EVENT));
    // Nothing there, and something that is no number.
    not_yet(read(&OTHER.replace("bonus_ball", "bonus"), "bonus", POWERBALL_EVENT));
    not_yet(read(&OTHER.replace("/data/0/draw_date", "/date"), "bonus", POWERBALL_EVENT));
    invalid(read(&OTHER.replace("/data/0/bonus_ball", "/success"), "bonus", POWERBALL_EVENT));
    invalid(read(&OTHER.replace("/data/0/bonus_ball", "/data/0/numbers"), "bonus", POWERBALL_EVENT));
    invalid(read(&OTHER.replace("bonus_ball", "draw_date"), "bonus", POWERBALL_EVENT));
}
