//! `lottery proof`: rounds of every kind and source, recomputed from what the api says decided them; and proofs that were
//! changed are found out.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use lottery_cli::smoke::play::{Play, PlayOptions};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(120);

fn proof(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_e2e-lottery")).arg("proof").args(args).output().unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim_end().to_string()
}

/// Flips the last digit of the bytes at `path`.
fn flip(value: &mut Value, path: &str) {
    let place = value.pointer_mut(path).unwrap_or_else(|| panic!("{path} is missing"));
    let text = place.as_str().expect("bytes in hex");
    let last = if text.ends_with('0') { '1' } else { '0' };
    *place = format!("{}{last}", &text[..text.len() - 1]).into();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_round_can_be_recomputed() -> anyhow::Result<()> {
    let say = |text: &str| println!("{text}");
    let options = PlayOptions {
        folder: e2e_tests::run_folder("proof"),
        binary: env!("CARGO_BIN_EXE_e2e-lottery").into(),
        players: 12,
        pace: Duration::from_millis(1_000),
    };
    let mut play = Play::start(options, &say).await?;
    play.start_crowd()?;
    let until = Instant::now() + PATIENCE;
    let mut proved = Vec::new();
    while proved.len() < 4 {
        assert!(Instant::now() < until, "only {proved:?} ended");
        for round in play.complete_rounds().await? {
            if proved.contains(&round.kind) {
                continue;
            }
            check(&play.stack.api_url, round.lottery_id, round.index, &round.kind);
            proved.push(round.kind);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let nowhere = proof(&["--lottery", "1", "--round", "999999", "--api", &play.stack.api_url]);
    assert!(!nowhere.status.success() && error(&nowhere).starts_with("error: "), "{}", error(&nowhere));
    play.stop(&say);
    Ok(())
}

fn check(api: &str, lottery: u64, index: u64, kind: &str) {
    let (lottery, index) = (lottery.to_string(), index.to_string());
    let told = proof(&["--lottery", &lottery, "--round", &index, "--api", api]);
    assert!(told.status.success(), "{kind}: {}", error(&told));
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains("steps match: the result is what it had to be"), "{text}");

    let json = proof(&["--lottery", &lottery, "--round", &index, "--api", api, "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let names: Vec<_> =
        json["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
    let (source, drawn) = match kind {
        "draw" => (&["target", "signature", "value"][..], &["stream", "result"][..]),
        "prediction" => (
            &["oracle_set", "attestations", "quorum", "value"][..],
            &["outcome", "result", "pools", "matched", "fee", "payouts"][..],
        ),
        _ => (&["slot", "reveal", "value"][..], &["stream", "result"][..]),
    };
    assert_eq!(names, [source, &["sealed_digest", "seed"], drawn].concat(), "{kind}");
    let by_address = proof(&[json["proof"]["round"].as_str().unwrap(), "--api", api]);
    assert!(by_address.status.success(), "{}", error(&by_address));

    // Saved, it needs nobody; changed, it says where.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("proof.json");
    let path = file.to_string_lossy();
    let save = |value: &Value| std::fs::write(&file, value.to_string()).unwrap();
    save(&json);
    assert!(proof(&["--file", &path]).status.success());
    let shown = match kind {
        "draw" => ("/randomness/signature", "\"signature\""),
        "prediction" => ("/market/facts/0", "\"quorum\""),
        _ => ("/randomness/reveal", "\"reveal\""),
    };
    let fee = ("/market/settled/fee_units", "\"fee\"");
    for (pointer, step) in [
        shown,
        if kind == "prediction" { fee } else { shown },
        ("/value", "\"value\""),
        ("/pages/0/digest", "\"sealed_digest\""),
        ("/seed", "\"seed\""),
        ("/result/data", "\"result\""),
    ] {
        let mut changed = json["proof"].clone();
        flip(&mut changed, pointer);
        save(&changed);
        let output = proof(&["--file", &path]);
        let error = error(&output);
        assert!(!output.status.success(), "{kind}: a proof with another {pointer} was taken");
        assert!(error.contains(&format!("step {step} does not match")), "{kind} {pointer}: {error}");
    }
    let mut moved = json["proof"].clone();
    moved["index"] = "999999".into();
    save(&moved);
    let output = proof(&["--file", &path]);
    assert!(!output.status.success() && error(&output).contains("is at"), "{}", error(&output));
}
