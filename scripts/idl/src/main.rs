//! Writes the program's IDL: `lottery-idl <program folder> <output file>`. What `anchor idl build` does, without the CLI.

use std::{env, fs, path::PathBuf};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, ensure};

fn main() -> Result<()> {
    // With it set, the IDL crate asks rustup to install that toolchain, which updates `stable` under everyone's feet.
    ensure!(env::var_os("RUSTUP_TOOLCHAIN").is_none(), "unset RUSTUP_TOOLCHAIN first (`cargo run` sets it)");
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let program = args.next().context("usage: lottery-idl <program folder> <output file>")?;
    let output = args.next().context("usage: lottery-idl <program folder> <output file>")?;
    let idl = IdlBuilder::new()
        .program_path(program)
        // The program's own tests need not compile for its IDL.
        .cargo_args(vec!["--lib".into(), "--locked".into()])
        .build()?;
    fs::write(&output, serde_json::to_string_pretty(&idl)? + "\n")
        .with_context(|| format!("cannot write {}", output.display()))
}
