//! `lottery raffle prepare`: the list of those who may enter, from a CSV file.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use lottery_client::raffle::List;
use lottery_interface::address;
use serde_json::json;

use super::people::{parse_groups, parse_people};
use crate::output;

#[derive(Clone, Debug, clap::Args)]
pub struct PrepareArgs {
    /// People, a line each: owner,group; the first line may name the columns
    pub people: PathBuf,
    /// Weight of each group
    #[arg(long, value_name = "A=10,B=3,C=1")]
    pub groups: String,
    /// Id that the lottery will have: `lottery show registry` says the next one
    #[arg(long, value_name = "N")]
    pub lottery_id: u64,
    /// File for everybody, with each person's proof
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print one JSON document instead of lines
    #[arg(long)]
    pub json: bool,
}

/// Reads the CSV file and makes the list. The same file makes the same list.
fn list(args: &PrepareArgs) -> anyhow::Result<List> {
    let groups = parse_groups(&args.groups)?;
    let path = args.people.display();
    let text = fs::read_to_string(&args.people).with_context(|| format!("cannot read {path}"))?;
    let bar = output::progress(args.json, text.lines().count() as u64, "reading people");
    let people = parse_people(&text, &groups, || bar.inc(1));
    bar.finish_and_clear();
    List::new(args.lottery_id, people.with_context(|| path.to_string())?).with_context(|| path.to_string())
}

/// Beside its place first: a list that was published is replaced whole or not at all.
fn write(list: &List, path: &Path, json: bool) -> anyhow::Result<()> {
    let mut name = path.file_name().context("--out names no file")?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let bar = output::progress(json, list.people().len() as u64, "writing proofs");
    let written = File::create(&part).and_then(|file| list.write(BufWriter::new(file), || bar.inc(1)));
    bar.finish_and_clear();
    let moved = written.and_then(|()| fs::rename(&part, path));
    if moved.is_err() {
        let _ = fs::remove_file(&part);
    }
    moved.with_context(|| format!("cannot write {}", path.display()))
}

pub fn run(args: PrepareArgs) -> anyhow::Result<()> {
    ensure!(!args.out.is_dir(), "--out: {} is a folder", args.out.display());
    let list = list(&args)?;
    write(&list, &args.out, args.json)?;
    let count = |group: &str| list.people().iter().filter(|person| person.group == group).count();
    let groups: Vec<_> =
        list.groups().into_iter().map(|(group, weight)| (count(&group), group, weight)).collect();
    let lottery = address::lottery(args.lottery_id).0;
    let value = json!({
        "lottery_id": args.lottery_id,
        "lottery": lottery.to_string(),
        "root": hex::encode(list.root()),
        "depth": list.depth(),
        "leaf_count": list.people().len(),
        "groups": groups.iter().map(|(people, group, weight)| {
            json!({"group": group, "weight": weight, "people": people})
        }).collect::<Vec<_>>(),
        "file": args.out,
    });
    let mut lines = format!(
        "{} people for lottery {}, root {}, {} levels\n",
        list.people().len(),
        args.lottery_id,
        hex::encode(list.root()),
        list.depth()
    );
    for (people, group, weight) in &groups {
        lines += &format!("  group {group}: weight {weight}, {people} people\n");
    }
    lines += &format!(
        "publish {}: whoever is in it enters with `lottery raffle enter {} --list FILE`\n",
        args.out.display(),
        args.lottery_id
    );
    output::print(args.json, &value, &lines);
    Ok(())
}
