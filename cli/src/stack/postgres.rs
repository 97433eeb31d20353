//! The private cluster of Postgres, by `scripts/postgres`: as an unprivileged user when started by root.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use super::orphan::{POSTGRES_ENV, POSTGRES_SCRIPT_ENV};

/// A running cluster. Dropping it stops it and deletes its data, which the chain can always fill again.
pub struct Postgres {
    script: PathBuf,
    folder: PathBuf,
    pub url: String,
}

impl Postgres {
    /// Starts a new cluster in `folder`. What an earlier run left there is removed: it describes another chain.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let script = script()?;
        run(&script, "remove", folder)?;
        let url = run(&script, "start", folder)?;
        Ok(Self { script, folder: folder.to_path_buf(), url })
    }

    /// Makes a child remove this cluster should the parent be killed.
    pub fn watched_by(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        vec![(POSTGRES_SCRIPT_ENV, text(&self.script)), (POSTGRES_ENV, text(&self.folder))]
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = run(&self.script, "remove", &self.folder) {
            tracing::warn!("Postgres in {} may still run: {error:#}", self.folder.display());
        }
    }
}

fn run(script: &Path, verb: &str, folder: &Path) -> anyhow::Result<String> {
    let output = Command::new(script)
        .arg(verb)
        .arg(folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", script.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} {verb} failed: {}", script.display(), said.trim().replace('\n', "; "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// `scripts/postgres` of the current checkout, else of the one this was built from.
fn script() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut roots = here.ancestors().map(Path::to_path_buf).chain([built]);
    let found = roots.find_map(|root| Some(root.join("scripts/postgres")).filter(|path| path.is_file()));
    found.context("scripts/postgres is missing: run this inside the checkout")
}
