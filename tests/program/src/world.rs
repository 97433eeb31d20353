//! The world most tests start from: a registry, a vault of each kind, and people with money.

use std::{collections::HashMap, sync::OnceLock};

use lottery_interface::{
    accounts::{Registry, Wallet},
    address,
    args::RegistryArgs,
    instructions::{self as ix, TokenSide},
    kinds::{Kind, Source},
};
use lottery_rules::hash::{Sha256, Software};
use solana_pubkey::Pubkey;

use crate::{Chain, tokens};

/// Lamports that everyone starts with.
pub const LAMPORTS: u64 = 1_000_000_000_000;

/// The three kinds of vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    Sol,
    Spl,
    Token2022,
}

impl Money {
    pub const ALL: [Self; 3] = [Self::Sol, Self::Spl, Self::Token2022];
}

/// Someone with a wallet in one mint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player {
    pub owner: Pubkey,
    pub wallet: Pubkey,
    pub money: Money,
}

/// A chain with a registry and vaults.
#[derive(Clone)]
pub struct World {
    pub chain: Chain,
    pub authority: Pubkey,
    pub treasury: Pubkey,
    /// Does the crank's work; rewards come here.
    pub cranker: Pubkey,
    pub spl: Pubkey,
    pub token_2022: Pubkey,
    /// How many tickets each `enter` wrote, by page: the digest depends on it.
    pub entered: HashMap<Pubkey, Vec<u32>>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The registry and the vaults of the three kinds are open; nothing else exists.
    pub fn new() -> Self {
        static OPENED: OnceLock<World> = OnceLock::new();
        OPENED
            .get_or_init(|| {
                let mut world = Self::bare();
                let args = world.registry_args();
                world.chain.expect_ok(&[ix::init_registry(world.authority, &args)]);
                for money in Money::ALL {
                    let (mint, program) = (world.mint(money), world.token_program(money));
                    world.chain.expect_ok(&[ix::open_vault(world.authority, mint, program)]);
                }
                world
            })
            .clone()
    }

    /// Mints and people, but no registry yet.
    pub fn bare() -> Self {
        let mut chain = Chain::new();
        let authority = chain.funded("authority", LAMPORTS);
        let treasury = chain.funded("treasury", LAMPORTS);
        let cranker = chain.funded("cranker", LAMPORTS);
        let spl = chain.key("spl mint");
        tokens::set_mint(&mut chain, spl, address::SPL_TOKEN_PROGRAM, tokens::mint_data(6, None));
        let token_2022 = chain.key("token-2022 mint");
        tokens::set_mint(&mut chain, token_2022, address::TOKEN_2022_PROGRAM, tokens::mint_data(9, None));
        Self { chain, authority, treasury, cranker, spl, token_2022, entered: HashMap::new() }
    }

    /// What the registry of [`World::new`] says.
    pub fn registry_args(&self) -> RegistryArgs {
        let mut allowed_sources = [0; 8];
        for kind in [Kind::Draw, Kind::Keno, Kind::Instant, Kind::Raffle] {
            allowed_sources[kind as usize] = 1 << Source::CommitReveal as u8;
        }
        allowed_sources[Kind::Prediction as usize] = 1 << Source::Oracle as u8;
        RegistryArgs {
            treasury: self.treasury.to_bytes(),
            switchboard_program: [0; 32],
            switchboard_queue: [0; 32],
            min_grace_seconds: 60,
            min_grace_slots: 100,
            min_claim_seconds: 3_600,
            beacon_delay_seconds: 3_600,
            fee_cap_bps: 1_000,
            paused: 0,
            reserved: 0,
            allowed_sources,
        }
    }

    pub fn registry(&self) -> Registry {
        self.chain.account(address::registry().0)
    }

    /// Pauses or resumes the registry.
    pub fn set_registry_paused(&mut self, paused: bool) {
        let args = RegistryArgs { paused: paused as u8, ..self.registry_args() };
        self.chain.expect_ok(&[ix::update_registry(self.authority, &args)]);
    }

    /// The zero key for SOL.
    pub fn mint(&self, money: Money) -> Pubkey {
        match money {
            Money::Sol => Pubkey::default(),
            Money::Spl => self.spl,
            Money::Token2022 => self.token_2022,
        }
    }

    pub fn token_program(&self, money: Money) -> Pubkey {
        match money {
            Money::Sol => address::SYSTEM_PROGRAM,
            Money::Spl => address::SPL_TOKEN_PROGRAM,
            Money::Token2022 => address::TOKEN_2022_PROGRAM,
        }
    }

    /// The outside end of `owner`'s deposits and withdrawals.
    pub fn side(&self, owner: Pubkey, money: Money) -> TokenSide {
        match money {
            Money::Sol => TokenSide::native(owner),
            _ => {
                let mint = self.mint(money);
                let tokens = Software::hashv(&[b"tokens", owner.as_ref(), mint.as_ref()]);
                TokenSide {
                    mint,
                    token_program: self.token_program(money),
                    tokens: Pubkey::new_from_array(tokens),
                }
            }
        }
    }

    /// What `owner` holds outside: lamports or tokens.
    pub fn outside(&self, owner: Pubkey, money: Money) -> u64 {
        match money {
            Money::Sol => self.chain.lamports(owner),
            _ => tokens::amount(&self.chain, self.side(owner, money).tokens),
        }
    }

    /// Gives `owner` tokens or, for SOL, more lamports.
    pub fn grant(&mut self, owner: Pubkey, money: Money, units: u64) {
        match money {
            Money::Sol => {
                let lamports = self.chain.lamports(owner) + units;
                self.chain.set_lamports(owner, lamports);
            }
            _ => {
                let side = self.side(owner, money);
                let amount = tokens::amount(&self.chain, side.tokens) + units;
                tokens::set_tokens(
                    &mut self.chain,
                    side.tokens,
                    side.token_program,
                    side.mint,
                    owner,
                    amount,
                );
            }
        }
    }

    /// A new person with a wallet that holds `balance_units`.
    pub fn player(&mut self, money: Money, balance_units: u64) -> Player {
        let owner = self.chain.funded("player", LAMPORTS);
        self.wallet_of(owner, money, balance_units)
    }

    /// Opens the wallet of someone who exists and deposits `balance_units`.
    #[track_caller]
    pub fn wallet_of(&mut self, owner: Pubkey, money: Money, balance_units: u64) -> Player {
        let mint = self.mint(money);
        let player = Player { owner, wallet: address::wallet(&owner, &mint).0, money };
        if !self.chain.exists(player.wallet) {
            self.chain.expect_ok(&[ix::open_wallet(owner, owner, mint)]);
        }
        self.grant(owner, money, balance_units);
        if balance_units > 0 {
            self.deposit(&player, balance_units);
        }
        player
    }

    #[track_caller]
    pub fn deposit(&mut self, player: &Player, units: u64) -> crate::Meta {
        let side = self.side(player.owner, player.money);
        self.chain.expect_ok(&[ix::deposit(player.owner, side, units)])
    }

    #[track_caller]
    pub fn withdraw(&mut self, player: &Player, units: u64) -> crate::Meta {
        let side = self.side(player.owner, player.money);
        self.chain.expect_ok(&[ix::withdraw(player.owner, side, units)])
    }

    #[track_caller]
    pub fn wallet(&self, player: &Player) -> Wallet {
        self.chain.account(player.wallet)
    }

    #[track_caller]
    pub fn balance(&self, player: &Player) -> u64 {
        self.wallet(player).balance_units
    }
}
