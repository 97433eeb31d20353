//! The TOML file: what is read from it, and what is refused with a message that says what to do.

use lottery_oracle::{Format, OracleConfig};

fn example() -> String {
    std::fs::read_to_string("../examples/oracle.toml").expect("the example")
}

fn refused(toml: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("oracle.toml");
    std::fs::write(&path, toml).expect("written");
    let error = OracleConfig::read(&path).expect_err("it is refused");
    format!("{error:#}")
}

#[test]
fn the_example_is_valid_and_comes_back_from_what_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("oracle.toml");
    std::fs::write(&path, example()).expect("written");
    let config = OracleConfig::read(&path).expect("valid");
    assert_eq!(config.lotteries.len(), 3);
    let formats: Vec<bool> = config
        .lotteries
        .iter()
        .flat_map(|lottery| &lottery.sources)
        .map(|source| matches!(source.format, Format::Json(_)))
        .collect();
    assert_eq!(formats.len(), 9);
    assert!(formats.contains(&true) && formats.contains(&false));
    assert!(config.keypair.starts_with(folder.path()), "relative to the file");
    assert!(config.evidence_dir.starts_with(folder.path()));
    let written = toml::to_string(&config).expect("written");
    assert_eq!(toml::from_str::<OracleConfig>(&written).expect("read again"), config);
}

const HEAD: &str = r#"
rpc_urls = ["http://127.0.0.1:8899"]
keypair = "a.json"
evidence_dir = "evidence"
"#;

fn source(name: &str, url: &str) -> String {
    format!("[[lottery.source]]\nname = \"{name}\"\nurl = \"{url}\"\nformat = \"powerball\"\n")
}

fn file() -> String {
    let sources: String =
        ["a", "b", "c"].iter().map(|name| source(name, &format!("https://{name}.example.org/"))).collect();
    format!("{HEAD}\n[[lottery]]\nid = 1\nfacts = [\"white_1\", \"powerball\"]\n{sources}")
}

#[test]
fn what_is_refused() {
    let good = file();
    toml::from_str::<OracleConfig>(&good).expect("read").check().expect("valid");
    let third = source("c", "https://c.example.org/");
    let json = |rest: &str| {
        format!(
            "[[lottery.source]]\nname = \"c\"\nurl = \"https://c.example.org/\"\nformat = \"json\"\n{rest}\n"
        )
    };
    let numbers = "numbers = { white_1 = \"/a\", powerball = \"/b\" }";
    for (toml, says) in [
        (good.replace("id = 1", "id = 1\nlucky = true"), "lucky"),
        (good.replace("rpc_urls = [\"http://127.0.0.1:8899\"]", "rpc_urls = []"), "rpc_urls"),
        (HEAD.to_string(), "lottery"),
        (format!("{HEAD}lottery = []"), "no [[lottery]]"),
        (good.replace(&third, ""), "2 sources are given: give 3"),
        (format!("{good}{}", source("d", "https://d.example.org/")), "4 sources are given: give 3"),
        (good.replace("https://c.example.org/", "https://b.example.org/"), "same url"),
        (good.replace("name = \"c\"", "name = \"b\""), "same name"),
        (good.replace("https://c.example.org/", "ftp://c.example.org/"), "no http or https"),
        (good.replace("https://c.example.org/", "c.example.org"), "c.example.org"),
        (good.replace("https://c.example.org/", "https://me:secret@c.example.org/"), "holds a password"),
        (good.replace("\"powerball\"]", "\"mega_ball\"]"), "no fact \"mega_ball\""),
        (good.replace("\"powerball\"]", "\"white_1\"]"), "named twice"),
        (good.replace("facts = [\"white_1\", \"powerball\"]", "facts = []"), "0 facts"),
        (good.replace("format = \"powerball\"", "format = \"lotto\""), "none of powerball"),
        (
            good.replace("format = \"powerball\"", "format = \"powerball\"\nscale = 2"),
            "of format \"json\" alone",
        ),
        (
            good.replace("format = \"powerball\"", "format = \"powerball\"\nutc_offset = \"EST\""),
            "\"-05:00\"",
        ),
        (good.replace(&third, &json("")), "needs numbers"),
        (good.replace(&third, &json(numbers)), "nothing says which event"),
        (good.replace(&third, &json("numbers = { white_1 = \"a\" }")), "does not begin with /"),
        (good.replace(&third, &json("numbers = { white_1 = \"/a\" }\nscale = 19")), "at most 18"),
        (
            good.replace(&third, &json(&format!("{numbers}\nevent = {{ pointer = \"/d\" }}"))),
            "an event has a form",
        ),
        (
            good.replace(&third, &json(&format!("{numbers}\nevent = {{ pointer = \"/d\", form = \"%!\" }}"))),
            "form \"%!\"",
        ),
        (
            good.replace(
                &third,
                &json("numbers = { white_1 = \"/a\" }\nevent = { pointer = \"/d\", form = \"%Y\" }"),
            ),
            "no fact \"powerball\"",
        ),
        (format!("poll_interval_ms = 1\n{good}"), "poll_interval_ms"),
        (format!("timeout_ms = 0\n{good}"), "timeout_ms"),
        (format!("max_body_bytes = 1\n{good}"), "max_body_bytes"),
        (format!("retry_first_ms = 5000\nretry_longest_ms = 4000\n{good}"), "retry_first_ms"),
        (format!("webhook_url = \"mailto:me\"\n{good}"), "webhook_url"),
        (format!("{good}{}", good.split_at(good.find("[[lottery]]").expect("there")).1), "given twice"),
    ] {
        let said = refused(&toml);
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(
        format!("{:#}", OracleConfig::read("nowhere.toml".as_ref()).unwrap_err()).contains("nowhere.toml")
    );
}
