// Anchor binds every `#[instruction]` argument in each function it derives, used there or not.
#![allow(unused_variables)]

use anchor_lang::prelude::*;
use lottery_interface::{Kind, Source, kinds::LotteryStatus};
use lottery_rules::{beacon::Schedule, house::max_prize};

use crate::{
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
    errors::LotteryError,
    kinds,
    state::{CONFIG_LEN, Config, Lottery, Registry, Vault, load_beacon},
};

/// Accounts: `operator` [writable, signer], `registry` [writable], `vault` [], `source` [] (the
/// beacon, or the oracle set; the zero address for other sources), `lottery` [writable], `config` [writable], `system_program` [].
#[derive(Accounts)]
#[instruction(args: LotteryArgs, limits: LimitsArgs, config_args: ConfigArgs, rules: &[u8])]
pub struct CreateLottery {
    #[account(mut)]
    pub operator: Signer,
    #[account(mut)]
    pub registry: Account<Registry>,
    pub vault: Account<Vault>,
    /// The account of the source of randomness or facts.
    pub source: UncheckedAccount,
    #[account(init, payer = operator, space = 8 + size_of::<Lottery>(),
        seeds = [b"lottery", &registry.next_lottery_id.to_le_bytes()], bump)]
    pub lottery: Account<Lottery>,
    #[account(init, payer = operator, space = CONFIG_LEN + rules.len(),
        seeds = [b"config", lottery.address().as_ref(), &0u32.to_le_bytes()], bump)]
    pub config: Account<Config>,
    pub system_program: Program<System>,
}

pub fn handler(
    ctx: &mut Context<CreateLottery>,
    args: LotteryArgs,
    limits: LimitsArgs,
    config_args: ConfigArgs,
    rules: &[u8],
) -> Result<()> {
    let (lottery_bump, config_bump) = (ctx.bumps.lottery, ctx.bumps.config);
    let CreateLottery { operator, registry, vault, source, lottery, config, .. } = &mut ctx.accounts;
    registry.require_running()?;
    require!(
        args.pauser != Address::default() && args.treasurer != Address::default(),
        LotteryError::InvalidLimits
    );
    check_limits(&limits, kinds::kind(config_args.kind)?)?;
    let rollover = check_config(registry, &config_args, rules)?;
    let clock = Clock::get()?;
    let schedule = check_source_account(source, &config_args, rules, &clock)?;

    lottery.operator = *operator.address();
    lottery.pauser = args.pauser;
    lottery.treasurer = args.treasurer;
    lottery.mint = vault.mint;
    lottery.config = *config.address();
    lottery.rent_payer = *operator.address();
    lottery.name = args.name;
    lottery.id = registry.next_lottery_id;
    lottery.created_at = clock.unix_timestamp;
    lottery.config_count = 1;
    lottery.kind = config_args.kind;
    lottery.status = LotteryStatus::Pending as u8;
    lottery.rollover = rollover as u8;
    lottery.bump = lottery_bump;
    apply_limits(lottery, &limits);
    write_config(
        config,
        lottery.address(),
        operator.address(),
        0,
        config_bump,
        &config_args,
        schedule,
        rules,
        clock.slot,
    );
    registry.next_lottery_id += 1;
    lottery.invariant()
}

/// Refuses limits under which no round could run, or whose page could not be one account.
pub fn check_limits(limits: &LimitsArgs, kind: Kind) -> Result<()> {
    // 10 MiB is the largest account; 65,000 entries take 4.2 MB of it.
    const MAX_PAGE_ENTRIES: u32 = 65_000;
    const MAX_PAGES: u32 = 10_000;
    const MAX_PERIOD_SECONDS: u32 = 366 * 86_400;
    require!(
        (1..=MAX_PAGE_ENTRIES).contains(&limits.page_entries)
            && (1..=MAX_PAGES).contains(&limits.max_pages)
            && limits.max_entries_per_round >= 1
            && limits.max_entries_per_round as u64 <= limits.page_entries as u64 * limits.max_pages as u64
            && (2..=MAX_PERIOD_SECONDS).contains(&limits.period_seconds),
        LotteryError::InvalidLimits
    );
    require!(limits.lock_offset_seconds <= limits.period_seconds, LotteryError::InvalidLimits);
    let (min_stake, max_stake) = (limits.min_stake_units, limits.max_stake_units);
    let has_stakes = 0 < min_stake && min_stake <= max_stake;
    require!(
        if kind.has_own_stake() { has_stakes } else { (min_stake, max_stake) == (0, 0) },
        LotteryError::InvalidLimits
    );
    let house = (limits.page_budget_units, limits.max_liability_units);
    require!(
        if kind.is_house() { are_house_limits(limits) } else { house == (0, 0) },
        LotteryError::InvalidLimits
    );
    Ok(())
}

/// Rounds are short, and a page's budget leaves a share for one ticket.
fn are_house_limits(limits: &LimitsArgs) -> bool {
    const MAX_HOUSE_PERIOD_SECONDS: u32 = 60;
    limits.period_seconds <= MAX_HOUSE_PERIOD_SECONDS
        && max_prize(limits.page_budget_units) >= limits.min_stake_units
        && limits.page_budget_units <= limits.max_liability_units
}

pub fn apply_limits(lottery: &mut Lottery, limits: &LimitsArgs) {
    lottery.page_entries = limits.page_entries;
    lottery.max_pages = limits.max_pages;
    lottery.max_entries_per_round = limits.max_entries_per_round;
    lottery.max_entries_per_player = limits.max_entries_per_player;
    lottery.max_stake_units = limits.max_stake_units;
    lottery.min_stake_units = limits.min_stake_units;
    lottery.page_budget_units = limits.page_budget_units;
    lottery.max_liability_units = limits.max_liability_units;
    lottery.period_seconds = limits.period_seconds;
    lottery.lock_offset_seconds = limits.lock_offset_seconds;
    lottery.reward_step_lamports = limits.reward_step_lamports;
    lottery.reward_item_lamports = limits.reward_item_lamports;
}

/// Checks a config against the registry and its kind's rules. Returns whether it rolls over.
pub fn check_config(registry: &Registry, args: &ConfigArgs, rules: &[u8]) -> Result<bool> {
    require!(Kind::from_byte(args.kind).is_some(), LotteryError::KindNotSupported);
    require!(
        lottery_interface::accounts::Registry::allows(&registry.allowed_sources, args.kind, args.source),
        LotteryError::SourceNotAllowed
    );
    require!(args.fee_bps <= registry.fee_cap_bps, LotteryError::FeeAboveCap);
    require!(
        args.grace_seconds >= registry.min_grace_seconds
            && args.grace_slots >= registry.min_grace_slots
            && args.claim_seconds >= registry.min_claim_seconds
            && args.compensation_cap_bps <= 10_000,
        LotteryError::InvalidConfig
    );
    check_source(registry, args)?;
    kinds::validate(args, rules, registry.fee_cap_bps)
}

/// What each source of randomness needs of a config.
fn check_source(registry: &Registry, args: &ConfigArgs) -> Result<()> {
    // Captured while SlotHashes, 512 slots, still reaches back to the target.
    const MAX_REVEAL_DELAY_SLOTS: u32 = 150;
    // The value is not public before all validators' clocks have passed the lock.
    const MIN_MARGIN_SECONDS: u32 = 30;
    const MAX_MARGIN_SECONDS: u32 = 86_400;
    // A beacon can be silent for hours; nothing is lost by waiting for it.
    const MIN_BEACON_GRACE_SECONDS: u32 = 86_400;
    const MIN_BEACON_GRACE_SLOTS: u32 = 216_000;
    match Source::from_byte(args.source) {
        Some(Source::CommitReveal) => {
            require!(
                (1..=MAX_REVEAL_DELAY_SLOTS).contains(&args.reveal_delay_slots)
                    && args.beacon == Address::default()
                    && args.beacon_margin_seconds == 0,
                LotteryError::InvalidConfig
            );
        }
        Some(Source::Beacon) => {
            require!(
                (MIN_MARGIN_SECONDS..=MAX_MARGIN_SECONDS).contains(&args.beacon_margin_seconds)
                    && args.grace_seconds >= MIN_BEACON_GRACE_SECONDS
                    && args.grace_slots >= MIN_BEACON_GRACE_SLOTS
                    && args.reveal_delay_slots == 0,
                LotteryError::InvalidConfig
            );
        }
        Some(Source::Switchboard) => {
            require!(
                registry.switchboard_program != Address::default()
                    && args.reveal_delay_slots == 0
                    && args.beacon == Address::default()
                    && args.beacon_margin_seconds == 0,
                LotteryError::InvalidConfig
            );
        }
        Some(Source::Oracle) => {
            require!(
                args.kind == Kind::Prediction as u8
                    && args.reveal_delay_slots == 0
                    && args.beacon == Address::default()
                    && args.beacon_margin_seconds == 0,
                LotteryError::InvalidConfig
            );
        }
        None => return Err(LotteryError::SourceNotAllowed.into()),
    }
    Ok(())
}

/// Checks the account of the source: a beacon must be usable, and gives its schedule; an oracle set must have as many
/// reporters as the rules say.
pub fn check_source_account(
    source: &UncheckedAccount,
    args: &ConfigArgs,
    rules: &[u8],
    clock: &Clock,
) -> Result<Schedule> {
    match Source::from_byte(args.source) {
        Some(Source::Beacon) => {
            let beacon = load_beacon(source, &args.beacon)?;
            require!(clock.unix_timestamp >= beacon.usable_at, LotteryError::BeaconNotUsable);
            return Ok(Schedule { genesis_at: beacon.genesis_at, period_seconds: beacon.period_seconds });
        }
        Some(Source::Oracle) => kinds::prediction::check_oracle_set(source, rules)?,
        _ => {}
    }
    Ok(Schedule { genesis_at: 0, period_seconds: 0 })
}

/// Fills a new config account, rules included. It is never written again.
#[allow(clippy::too_many_arguments)]
pub fn write_config(
    config: &mut Account<Config>,
    lottery: &Address,
    rent_payer: &Address,
    version: u32,
    bump: u8,
    args: &ConfigArgs,
    schedule: Schedule,
    rules: &[u8],
    slot: u64,
) {
    config.lottery = *lottery;
    config.rent_payer = *rent_payer;
    config.stake_units = args.stake_units;
    config.created_slot = slot;
    config.version = version;
    config.grace_seconds = args.grace_seconds;
    config.grace_slots = args.grace_slots;
    config.claim_seconds = args.claim_seconds;
    config.reveal_delay_slots = args.reveal_delay_slots;
    config.beacon = args.beacon;
    config.beacon_genesis_at = schedule.genesis_at;
    config.beacon_period_seconds = schedule.period_seconds;
    config.beacon_margin_seconds = args.beacon_margin_seconds;
    config.fee_bps = args.fee_bps;
    config.compensation_cap_bps = args.compensation_cap_bps;
    config.kind = args.kind;
    config.source = args.source;
    config.bump = bump;
    let mut view = *config.account();
    // SAFETY: the account was created with room for the rules after its header, which `config` covers.
    unsafe { view.borrow_unchecked_mut()[CONFIG_LEN..].copy_from_slice(rules) };
}
