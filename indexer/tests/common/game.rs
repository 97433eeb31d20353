//! A lottery that is played, every step as the program would do it. Here: what it is made of.

use super::*;

/// The lottery of these tests: 3 of 10 with a bonus ball of 4; progressive.
pub fn rules() -> DrawRules {
    let mut rules = DrawRules {
        picks: 3,
        numbers: 10,
        bonus_numbers: 4,
        rollover: 1,
        tier_count: 3,
        ..Zeroable::zeroed()
    };
    rules.tiers[0] = DrawTier { matches: 3, bonus: 1, share_bps: 5_000 };
    rules.tiers[1] = DrawTier { matches: 2, bonus: 0, share_bps: 3_000 };
    rules.tiers[2] = DrawTier { matches: 1, bonus: 0, share_bps: 2_000 };
    rules
}

pub const STAKE: u64 = 1_000_000;

pub struct Game {
    pub kind: Kind,
    /// Draws from a beacon, not from commit and reveal.
    pub from_beacon: bool,
    pub beacon: Beacon,
    /// Instant rounds log their seed in the place of a result.
    pub logs_seed: bool,
    pub chain: Chain,
    pub operator: Pubkey,
    pub registry: Registry,
    pub vault: Vault,
    pub lottery: Lottery,
    pub lottery_key: Pubkey,
    pub config: Config,
    pub config_key: Pubkey,
    pub round: Round,
    pub round_key: Pubkey,
    pub pages: Vec<(Pubkey, Page, Vec<Entry>)>,
    pub wallets: BTreeMap<Pubkey, Wallet>,
    /// Raffles: behind the round's struct.
    pub raffle: RaffleState,
    pub rankings: BTreeMap<Pubkey, Attempt>,
}

impl Game {
    /// Registry, vault and lottery 1, a draw.
    pub fn new() -> Self {
        Self::of_kind(Kind::Draw)
    }

    pub fn of_kind(kind: Kind) -> Self {
        Self::new_with(kind, false)
    }

    pub fn new_with(kind: Kind, from_beacon: bool) -> Self {
        let state = State { slot: START_SLOT, slots_per_batch: 1_000, ..State::default() };
        let operator = Pubkey::new_from_array([9; 32]);
        let lottery_key = address::lottery(1).0;
        let mut game = Game {
            kind,
            from_beacon,
            beacon: Zeroable::zeroed(),
            logs_seed: false,
            chain: Chain(Arc::new(Mutex::new(state))),
            operator,
            registry: Zeroable::zeroed(),
            vault: Zeroable::zeroed(),
            lottery: Zeroable::zeroed(),
            lottery_key,
            config: Zeroable::zeroed(),
            config_key: address::config(&lottery_key, 0).0,
            round: Zeroable::zeroed(),
            round_key: Pubkey::default(),
            pages: Vec::new(),
            wallets: BTreeMap::new(),
            raffle: Zeroable::zeroed(),
            rankings: BTreeMap::new(),
        };
        game.create();
        game
    }

    fn create(&mut self) {
        let args = RegistryArgs {
            treasury: [8; 32],
            fee_cap_bps: 1_000,
            beacon_delay_seconds: DELAY_SECONDS,
            ..Zeroable::zeroed()
        };
        self.registry.beacon_delay_seconds = DELAY_SECONDS;
        self.registry.treasury = args.treasury;
        self.registry.fee_cap_bps = 1_000;
        self.registry.next_lottery_id = 2;
        self.chain.put(address::registry().0, &self.registry, &[]);
        self.chain.send_one(ix::init_registry(self.operator, &args), vec![]);
        self.chain.put(address::vault(&Pubkey::default()).0, &self.vault, &[]);
        let native = address::SYSTEM_PROGRAM;
        self.chain.send_one(ix::open_vault(self.operator, Pubkey::default(), native), vec![]);

        if self.from_beacon {
            self.add_beacon();
        }
        let mut name = [0; 32];
        name[..9].copy_from_slice(b"3 of ten ");
        let args = LotteryArgs { name, pauser: [7; 32], treasurer: [6; 32] };
        let limits = self.limits();
        let config = ConfigArgs {
            stake_units: self.stake(),
            claim_seconds: 1_000,
            reveal_delay_slots: if self.from_beacon { 0 } else { 2 },
            beacon: self.beacon_key().to_bytes(),
            beacon_margin_seconds: if self.from_beacon { MARGIN_SECONDS } else { 0 },
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: if self.from_beacon { 1 } else { 2 },
            ..Zeroable::zeroed()
        };
        self.lottery = Lottery {
            operator: self.operator.to_bytes(),
            config: self.config_key.to_bytes(),
            name,
            id: 1,
            page_entries: 8,
            max_pages: 4,
            max_entries_per_round: 30,
            period_seconds: limits.period_seconds,
            reward_step_lamports: limits.reward_step_lamports,
            reward_item_lamports: limits.reward_item_lamports,
            max_stake_units: limits.max_stake_units,
            min_stake_units: limits.min_stake_units,
            page_budget_units: limits.page_budget_units,
            max_liability_units: limits.max_liability_units,
            kind: self.kind as u8,
            status: LotteryStatus::Pending as u8,
            rollover: (self.kind == Kind::Draw) as u8,
            ..Zeroable::zeroed()
        };
        let slot = self.chain.state().slot + 1;
        self.config = Config {
            lottery: self.lottery_key.to_bytes(),
            rent_payer: self.operator.to_bytes(),
            stake_units: self.stake(),
            created_slot: slot,
            claim_seconds: 1_000,
            reveal_delay_slots: config.reveal_delay_slots,
            beacon: config.beacon,
            beacon_genesis_at: self.beacon.genesis_at,
            beacon_period_seconds: self.beacon.period_seconds,
            beacon_margin_seconds: config.beacon_margin_seconds,
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: config.source,
            bump: address::config(&self.lottery_key, 0).1,
            ..Zeroable::zeroed()
        };
        let rules = self.rule_bytes();
        self.chain.put(self.config_key, &self.config, &rules);
        self.store();
        self.chain.send_one(
            ix::create_lottery(self.operator, 1, Pubkey::default(), &args, &limits, &config, &rules),
            vec![],
        );
    }

    pub fn limits(&self) -> LimitsArgs {
        if self.kind.is_house() {
            return house_limits();
        }
        LimitsArgs {
            page_entries: 8,
            max_pages: 4,
            max_entries_per_round: 30,
            period_seconds: 60,
            reward_step_lamports: 10,
            reward_item_lamports: 3,
            ..Zeroable::zeroed()
        }
    }

    pub fn stake(&self) -> u64 {
        if self.kind.is_house() { 0 } else { STAKE }
    }

    pub fn fee_bps(&self) -> u16 {
        match self.kind {
            Kind::Raffle => 0,
            kind if kind.is_house() => HOUSE_FEE_BPS,
            _ => 500,
        }
    }

    fn rule_bytes(&self) -> Vec<u8> {
        match self.kind {
            Kind::Keno => bytes_of(&keno_rules()).to_vec(),
            Kind::Instant => bytes_of(&instant_rules()).to_vec(),
            Kind::Raffle => bytes_of(&raffle_rules()).to_vec(),
            _ => bytes_of(&rules()).to_vec(),
        }
    }

    /// Pays a cranker out of the round's reserve.
    pub fn reward(&mut self, steps: u64, items: u64) {
        self.round.crank_lamports -= 10 * steps + 3 * items;
    }

    /// Puts what changes with almost every step.
    pub fn store(&self) {
        self.chain.put(self.lottery_key, &self.lottery, &[]);
        if self.round_key != Pubkey::default() {
            let tail = if self.kind == Kind::Raffle { bytes_of(&self.raffle) } else { &[] };
            self.chain.put(self.round_key, &self.round, tail);
        }
        for (key, page, entries) in &self.pages {
            self.chain.put(*key, page, bytemuck::cast_slice(entries));
        }
        for (key, attempt) in &self.rankings {
            self.chain.put(*key, &attempt.ranking, &attempt.tail());
        }
        for (key, wallet) in &self.wallets {
            self.chain.put(*key, wallet, &[]);
        }
    }

    pub fn changed(&self) -> Vec<Vec<u8>> {
        vec![event(
            "RoundChanged",
            &RoundChanged {
                lottery_id: 1,
                round_index: self.round.index,
                entries: self.round.entries,
                pool_units: self.round.pool_units,
                result: if self.logs_seed && self.kind == Kind::Instant {
                    self.round.seed
                } else {
                    self.round.result
                },
                status: self.round.status,
                void_reason: self.round.void_reason,
                reserved: [0; 6],
            },
        )]
    }
}
