//! Open provably fair lotteries on Solana.

#![cfg_attr(target_os = "solana", no_std)]

extern crate alloc;

use anchor_lang::prelude::*;

mod args;
mod batch;
mod curve;
mod errors;
mod events;
mod hash;
mod instructions;
mod kinds;
mod restart;
mod slot_hashes;
mod state;
mod switchboard;
mod syscalls;
mod tokens;

use args::*;

// Only `math128.ll` and the tests call it.
#[cfg(any(target_arch = "bpf", test))]
mod math128;

// Named so that memcpy and friends are linked into the upstream BPF build.
#[cfg(target_arch = "bpf")]
use solana_compiler_builtins as _;

declare_id!("2UB98i4p6hpqnFBeWGqgoRtuijyyencGWwFFLMhqFUrf");

#[program]
pub mod lottery_v4 {
    use super::*;

    /// Enters 1 to 20 tickets.
    #[discrim = 43]
    pub fn enter(
        ctx: &mut Context<instructions::enter::Enter>,
        quick_picks: u8,
        tickets: &[u8],
    ) -> Result<()> {
        instructions::enter::handler(ctx, quick_picks, tickets)
    }

    /// Creates the registry; once per program.
    #[discrim = 0]
    pub fn init_registry(
        ctx: &mut Context<instructions::init_registry::InitRegistry>,
        args: RegistryArgs,
    ) -> Result<()> {
        instructions::init_registry::handler(ctx, args)
    }

    /// Changes what holds for every lottery.
    #[discrim = 1]
    pub fn update_registry(
        ctx: &mut Context<instructions::update_registry::UpdateRegistry>,
        args: RegistryArgs,
    ) -> Result<()> {
        instructions::update_registry::handler(ctx, args)
    }

    /// First step of handing over the registry.
    #[discrim = 2]
    pub fn propose_authority(
        ctx: &mut Context<instructions::propose_authority::ProposeAuthority>,
        next: Address,
    ) -> Result<()> {
        instructions::propose_authority::handler(ctx, next)
    }

    /// Second step, by the proposed authority.
    #[discrim = 3]
    pub fn accept_authority(
        ctx: &mut Context<instructions::accept_authority::AcceptAuthority>,
    ) -> Result<()> {
        instructions::accept_authority::handler(ctx)
    }

    /// Opens the vault of a mint that is safe to hold.
    #[discrim = 4]
    pub fn open_vault(ctx: &mut Context<instructions::open_vault::OpenVault>) -> Result<()> {
        instructions::open_vault::handler(ctx)
    }

    /// Adds a beacon, usable after a delay.
    #[discrim = 5]
    pub fn add_beacon(
        ctx: &mut Context<instructions::add_beacon::AddBeacon>,
        args: BeaconArgs,
        proof: &[u8],
    ) -> Result<()> {
        instructions::add_beacon::handler(ctx, args, proof)
    }

    /// Takes back a beacon that is not usable yet.
    #[discrim = 6]
    pub fn remove_beacon(ctx: &mut Context<instructions::remove_beacon::RemoveBeacon>) -> Result<()> {
        instructions::remove_beacon::handler(ctx)
    }

    /// Verifies a round of a beacon and returns its randomness.
    #[discrim = 7]
    pub fn verify_beacon(
        ctx: &mut Context<instructions::verify_beacon::VerifyBeacon>,
        round: u64,
        proof: &[u8],
    ) -> Result<()> {
        instructions::verify_beacon::handler(ctx, round, proof)
    }

    /// Creates an oracle set.
    #[discrim = 8]
    pub fn create_oracle_set(
        ctx: &mut Context<instructions::create_oracle_set::CreateOracleSet>,
        reporters: &[u8],
    ) -> Result<()> {
        instructions::create_oracle_set::handler(ctx, reporters)
    }

    /// Opens an owner's wallet in a mint.
    #[discrim = 10]
    pub fn open_wallet(ctx: &mut Context<instructions::open_wallet::OpenWallet>) -> Result<()> {
        instructions::open_wallet::handler(ctx)
    }

    /// Tokens in: credits what the vault received.
    #[discrim = 11]
    pub fn deposit(ctx: &mut Context<tokens::MoveTokens>, amount_units: u64) -> Result<()> {
        instructions::deposit::handler(ctx, amount_units)
    }

    /// Tokens out: only the owner, at any time.
    #[discrim = 12]
    pub fn withdraw(ctx: &mut Context<tokens::MoveTokens>, amount_units: u64) -> Result<()> {
        instructions::withdraw::handler(ctx, amount_units)
    }

    /// Sets or ends a session key that may only enter.
    #[discrim = 13]
    pub fn set_session(
        ctx: &mut Context<instructions::set_session::SetSession>,
        args: SessionArgs,
    ) -> Result<()> {
        instructions::set_session::handler(ctx, args)
    }

    /// Closes an empty wallet that no round can pay.
    #[discrim = 14]
    pub fn close_wallet(ctx: &mut Context<instructions::close_wallet::CloseWallet>) -> Result<()> {
        instructions::close_wallet::handler(ctx)
    }

    /// Creates a lottery with its first config.
    #[discrim = 20]
    pub fn create_lottery(
        ctx: &mut Context<instructions::create_lottery::CreateLottery>,
        args: LotteryArgs,
        limits: LimitsArgs,
        config_args: ConfigArgs,
        rules: &[u8],
    ) -> Result<()> {
        instructions::create_lottery::handler(ctx, args, limits, config_args, rules)
    }

    /// Writes a new config version for rounds not yet opened.
    #[discrim = 21]
    pub fn update_config(
        ctx: &mut Context<instructions::update_config::UpdateConfig>,
        args: ConfigArgs,
        rules: &[u8],
    ) -> Result<()> {
        instructions::update_config::handler(ctx, args, rules)
    }

    /// Changes limits, schedule and rewards for rounds not yet opened.
    #[discrim = 22]
    pub fn update_limits(
        ctx: &mut Context<instructions::update_limits::UpdateLimits>,
        limits: LimitsArgs,
    ) -> Result<()> {
        instructions::update_limits::handler(ctx, limits)
    }

    /// Lets rounds open: after creation or a pause.
    #[discrim = 23]
    pub fn activate_lottery(
        ctx: &mut Context<instructions::activate_lottery::ActivateLottery>,
    ) -> Result<()> {
        instructions::activate_lottery::handler(ctx)
    }

    /// Stops new rounds and voids those that still take entries.
    #[discrim = 24]
    pub fn pause_lottery(ctx: &mut Context<instructions::pause_lottery::PauseLottery>) -> Result<()> {
        instructions::pause_lottery::handler(ctx)
    }

    /// Ends a lottery after a last round.
    #[discrim = 25]
    pub fn retire_lottery(ctx: &mut Context<instructions::retire_lottery::RetireLottery>) -> Result<()> {
        instructions::retire_lottery::handler(ctx)
    }

    /// First step of handing over a role.
    #[discrim = 26]
    pub fn propose_role(
        ctx: &mut Context<instructions::propose_role::ProposeRole>,
        role: u8,
        next: Address,
    ) -> Result<()> {
        instructions::propose_role::handler(ctx, role, next)
    }

    /// Second step, by the proposed holder.
    #[discrim = 27]
    pub fn accept_role(ctx: &mut Context<instructions::accept_role::AcceptRole>, role: u8) -> Result<()> {
        instructions::accept_role::handler(ctx, role)
    }

    /// Adds to the jackpot.
    #[discrim = 28]
    pub fn fund_jackpot(
        ctx: &mut Context<instructions::fund_jackpot::FundJackpot>,
        amount_units: u64,
    ) -> Result<()> {
        instructions::fund_jackpot::handler(ctx, amount_units)
    }

    /// Adds to the bond that backs the reveals.
    #[discrim = 29]
    pub fn fund_bond(ctx: &mut Context<instructions::fund_bond::FundBond>, amount_units: u64) -> Result<()> {
        instructions::fund_bond::handler(ctx, amount_units)
    }

    /// Takes back free bond.
    #[discrim = 30]
    pub fn withdraw_bond(
        ctx: &mut Context<instructions::withdraw_bond::WithdrawBond>,
        amount_units: u64,
    ) -> Result<()> {
        instructions::withdraw_bond::handler(ctx, amount_units)
    }

    /// Prepays rewards.
    #[discrim = 31]
    pub fn fund_crank(
        ctx: &mut Context<instructions::fund_crank::FundCrank>,
        amount_lamports: u64,
    ) -> Result<()> {
        instructions::fund_crank::handler(ctx, amount_lamports)
    }

    /// Takes back rewards that no round reserved.
    #[discrim = 32]
    pub fn withdraw_crank(
        ctx: &mut Context<instructions::withdraw_crank::WithdrawCrank>,
        amount_lamports: u64,
    ) -> Result<()> {
        instructions::withdraw_crank::handler(ctx, amount_lamports)
    }

    /// Credits fees to the treasurer's wallet.
    #[discrim = 33]
    pub fn withdraw_fees(
        ctx: &mut Context<instructions::withdraw_fees::WithdrawFees>,
        amount_units: u64,
    ) -> Result<()> {
        instructions::withdraw_fees::handler(ctx, amount_units)
    }

    /// Credits what is owed to the treasury.
    #[discrim = 34]
    pub fn withdraw_treasury(
        ctx: &mut Context<instructions::withdraw_treasury::WithdrawTreasury>,
    ) -> Result<()> {
        instructions::withdraw_treasury::handler(ctx)
    }

    /// Commits to a hash chain of reveals.
    #[discrim = 35]
    pub fn set_chain(
        ctx: &mut Context<instructions::set_chain::SetChain>,
        commit: [u8; 32],
        length: u64,
    ) -> Result<()> {
        instructions::set_chain::handler(ctx, commit, length)
    }

    /// Closes a config that no round uses.
    #[discrim = 36]
    pub fn close_config(ctx: &mut Context<instructions::close_config::CloseConfig>) -> Result<()> {
        instructions::close_config::handler(ctx)
    }

    /// Closes a completed, empty lottery.
    #[discrim = 37]
    pub fn close_lottery(ctx: &mut Context<instructions::close_lottery::CloseLottery>) -> Result<()> {
        instructions::close_lottery::handler(ctx)
    }

    /// Adds to the free bankroll of a house game.
    #[discrim = 38]
    pub fn fund_bankroll(
        ctx: &mut Context<instructions::fund_bankroll::FundBankroll>,
        amount_units: u64,
    ) -> Result<()> {
        instructions::fund_bankroll::handler(ctx, amount_units)
    }

    /// Takes back free bankroll.
    #[discrim = 39]
    pub fn withdraw_bankroll(
        ctx: &mut Context<instructions::withdraw_bankroll::WithdrawBankroll>,
        amount_units: u64,
    ) -> Result<()> {
        instructions::withdraw_bankroll::handler(ctx, amount_units)
    }

    /// Opens the next round.
    #[discrim = 40]
    pub fn open_round(ctx: &mut Context<instructions::open_round::OpenRound>) -> Result<()> {
        instructions::open_round::handler(ctx)
    }

    /// Opens the next page of a round.
    #[discrim = 41]
    pub fn open_page(ctx: &mut Context<instructions::open_page::OpenPage>) -> Result<()> {
        instructions::open_page::handler(ctx)
    }

    /// Grows a page towards its size.
    #[discrim = 42]
    pub fn grow_page(ctx: &mut Context<instructions::grow_page::GrowPage>) -> Result<()> {
        instructions::grow_page::handler(ctx)
    }

    /// Folds a page into its round after lock.
    #[discrim = 44]
    pub fn seal_page(ctx: &mut Context<instructions::seal_page::SealPage>) -> Result<()> {
        instructions::seal_page::handler(ctx)
    }

    /// Stores the slot hash that nobody knew before lock.
    #[discrim = 45]
    pub fn capture(ctx: &mut Context<instructions::capture::Capture>) -> Result<()> {
        instructions::capture::handler(ctx)
    }

    /// Stores the random value: the result is fixed.
    #[discrim = 46]
    pub fn post_value(ctx: &mut Context<instructions::post_value::PostValue>, proof: &[u8]) -> Result<()> {
        instructions::post_value::handler(ctx, proof)
    }

    /// Computes seed and result.
    #[discrim = 47]
    pub fn draw(ctx: &mut Context<instructions::draw::Draw>) -> Result<()> {
        instructions::draw::handler(ctx)
    }

    /// Gives entries their result, resumably.
    #[discrim = 48]
    pub fn settle(ctx: &mut Context<instructions::settle::Settle>, limit: u32) -> Result<()> {
        instructions::settle::handler(ctx, limit)
    }

    /// Splits the pool; counts the round in its order.
    #[discrim = 49]
    pub fn finalise(ctx: &mut Context<instructions::finalise::Finalise>) -> Result<()> {
        instructions::finalise::handler(ctx)
    }

    /// Credits prizes.
    #[discrim = 50]
    pub fn pay(ctx: &mut Context<batch::Batch>, items: &[u8]) -> Result<()> {
        instructions::pay::handler(ctx, items)
    }

    /// Voids a round that got no value.
    #[discrim = 51]
    pub fn void_round(ctx: &mut Context<instructions::void_round::VoidRound>) -> Result<()> {
        instructions::void_round::handler(ctx)
    }

    /// Credits stakes of a void round back.
    #[discrim = 52]
    pub fn refund(ctx: &mut Context<batch::Batch>, items: &[u8]) -> Result<()> {
        instructions::refund::handler(ctx, items)
    }

    /// Moves the lock of an empty round.
    #[discrim = 53]
    pub fn retime_round(ctx: &mut Context<instructions::retime_round::RetimeRound>) -> Result<()> {
        instructions::retime_round::handler(ctx)
    }

    /// Ends the claim period.
    #[discrim = 54]
    pub fn expire_round(ctx: &mut Context<instructions::expire_round::ExpireRound>) -> Result<()> {
        instructions::expire_round::handler(ctx)
    }

    /// Returns the rent of a page.
    #[discrim = 55]
    pub fn close_page(ctx: &mut Context<instructions::close_page::ClosePage>) -> Result<()> {
        instructions::close_page::handler(ctx)
    }

    /// Returns the rent of a round.
    #[discrim = 56]
    pub fn close_round(ctx: &mut Context<instructions::close_round::CloseRound>) -> Result<()> {
        instructions::close_round::handler(ctx)
    }

    /// Publishes a link of void rounds, so that the next reveal is near again.
    #[discrim = 57]
    pub fn advance_chain(
        ctx: &mut Context<instructions::advance_chain::AdvanceChain>,
        reveal: [u8; 32],
        distance: u8,
    ) -> Result<()> {
        instructions::advance_chain::handler(ctx, reveal, distance)
    }

    /// Voids a round whose beacon value is public before its lock.
    #[discrim = 58]
    pub fn prove_early(
        ctx: &mut Context<instructions::prove_early::ProveEarly>,
        beacon_round: u64,
        proof: &[u8],
    ) -> Result<()> {
        instructions::prove_early::handler(ctx, beacon_round, proof)
    }

    /// Creates the Switchboard randomness account of a round.
    #[discrim = 59]
    pub fn init_randomness(
        ctx: &mut Context<instructions::init_randomness::InitRandomness>,
        recent_slot: u64,
    ) -> Result<()> {
        instructions::init_randomness::handler(ctx, recent_slot)
    }

    /// Commits it to a slot hash, once.
    #[discrim = 60]
    pub fn commit_randomness(
        ctx: &mut Context<instructions::commit_randomness::CommitRandomness>,
    ) -> Result<()> {
        instructions::commit_randomness::handler(ctx)
    }

    /// Reveals the oracle's value: the result is fixed.
    #[discrim = 61]
    pub fn reveal_randomness(
        ctx: &mut Context<instructions::reveal_randomness::RevealRandomness>,
        signature: [u8; 64],
        recovery_id: u8,
        value: [u8; 32],
    ) -> Result<()> {
        instructions::reveal_randomness::handler(ctx, signature, recovery_id, value)
    }

    /// Stores what a reporter attests; with the quorum, the result.
    #[discrim = 62]
    pub fn attest(ctx: &mut Context<instructions::attest::Attest>, args: AttestArgs) -> Result<()> {
        instructions::attest::handler(ctx, args)
    }

    /// Opens an attempt at the order of a raffle.
    #[discrim = 63]
    pub fn open_ranking(
        ctx: &mut Context<instructions::open_ranking::OpenRanking>,
        key: u64,
        page: u32,
        index: u32,
    ) -> Result<()> {
        instructions::open_ranking::handler(ctx, key, page, index)
    }

    /// Grows an attempt by up to 10,240 bytes.
    #[discrim = 64]
    pub fn grow_ranking(ctx: &mut Context<instructions::grow_ranking::GrowRanking>) -> Result<()> {
        instructions::grow_ranking::handler(ctx)
    }

    /// Counts entries of a page against an attempt.
    #[discrim = 65]
    pub fn count_ranking(
        ctx: &mut Context<instructions::count_ranking::CountRanking>,
        limit: u32,
    ) -> Result<()> {
        instructions::count_ranking::handler(ctx, limit)
    }

    /// Accepts an attempt that counted right.
    #[discrim = 66]
    pub fn accept_ranking(ctx: &mut Context<instructions::accept_ranking::AcceptRanking>) -> Result<()> {
        instructions::accept_ranking::handler(ctx)
    }

    /// Sorts further ranks.
    #[discrim = 67]
    pub fn sort_ranking(
        ctx: &mut Context<instructions::sort_ranking::SortRanking>,
        places: &[u8],
    ) -> Result<()> {
        instructions::sort_ranking::handler(ctx, places)
    }

    /// Closes an attempt that is wrong, late or done.
    #[discrim = 68]
    pub fn close_ranking(ctx: &mut Context<instructions::close_ranking::CloseRanking>) -> Result<()> {
        instructions::close_ranking::handler(ctx)
    }

    /// A winner takes the place that is offered.
    #[discrim = 69]
    pub fn confirm_place(
        ctx: &mut Context<instructions::confirm_place::ConfirmPlace>,
        rank: u32,
    ) -> Result<()> {
        instructions::confirm_place::handler(ctx, rank)
    }

    /// Writes into entries what became of their ranks.
    #[discrim = 70]
    pub fn resolve_places(
        ctx: &mut Context<instructions::resolve_places::ResolvePlaces>,
        ranks: &[u8],
    ) -> Result<()> {
        instructions::resolve_places::handler(ctx, ranks)
    }

    /// Offers a free place to the next who waits.
    #[discrim = 71]
    pub fn promote_place(
        ctx: &mut Context<instructions::promote_place::PromotePlace>,
        rank: u32,
    ) -> Result<()> {
        instructions::promote_place::handler(ctx, rank)
    }

    /// Multiplies, divides and takes the remainder of 128-bit numbers and returns the results, so that a test can
    /// compare them with native arithmetic: a toolchain change that breaks 128-bit libcalls must not pass unseen.
    #[discrim = 255]
    pub fn selftest_math128(_ctx: &mut Context<SelftestMath128>, a: [u64; 2], b: [u64; 2]) -> Result<()> {
        let wide = |x: [u64; 2]| (x[1] as u128) << 64 | x[0] as u128;
        let (a, b) = (wide(a), wide(b));
        require!(b != 0, ProgramError::InvalidArgument);
        let mut out = [0u8; 48];
        out[..16].copy_from_slice(&a.wrapping_mul(b).to_le_bytes());
        out[16..32].copy_from_slice(&(a / b).to_le_bytes());
        out[32..].copy_from_slice(&(a % b).to_le_bytes());
        anchor_lang::pinocchio::cpi::set_return_data(&out);
        Ok(())
    }
}

#[derive(Accounts)]
pub struct SelftestMath128 {}
