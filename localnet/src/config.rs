//! What a chain is started with.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use solana_pubkey::Pubkey;

use crate::DEFAULT_SLOT_MS;

pub use lottery_interface::address::PROGRAM_ID;

/// Overrides where the program's binary is read from.
const PROGRAM_SO_ENV: &str = "LOTTERY_PROGRAM_SO";

/// How to start a [`crate::Localnet`]. `Default` gives free ports, 400 ms slots, the program
/// from [`program_artifact`], and mints without an authority.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    pub program_id: Pubkey,
    /// Binary of the program. `None` starts a chain without the program.
    pub program_so: Option<PathBuf>,
    /// May upgrade the program; `None` makes it immutable.
    pub upgrade_authority: Option<Pubkey>,
    /// `None` takes a free port.
    pub rpc_port: Option<u16>,
    /// `None` takes the port after `rpc_port`, where Solana's tools look for it.
    pub ws_port: Option<u16>,
    /// Milliseconds between blocks, also what one block adds to the chain's clock.
    pub slot_ms: u64,
    /// System accounts that exist from the start, with their lamports.
    pub funded: Vec<(Pubkey, u64)>,
    /// Mints both tokens; `None` fixes the supply (direct writes still can raise it).
    pub mint_authority: Option<Pubkey>,
}

impl Default for LocalnetConfig {
    fn default() -> Self {
        Self {
            program_id: PROGRAM_ID,
            program_so: Some(program_artifact()),
            upgrade_authority: None,
            rpc_port: None,
            ws_port: None,
            slot_ms: DEFAULT_SLOT_MS,
            funded: Vec::new(),
            mint_authority: None,
        }
    }
}

impl LocalnetConfig {
    /// Refuses what would fail later with a less clear message.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if !(1..=60_000).contains(&self.slot_ms) {
            bail!("slot_ms must be from 1 to 60000, not {}", self.slot_ms);
        }
        if self.rpc_port.is_some() && self.rpc_port == self.ws_port {
            bail!("the RPC and WebSocket ports must differ");
        }
        Ok(())
    }

    /// The program's binary, checked to look like one.
    pub(crate) fn read_program(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(path) = &self.program_so else {
            return Ok(None);
        };
        let elf = std::fs::read(path).with_context(|| {
            format!("no program at {}: build it with `make program`, or set {PROGRAM_SO_ENV}", path.display())
        })?;
        if !elf.starts_with(b"\x7fELF") {
            bail!("{} is not a program binary", path.display());
        }
        Ok(Some(elf))
    }
}

/// Where the program's binary is: `LOTTERY_PROGRAM_SO`, else `artifacts/lottery_v4.so` in the
/// current directory or the nearest parent that has it, else in the checkout this was built from.
pub fn program_artifact() -> PathBuf {
    if let Some(path) = std::env::var_os(PROGRAM_SO_ENV) {
        return path.into();
    }
    let relative = Path::new("artifacts/lottery_v4.so");
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors()
        .map(|folder| folder.join(relative))
        .find(|path| path.is_file())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative))
}
