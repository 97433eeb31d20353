//! Conservation: for each mint, the sum of every internal balance equals the vault's recorded total, and the vault holds at
//! least that.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use lottery_client::{Pubkey, Rpc};
use lottery_interface::{
    accounts::{AccountLayout, Vault},
    kinds::VaultKind,
};

use super::chain::ChainState;

/// One mint whose books are in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintBalance {
    pub mint: Pubkey,
    pub total_units: u64,
    /// Tokens in the vault; for native SOL its lamports above rent.
    pub held_units: u64,
}

/// Checks every mint. The error names the mint and both sums.
pub async fn conservation(rpc: &Rpc, state: &ChainState) -> anyhow::Result<Vec<MintBalance>> {
    let sums = internal_sums(state)?;
    let rent = rpc.minimum_balance(Vault::LEN).await?;
    let mut mints = Vec::new();
    for vault in state.vaults.values() {
        let mint = Pubkey::from(vault.value.mint);
        let total_units = vault.value.total_units;
        let sum = sums.get(&mint).copied().unwrap_or(0);
        if sum != total_units as u128 {
            bail!("mint {mint}: internal balances are {sum} units, the vault's total is {total_units}");
        }
        let held_units = if vault.value.kind == VaultKind::Native as u8 {
            vault
                .lamports
                .checked_sub(rent)
                .with_context(|| format!("the vault of {mint} is below its rent"))?
        } else {
            token_units(rpc, vault.value.tokens.into()).await?
        };
        if held_units < total_units {
            bail!("mint {mint}: the vault holds {held_units} units and owes {total_units}");
        }
        mints.push(MintBalance { mint, total_units, held_units });
    }
    if let Some(mint) = sums.keys().find(|mint| !mints.iter().any(|known| known.mint == **mint)) {
        bail!("mint {mint}: accounts hold it, but it has no vault");
    }
    Ok(mints)
}

/// The sum of `wallet.balance`, `page.cash`, `round.cash` and what lotteries hold, by mint.
fn internal_sums(state: &ChainState) -> anyhow::Result<BTreeMap<Pubkey, u128>> {
    let mut sums: BTreeMap<Pubkey, u128> = BTreeMap::new();
    let mut add = |mint: [u8; 32], units: u64| *sums.entry(mint.into()).or_default() += units as u128;
    for wallet in state.wallets.values() {
        add(wallet.value.mint, wallet.value.balance_units);
    }
    for lottery in state.lotteries.values() {
        let l = &lottery.value;
        for units in [
            l.jackpot_units,
            l.bankroll_free_units,
            l.bankroll_reserved_units,
            l.bond_free_units,
            l.bond_reserved_units,
            l.fees_units,
            l.treasury_due_units,
        ] {
            add(l.mint, units);
        }
    }
    for round in state.rounds.values() {
        add(round.value.mint, round.value.cash_units);
    }
    for (address, page) in &state.pages {
        let round = state.rounds.get(&page.value.round.into());
        let round = round.with_context(|| format!("page {address} outlived its round"))?;
        add(round.value.mint, page.value.cash_units);
    }
    Ok(sums)
}

/// The amount of a token account: bytes 64 to 72, in both token programs.
async fn token_units(rpc: &Rpc, tokens: Pubkey) -> anyhow::Result<u64> {
    let (mut accounts, _) = rpc.raw_accounts(&[tokens], None).await?;
    let account =
        accounts.pop().flatten().with_context(|| format!("token account {tokens} does not exist"))?;
    let bytes = account.data.get(64..72).with_context(|| format!("{tokens} is no token account"))?;
    Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_interface::accounts::{Lottery, Page, Round, Wallet};

    use super::{super::chain::Account, *};

    fn account<T>(value: T) -> Account<T> {
        Account { value, lamports: 0, tail: Vec::new() }
    }

    #[test]
    fn sums_every_place_money_can_be() {
        let (mint, round_address) = ([5; 32], Pubkey::new_unique());
        let mut state = ChainState::default();
        let wallet = Wallet { mint, balance_units: 1, ..Wallet::zeroed() };
        state.wallets.insert(Pubkey::new_unique(), account(wallet));
        let lottery = Lottery {
            mint,
            jackpot_units: 2,
            bankroll_free_units: 4,
            bankroll_reserved_units: 8,
            bond_free_units: 16,
            bond_reserved_units: 32,
            fees_units: 64,
            treasury_due_units: 128,
            ..Lottery::zeroed()
        };
        state.lotteries.insert(Pubkey::new_unique(), account(lottery));
        state.rounds.insert(round_address, account(Round { mint, cash_units: 256, ..Round::zeroed() }));
        let page = Page { round: round_address.to_bytes(), cash_units: 512, ..Page::zeroed() };
        state.pages.insert(Pubkey::new_unique(), account(page));
        assert_eq!(internal_sums(&state).unwrap(), BTreeMap::from([(mint.into(), 1_023)]));
        state.rounds.clear();
        assert!(internal_sums(&state).is_err());
    }
}
