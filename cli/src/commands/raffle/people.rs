//! People and groups as an organiser writes them: a CSV file of owners and groups, and a weight for each group.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, bail, ensure};
use lottery_client::{Pubkey, raffle::Person};

/// Bad lines that an error names; a file may be nothing but bad lines.
const NAMED: usize = 10;

/// Weights by group, from "A=10,B=3,C=1".
pub fn parse_groups(text: &str) -> anyhow::Result<BTreeMap<String, u32>> {
    let mut groups = BTreeMap::new();
    for part in text.split(',') {
        let explain = || format!("--groups: {part:?}: write GROUP=WEIGHT, for example A=10,B=3,C=1");
        let (group, weight) = part.split_once('=').with_context(explain)?;
        let (group, weight) = (group.trim(), weight.trim());
        ensure!(!group.is_empty(), explain());
        let weight: u32 = weight.parse().ok().with_context(explain)?;
        ensure!(weight > 0, "WeightZero: --groups: {group}=0: a weight of zero has no chance");
        ensure!(groups.insert(group.to_string(), weight).is_none(), "--groups: {group} is named twice");
    }
    Ok(groups)
}

/// The columns of a line, out of their quotes.
fn columns(line: &str) -> Vec<&str> {
    line.split(',').map(|text| unquoted(text.trim())).collect()
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim()
}

/// People in the order of the file. Its first line may name the columns; empty lines are passed over. Every bad line is named,
/// by its number. `read` is called after each line.
pub fn parse_people(
    text: &str,
    groups: &BTreeMap<String, u32>,
    mut read: impl FnMut(),
) -> anyhow::Result<Vec<Person>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut people = Vec::new();
    let mut lines: HashMap<Pubkey, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        read();
        let columns = columns(line);
        let is_head = number == 1 && columns.first().is_some_and(|name| name.eq_ignore_ascii_case("owner"));
        if line.trim().is_empty() || is_head {
            continue;
        }
        match person(&columns, groups) {
            Ok(person) => match lines.insert(person.owner, number) {
                None => people.push(person),
                Some(first) => {
                    // The first of them stays the first.
                    lines.insert(person.owner, first);
                    let owner = person.owner;
                    faults.push(format!("line {number}: {owner} is on line {first} already: one place each"));
                }
            },
            Err(error) => faults.push(format!("line {number}: {error:#}")),
        }
    }
    let more = faults.len().saturating_sub(NAMED);
    if more > 0 {
        faults.truncate(NAMED);
        faults.push(format!("and {more} more"));
    }
    if !faults.is_empty() {
        bail!(faults.join("; "));
    }
    ensure!(!people.is_empty(), "nobody is in it: write a line for each person, owner,group");
    Ok(people)
}

fn person(columns: &[&str], groups: &BTreeMap<String, u32>) -> anyhow::Result<Person> {
    let [owner, group] = columns else {
        bail!("write owner,group, this has {} columns", columns.len());
    };
    let address = owner.parse::<Pubkey>();
    let owner = address.ok().with_context(|| format!("{owner:?} is not an address (32 bytes in base58)"))?;
    let weight = groups.get(*group).with_context(|| {
        let known: Vec<_> = groups.keys().map(String::as_str).collect();
        format!("group {group:?} has no weight: --groups names {}", known.join(", "))
    })?;
    Ok(Person { owner, group: group.to_string(), weight: *weight })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(number: u8) -> String {
        Pubkey::new_from_array([number; 32]).to_string()
    }

    fn read(text: &str) -> Result<Vec<Person>, String> {
        let groups = parse_groups("A=10,B=3").unwrap();
        parse_people(text, &groups, || {}).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn groups_have_weights() {
        let groups = parse_groups("B=3, A = 10,C=4294967295").unwrap();
        assert_eq!(
            groups.into_iter().collect::<Vec<_>>(),
            [("A".to_string(), 10), ("B".to_string(), 3), ("C".to_string(), u32::MAX),]
        );
        for (wrong, words) in [
            ("", "write GROUP=WEIGHT"),
            ("A", "write GROUP=WEIGHT"),
            ("=1", "write GROUP=WEIGHT"),
            ("A=1,", "write GROUP=WEIGHT"),
            ("A=-1", "write GROUP=WEIGHT"),
            ("A=1.5", "write GROUP=WEIGHT"),
            ("A=4294967296", "write GROUP=WEIGHT"),
            ("A=0", "WeightZero"),
            ("A=1,A=2", "named twice"),
        ] {
            let error = parse_groups(wrong).expect_err(wrong).to_string();
            assert!(error.contains(words), "{wrong:?} says: {error}");
        }
    }

    #[test]
    fn people_come_in_the_order_of_the_file() {
        let expected = vec![
            Person { owner: Pubkey::new_from_array([1; 32]), group: "B".into(), weight: 3 },
            Person { owner: Pubkey::new_from_array([2; 32]), group: "A".into(), weight: 10 },
        ];
        let (a, b) = (owner(1), owner(2));
        for text in [
            format!("{a},B\n{b},A\n"),
            format!("owner,group\n{a},B\n{b},A"),
            format!("\u{feff}Owner,Group\r\n\r\n \"{a}\" , \"B\"\r\n{b},A\r\n\r\n"),
        ] {
            assert_eq!(read(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn every_bad_line_is_named() {
        let (a, b) = (owner(1), owner(2));
        let text = format!("owner,group\n{a},B\nme,A\n{b}\n{b},Z\n{a},A\n{b},A,1\n{a},B\n");
        let error = read(&text).unwrap_err();
        for words in [
            "line 3: \"me\" is not an address".to_string(),
            "line 4: write owner,group, this has 1 columns".into(),
            "line 5: group \"Z\" has no weight: --groups names A, B".into(),
            format!("line 6: {a} is on line 2 already"),
            "line 7: write owner,group, this has 3 columns".into(),
            format!("line 8: {a} is on line 2 already"),
        ] {
            assert!(error.contains(&words), "{words:?} is not in: {error}");
        }
        assert!(!error.contains('\n'));
        // Names of columns are only in the first line.
        assert!(read(&format!("{a},B\nowner,group\n")).unwrap_err().contains("line 2: \"owner\""));
        assert!(read("owner,group\n").unwrap_err().contains("nobody is in it"));
        let many = "x,A\n".repeat(25);
        assert!(
            read(&many)
                .unwrap_err()
                .ends_with("line 10: \"x\" is not an address (32 bytes in base58); and 15 more")
        );
    }
}
