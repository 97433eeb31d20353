use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};
use lottery_rules::prediction::value;

use crate::{
    args::AttestArgs,
    errors::LotteryError,
    events::{self, Attested},
    hash::Syscall,
    kinds::prediction,
    state::{Attestation, Config, OracleSet, PredictionRules, Round, config_rules, market_tail, pay_reward},
};

/// Accounts: `reporter` [writable, signer], `round` [writable], `config` [], `oracles` [].
#[derive(Accounts)]
pub struct Attest {
    #[account(mut)]
    pub reporter: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub config: Account<Config>,
    pub oracles: Account<OracleSet>,
}

/// Once for each reporter. Facts, not winners: which outcome they are is the config's mapping. The last equal attestation that
/// the quorum needs fixes the result.
pub fn handler(ctx: &mut Context<Attest>, args: AttestArgs) -> Result<()> {
    let Attest { reporter, round, config, oracles } = &mut ctx.accounts;
    require!(round.source == Source::Oracle as u8, LotteryError::NotOracle);
    round.require_config(config.address())?;
    let rules: &PredictionRules = config_rules(config)?;
    require!(rules.oracles == *oracles.address(), LotteryError::WrongOracleSet);
    let place = oracles.place(reporter.address())?;
    require!(!round.is(RoundStatus::Void), LotteryError::RoundNotOpen);
    require!(round.is(RoundStatus::Open), LotteryError::ValueAlreadyPosted);
    let clock = Clock::get()?;
    round.require_locked(&clock)?;
    require!(clock.unix_timestamp >= round.event_at, LotteryError::EventNotOver);
    require!(args.event_at == round.event_at, LotteryError::WrongEvent);
    let outcome = prediction::outcome(config, &args.facts)?;

    let (_, attestations) = market_tail(round)?;
    let own = attestations.get_mut(place).ok_or(LotteryError::InvariantViolated)?;
    require!(own.attested_at == 0, LotteryError::AlreadyAttested);
    *own = Attestation { facts: args.facts, evidence: args.evidence, attested_at: clock.unix_timestamp };
    let mut equal = 0;
    for other in attestations.iter() {
        if other.attested_at != 0 && other.facts == args.facts {
            equal += 1;
        }
    }
    let is_decided = equal >= round.quorum;
    if is_decided {
        round.value = value::<Syscall>(&args.facts);
        round.result[0] = outcome;
        round.status = RoundStatus::Valued as u8;
        pay_reward(round, reporter, 1, 0)?;
        round.log_change();
    }
    events::log(&Attested {
        reporter: *reporter.address(),
        evidence: args.evidence,
        facts: args.facts,
        lottery_id: round.lottery_id,
        round_index: round.index,
        reporter_index: place as u8,
        decided: is_decided as u8,
        reserved: [0; 6],
    });
    round.invariant()
}
