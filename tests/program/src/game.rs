//! Lotteries from a builder with defaults.

use lottery_interface::{
    accounts::{DrawRules, DrawTier, Lottery, RaffleRules},
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
    instructions as ix,
    kinds::{Kind, Source},
};
use lottery_rules::{
    commit_reveal::HashChain,
    hash::{Sha256, Software},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{
    Meta, Money, Rules, World,
    world::{LAMPORTS, Player},
};

/// What a lottery is made from.
#[derive(Clone, Debug)]
pub struct Spec {
    pub money: Money,
    pub limits: LimitsArgs,
    pub config: ConfigArgs,
    pub rules: Rules,
    /// Kind `Raffle`: what stands in for `rules`.
    pub raffle: Option<RaffleRules>,
    /// Links of the operator's hash chain.
    pub chain_length: u32,
    pub bond_units: u64,
    pub jackpot_units: u64,
    /// House games: what the bankroll starts with.
    pub bankroll_units: u64,
    pub crank_lamports: u64,
}

impl Default for Spec {
    /// 6/49 for SOL, four tiers, no rollover, 64 entries a page, 5 % fee, a draw a minute.
    fn default() -> Self {
        Self {
            money: Money::Sol,
            limits: LimitsArgs {
                page_entries: 64,
                max_pages: 4,
                max_entries_per_round: 256,
                max_entries_per_player: 0,
                period_seconds: 60,
                reward_step_lamports: 5_000,
                reward_item_lamports: 10,
                lock_offset_seconds: 0,
                max_stake_units: 0,
                min_stake_units: 0,
                page_budget_units: 0,
                max_liability_units: 0,
            },
            config: ConfigArgs {
                stake_units: 1_000_000,
                grace_seconds: 120,
                grace_slots: 300,
                claim_seconds: 86_400,
                reveal_delay_slots: 4,
                fee_bps: 500,
                compensation_cap_bps: 2_000,
                kind: Kind::Draw as u8,
                source: Source::CommitReveal as u8,
                reserved: [0; 6],
                beacon: [0; 32],
                beacon_margin_seconds: 0,
            },
            rules: draw_rules(6, 49, 0, &[(6, 0, 5_000), (5, 0, 2_000), (4, 0, 1_500), (3, 0, 1_500)]).into(),
            raffle: None,
            chain_length: 300,
            bond_units: 4_000_000_000,
            jackpot_units: 0,
            bankroll_units: 0,
            crank_lamports: 10_000_000_000,
        }
    }
}

impl Spec {
    /// 1 of 2 numbers: every other ticket wins.
    pub fn coin() -> Self {
        Self { rules: draw_rules(1, 2, 0, &[(1, 0, 10_000)]).into(), ..Self::default() }
    }

    /// A progressive game of 3 of 10 with a bonus drum of 3.
    pub fn progressive() -> Self {
        let tiers = [(3, 1, 5_000), (3, 0, 2_500), (2, 1, 1_500), (2, 0, 1_000)];
        let mut rules = draw_rules(3, 10, 3, &tiers);
        rules.rollover = 1;
        Self { rules: rules.into(), ..Self::default() }
    }

    pub fn money(self, money: Money) -> Self {
        Self { money, ..self }
    }

    /// Pages of `page_entries`, up to `max_pages`, and as many entries as they hold.
    pub fn pages(mut self, page_entries: u32, max_pages: u32) -> Self {
        self.limits.page_entries = page_entries;
        self.limits.max_pages = max_pages;
        self.limits.max_entries_per_round = page_entries * max_pages;
        self
    }

    pub fn rules_bytes(&self) -> &[u8] {
        self.raffle.as_ref().map_or(self.rules.bytes(), bytemuck::bytes_of)
    }
}

/// Rules of a draw; tiers are (matches, bonus, share in basis points).
pub fn draw_rules(picks: u8, numbers: u8, bonus_numbers: u8, tiers: &[(u8, u8, u16)]) -> DrawRules {
    let mut all = [DrawTier { matches: 0, bonus: 0, share_bps: 0 }; 16];
    for (place, (matches, bonus, share_bps)) in all.iter_mut().zip(tiers) {
        *place = DrawTier { matches: *matches, bonus: *bonus, share_bps: *share_bps };
    }
    DrawRules {
        picks,
        numbers,
        bonus_numbers,
        rollover: 0,
        tier_count: tiers.len() as u8,
        reserved: [0; 3],
        tiers: all,
    }
}

/// A lottery and the people behind it.
#[derive(Clone)]
pub struct Game {
    pub id: u64,
    pub key: Pubkey,
    pub spec: Spec,
    pub mint: Pubkey,
    /// The operator with a wallet.
    pub operator: Player,
    pub pauser: Pubkey,
    pub treasurer: Pubkey,
    pub reveals: HashChain,
}

impl World {
    /// The instruction that creates a lottery from `spec` with the next id.
    pub fn create_instruction(
        &self,
        spec: &Spec,
        operator: Pubkey,
        pauser: Pubkey,
        treasurer: Pubkey,
    ) -> Instruction {
        let mut name = [0; 32];
        name[..4].copy_from_slice(b"game");
        let args = LotteryArgs { name, pauser: pauser.to_bytes(), treasurer: treasurer.to_bytes() };
        let id = self.registry().next_lottery_id;
        let mint = self.mint(spec.money);
        ix::create_lottery(operator, id, mint, &args, &spec.limits, &spec.config, spec.rules_bytes())
    }

    /// Creates a lottery; nothing is funded, and it is still pending.
    #[track_caller]
    pub fn create_only(&mut self, spec: Spec) -> Game {
        let id = self.registry().next_lottery_id;
        let owner = self.chain.funded("operator", LAMPORTS);
        let pauser = self.chain.funded("pauser", LAMPORTS);
        let treasurer = self.chain.funded("treasurer", LAMPORTS);
        if let (Rules::Prediction(rules), None) = (&spec.rules, &spec.raffle) {
            self.add_oracles(rules.header.reporter_count);
        }
        let create = self.create_instruction(&spec, owner, pauser, treasurer);
        self.chain.expect_ok(&create);
        let funds = spec.bond_units + spec.jackpot_units + spec.bankroll_units;
        let operator = self.wallet_of(owner, spec.money, funds);
        let secret = Software::hashv(&[b"operator", &id.to_le_bytes()]);
        let reveals = HashChain::new(&secret, spec.chain_length).expect("a length");
        let (key, mint) = (address::lottery(id).0, self.mint(spec.money));
        Game { id, key, spec, mint, operator, pauser, treasurer, reveals }
    }

    /// Creates a lottery, funds it and lets it start.
    #[track_caller]
    pub fn create(&mut self, spec: Spec) -> Game {
        let game = self.create_only(spec);
        self.fund(&game);
        self.chain.expect_ok(&[ix::activate_lottery(game.operator.owner, game.id)]);
        game
    }

    /// Commits the hash chain and pays bond, jackpot, bankroll and crank deposit as the spec says.
    #[track_caller]
    pub fn fund(&mut self, game: &Game) -> Meta {
        let (operator, id) = (game.operator.owner, game.id);
        let mut all =
            vec![ix::set_chain(operator, id, &game.reveals.commit(), game.spec.chain_length as u64)];
        if game.spec.crank_lamports > 0 {
            all.push(ix::fund_crank(operator, id, game.spec.crank_lamports));
        }
        if game.spec.bond_units > 0 {
            all.push(ix::fund_bond(operator, id, game.mint, game.spec.bond_units));
        }
        if game.spec.jackpot_units > 0 {
            all.push(ix::fund_jackpot(operator, id, game.mint, game.spec.jackpot_units));
        }
        if game.spec.bankroll_units > 0 {
            all.push(ix::fund_bankroll(operator, id, game.mint, game.spec.bankroll_units));
        }
        self.chain.expect_ok(&all)
    }

    #[track_caller]
    pub fn lottery(&self, game: &Game) -> Lottery {
        self.chain.account(game.key)
    }
}
