//! The chain that a command talks to, who signs, and mints by name.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lottery_client::{
    ClientError, Fetched, Instruction, Keypair, Pubkey, Rpc, SendOptions, Signature, Signer,
};
use lottery_interface::{
    NATIVE_MINT,
    accounts::{Beacon, Lottery, Registry, Vault, Wallet},
    address,
    instructions::{self, TokenSide},
};
use lottery_localnet::{BeaconInfo, LocalnetInfo, associated_token_address};

use crate::{amount, beacon, keys};

/// Where local chains say that they run; the first that does is the default.
const LOCAL_FOLDERS: [&str; 2] = [".run/localnet", ".run/demo/chain"];

/// Place of `decimals` in a mint's account, the same for both token programs.
const MINT_DECIMALS_AT: usize = 44;

/// Options of every command that talks to a chain.
#[derive(Clone, Debug, clap::Args)]
pub struct ChainArgs {
    /// RPC address [default: the local chain that runs here]
    #[arg(long, env = "LOTTERY_RPC", value_name = "URL")]
    pub rpc: Option<String>,
    /// Keypair file that signs and pays [default: the local chain's first player, else ~/.config/solana/id.json]
    #[arg(long, env = "LOTTERY_KEYPAIR", value_name = "FILE")]
    pub keypair: Option<PathBuf>,
    /// Print one JSON document instead of lines
    #[arg(long)]
    pub json: bool,
}

/// A connection, with what is known about a local chain.
pub struct Chain {
    pub rpc: Rpc,
    pub json: bool,
    local: Option<LocalnetInfo>,
    keypair_path: Option<PathBuf>,
}

/// A mint that a vault exists or may exist for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mint {
    /// The zero key for native SOL.
    pub address: Pubkey,
    /// The System program for native SOL.
    pub token_program: Pubkey,
    pub decimals: u8,
    pub symbol: String,
}

/// The local chain that runs here.
pub fn local_info() -> Option<LocalnetInfo> {
    LOCAL_FOLDERS.iter().find_map(|folder| LocalnetInfo::read(Path::new(folder)).ok())
}

impl ChainArgs {
    /// Connects lazily: nothing is sent yet.
    pub fn connect(&self) -> anyhow::Result<Chain> {
        let found = local_info();
        let local = match (&self.rpc, found) {
            (Some(rpc), Some(info)) => (*rpc == info.rpc_url).then_some(info),
            (None, Some(info)) => Some(info),
            (_, None) => None,
        };
        let url = match (&self.rpc, &local) {
            (Some(rpc), _) => rpc.clone(),
            (None, Some(info)) => info.rpc_url.clone(),
            (None, None) => {
                bail!("no local chain runs here: pass --rpc URL, or start one with `lottery localnet`")
            }
        };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            bail!("--rpc {url:?} is not an address: it starts with http:// or https://");
        }
        let local_key = local.as_ref().and_then(|info| info.players.first().cloned());
        let keypair_path = self.keypair.clone().or(local_key).or_else(keys::default_path);
        Ok(Chain { rpc: Rpc::new(url), json: self.json, local, keypair_path })
    }
}

impl Chain {
    /// A connection without signing or local mints, for services that know their addresses.
    pub fn at(url: &str, local: Option<LocalnetInfo>) -> Self {
        Self { rpc: Rpc::new(url), json: false, local, keypair_path: None }
    }

    /// The beacon beside a local chain.
    pub fn local_beacon(&self) -> Option<&BeaconInfo> {
        self.local.as_ref().map(|info| &info.beacon)
    }

    /// Its chain's hash.
    pub fn local_beacon_hash(&self) -> Option<[u8; 32]> {
        beacon::fixed("chain_hash", &self.local_beacon()?.chain_hash).ok()
    }

    /// The beacon with this hash, if the registry has it.
    pub async fn beacon(&self, hash: &[u8; 32]) -> anyhow::Result<Option<Fetched<Beacon>>> {
        Ok(self.rpc.account(address::beacon(hash).0).await?)
    }

    /// Who signs and pays.
    pub fn keypair(&self) -> anyhow::Result<Keypair> {
        let path = self.keypair_path.as_deref().context("no keypair: pass --keypair FILE")?;
        keys::read(path)
    }

    /// The address `text`, or the signer's.
    pub fn owner_or_signer(&self, text: Option<&str>) -> anyhow::Result<Pubkey> {
        match text {
            Some(text) => keys::parse_address("owner", text),
            None => Ok(self.keypair()?.pubkey()),
        }
    }

    /// The registry, which must exist.
    pub async fn registry(&self) -> anyhow::Result<Fetched<Registry>> {
        let registry = self.rpc.registry().await?;
        registry.context("this chain has no registry yet: its authority runs `lottery init`")
    }

    /// Lottery `id`, which must exist.
    pub async fn lottery(&self, id: u64) -> anyhow::Result<Fetched<Lottery>> {
        match self.rpc.lottery(id).await {
            Err(ClientError::NotFound { .. }) => {
                bail!("there is no lottery {id}; `lottery show lotteries` lists them")
            }
            result => Ok(result?),
        }
    }

    /// The mint of a lottery, known by its vault.
    pub async fn mint_of(&self, mint: &[u8; 32]) -> anyhow::Result<Mint> {
        let address = Pubkey::from(*mint);
        if *mint == NATIVE_MINT {
            return Ok(Mint::sol());
        }
        let vault = self.vault(&address).await?.with_context(|| format!("mint {address} has no vault"))?;
        let symbol = self.symbol(&address);
        Ok(Mint {
            address,
            token_program: Pubkey::from(vault.token_program),
            decimals: vault.decimals,
            symbol,
        })
    }

    /// `sol`, a name of the local chain, or a mint's address.
    pub async fn mint(&self, text: &str) -> anyhow::Result<Mint> {
        if text.eq_ignore_ascii_case("sol") {
            return Ok(Mint::sol());
        }
        let local = |pick: fn(&LocalnetInfo) -> &String| -> anyhow::Result<Pubkey> {
            let info = self.local.as_ref();
            let info =
                info.with_context(|| format!("mint {text:?} has an address only on a local chain: give it"))?;
            keys::parse_address("mint", pick(info))
        };
        let address = match text {
            "usdc" => local(|info| &info.usdc_mint)?,
            "token_2022" => local(|info| &info.token_2022_mint)?,
            other => keys::parse_address("mint", other)?,
        };
        let (mut found, _) = self.rpc.raw_accounts(&[address], None).await?;
        let account =
            found.pop().flatten().with_context(|| format!("mint {address} does not exist on this chain"))?;
        if ![address::SPL_TOKEN_PROGRAM, address::TOKEN_2022_PROGRAM].contains(&account.owner) {
            bail!("{address} is not a mint: it belongs to program {}", account.owner);
        }
        let decimals =
            *account.data.get(MINT_DECIMALS_AT).with_context(|| format!("{address} is not a mint"))?;
        Ok(Mint { address, token_program: account.owner, decimals, symbol: self.symbol(&address) })
    }

    fn symbol(&self, mint: &Pubkey) -> String {
        let text = mint.to_string();
        match &self.local {
            Some(info) if info.usdc_mint == text => "USDC".into(),
            Some(info) if info.token_2022_mint == text => "T22".into(),
            _ => format!("{}…", &text[..6]),
        }
    }

    pub async fn vault(&self, mint: &Pubkey) -> anyhow::Result<Option<Fetched<Vault>>> {
        Ok(self.rpc.vault(*mint).await?)
    }

    pub async fn wallet(&self, owner: &Pubkey, mint: &Pubkey) -> anyhow::Result<Option<Fetched<Wallet>>> {
        Ok(self.rpc.wallet(*owner, *mint).await?)
    }

    /// Sends and confirms; `what` opens the error.
    pub async fn send(
        &self,
        what: &str,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> anyhow::Result<Signature> {
        let sent = self.rpc.send(instructions, signers, &SendOptions::default()).await;
        sent.with_context(|| what.to_string())
    }
}

impl Mint {
    pub fn sol() -> Self {
        let address = Pubkey::from(NATIVE_MINT);
        let token_program = address::SYSTEM_PROGRAM;
        Self { address, token_program, decimals: amount::SOL_DECIMALS, symbol: "SOL".into() }
    }

    pub fn is_native(&self) -> bool {
        self.address == Pubkey::from(NATIVE_MINT)
    }

    /// Where `owner` holds tokens of this mint outside of the program.
    pub fn side(&self, owner: &Pubkey) -> TokenSide {
        if self.is_native() {
            return TokenSide::native(*owner);
        }
        let tokens = associated_token_address(owner, &self.address, &self.token_program);
        TokenSide { mint: self.address, token_program: self.token_program, tokens }
    }

    /// `units` with the mint's symbol.
    pub fn show(&self, units: u64) -> String {
        format!("{} {}", amount::format(units, self.decimals), self.symbol)
    }

    /// Opens the wallet of `owner` when `wallet` is missing, and deposits.
    pub fn deposit(&self, owner: &Pubkey, wallet_exists: bool, amount_units: u64) -> Vec<Instruction> {
        let mut steps = Vec::new();
        if !wallet_exists {
            steps.push(instructions::open_wallet(*owner, *owner, self.address));
        }
        if amount_units > 0 {
            steps.push(instructions::deposit(*owner, self.side(owner), amount_units));
        }
        steps
    }
}

/// Bytes padded with zeros, as text.
pub fn name_of(bytes: &[u8; 32]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_string()
}
