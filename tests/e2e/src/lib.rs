//! End-to-end tests: the embedded chain, the real program, real Postgres, and every service as a process that can be killed.
//! What they share with `lottery smoke` is in `lottery_cli::smoke::play`.

use std::path::PathBuf;

/// A folder for one test's run, beside the other runs of this checkout.
pub fn run_folder(test: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.run/e2e").join(test)
}
