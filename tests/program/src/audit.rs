//! What must hold after every instruction, whatever it was.

mod raffle;

use std::collections::HashMap;

use lottery_interface::{
    Address,
    accounts::{
        self, AccountLayout, Beacon, Config, FLAG_PAID, FLAG_REFUNDED, Lottery, OracleSet, Page, Ranking,
        Registry, Round, Vault, Wallet,
    },
    address,
    kinds::{Kind, PageStatus, VaultKind},
    paging::page_space,
};
use lottery_rules::{hash::Software, prediction};
use solana_account::ReadableAccount;
use solana_pubkey::Pubkey;

use crate::{Chain, house, replay, tokens};

/// A page with more entries is only filled by benches: reading it after every step would take longer than the step.
const MOST_READ: u32 = 4_096;

/// The internal balances of one mint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    pub wallets: u128,
    pub pages: u128,
    pub rounds: u128,
    pub lotteries: u128,
}

impl Balances {
    pub fn total(&self) -> u128 {
        self.wallets + self.pages + self.rounds + self.lotteries
    }
}

/// Sums every internal balance, by mint.
pub fn balances(chain: &Chain) -> HashMap<Address, Balances> {
    let mut sums: HashMap<Address, Balances> = HashMap::new();
    for (_, account) in chain.program_accounts() {
        let data = account.data();
        if let Some(wallet) = Wallet::read(data) {
            sums.entry(wallet.mint).or_default().wallets += wallet.balance_units as u128;
        } else if let Some(page) = Page::read(data) {
            let round: Round = chain.account(Pubkey::new_from_array(page.round));
            sums.entry(round.mint).or_default().pages += page.cash_units as u128;
        } else if let Some(round) = Round::read(data) {
            sums.entry(round.mint).or_default().rounds += round.cash_units as u128;
        } else if let Some(lottery) = Lottery::read(data) {
            sums.entry(lottery.mint).or_default().lotteries += lottery_units(&lottery);
        }
    }
    sums
}

/// Every balance that a lottery account holds.
pub fn lottery_units(lottery: &Lottery) -> u128 {
    [
        lottery.jackpot_units,
        lottery.bankroll_free_units,
        lottery.bankroll_reserved_units,
        lottery.bond_free_units,
        lottery.bond_reserved_units,
        lottery.fees_units,
        lottery.treasury_due_units,
    ]
    .into_iter()
    .map(u128::from)
    .sum()
}

/// Panics when an invariant is broken.
#[track_caller]
pub fn check(chain: &Chain) {
    let sums = balances(chain);
    let budgets = Budgets::of(chain);
    for (key, account) in chain.program_accounts() {
        let (data, lamports) = (account.data(), account.lamports());
        // Rewards and native deposits lie above the rent.
        let above_rent = lamports.checked_sub(chain.rent(data.len()));
        let Some(above_rent) = above_rent else { panic!("{key} is not rent exempt: {lamports} lamports") };
        if let Some(vault) = Vault::read(data) {
            vault_holds(chain, &vault, above_rent, sums.get(&vault.mint).copied().unwrap_or_default());
        } else if let Some(lottery) = Lottery::read(data) {
            assert!(above_rent >= lottery.crank_lamports, "lottery {} owes rewards it has not", lottery.id);
            assert!(lottery.next_final_index <= lottery.next_round_index);
            budgets.reserved(key, &lottery);
        } else if let Some(round) = Round::read(data) {
            assert!(above_rent >= round.crank_lamports, "round {} owes rewards it has not", round.index);
            round_agrees(&round);
            pools_agree(&round, data);
            raffle::round_agrees(chain, key, &round, data);
            budgets.allotted(key, &round);
        } else if let Some(page) = Page::read(data) {
            page_agrees(chain, key, &page, data);
            house_page_covers(chain, key, &page, data);
        } else if let Some(ranking) = Ranking::read(data) {
            raffle::ranking_agrees(chain, key, &ranking, data, above_rent);
        } else {
            let known = Wallet::read(data).is_some()
                || Config::read(data).is_some()
                || Beacon::read(data).is_some()
                || OracleSet::read(data).is_some();
            assert!(known || Registry::read(data).is_some(), "{key} is no account of this program");
        }
    }
}

/// Conservation: internal balances are what the vault recorded, and the vault holds them.
#[track_caller]
fn vault_holds(chain: &Chain, vault: &Vault, above_rent: u64, balances: Balances) {
    assert_eq!(balances.total(), vault.total_units as u128, "conservation is broken: {balances:?}");
    let held = match VaultKind::from_byte(vault.kind) {
        Some(VaultKind::Native) => above_rent,
        _ => tokens::amount(chain, Pubkey::new_from_array(vault.tokens)),
    };
    assert!(held >= vault.total_units, "the vault holds {held} of {}", vault.total_units);
}

/// What house games have reserved.
#[derive(Default)]
struct Budgets {
    /// Of rounds that are not final, by lottery.
    rounds: HashMap<Pubkey, u64>,
    /// Of pages that exist, by round.
    pages: HashMap<Pubkey, u64>,
}

impl Budgets {
    fn of(chain: &Chain) -> Self {
        let mut budgets = Self::default();
        for (_, account) in chain.program_accounts() {
            if let Some(page) = Page::read(account.data()) {
                *budgets.pages.entry(Pubkey::new_from_array(page.round)).or_default() += page.budget_units;
            } else if let Some(round) = Round::read(account.data())
                && round.finalised == 0
            {
                *budgets.rounds.entry(Pubkey::new_from_array(round.lottery)).or_default() +=
                    round.budget_units;
            }
        }
        budgets
    }

    /// The bankroll that is reserved is that of rounds that may still need it, and of nothing else.
    #[track_caller]
    fn reserved(&self, key: Pubkey, lottery: &Lottery) {
        let expected = self.rounds.get(&key).copied().unwrap_or_default();
        assert_eq!(lottery.bankroll_reserved_units, expected, "lottery {}: reserved bankroll", lottery.id);
    }

    #[track_caller]
    fn allotted(&self, key: Pubkey, round: &Round) {
        let at = round.index;
        assert!(round.budget_units <= round.max_liability_units, "round {at}: budget > cap");
        assert!(round.liability_units <= round.budget_units, "round {at}: liability > budget");
        if round.max_liability_units > 0 {
            assert!(
                round.prizes_units <= round.liability_units,
                "round {at} is insolvent: prizes > liability"
            );
        }
        if round.pages_closed == 0 {
            let pages = self.pages.get(&key).copied().unwrap_or_default();
            assert_eq!(round.budget_units, pages, "round {at}: budget of its pages");
        }
    }
}

/// A page's worst case, computed again from its entries, is what the page says and stays within its budget; so do its
/// prizes.
#[track_caller]
fn house_page_covers(chain: &Chain, key: Pubkey, page: &Page, data: &[u8]) {
    assert!(page.liability_units <= page.budget_units, "page {key}: liability > budget");
    assert!(page.prizes_units <= page.liability_units, "page {key} is insolvent: prizes > liability");
    if page.budget_units == 0 || page.capacity > MOST_READ {
        return;
    }
    let round: Round = chain.account(Pubkey::new_from_array(page.round));
    let rules = replay::rules_of(chain, Pubkey::new_from_array(round.config));
    let units = |stake: u64, multiplier: u32| stake as u128 * multiplier as u128 / 10_000;
    let (mut worst, mut prizes) = (0, 0);
    for entry in lottery_interface::accounts::entries(data, page.count) {
        let highest = units(entry.stake_units, house::top_multiplier(&rules, entry.spots));
        assert!(highest <= page.budget_units as u128 / 16, "page {key}: an entry above its share");
        worst += highest;
        prizes += units(entry.stake_units, entry.multiplier_bps);
    }
    assert_eq!(worst, page.liability_units as u128, "page {key}: liability");
    assert_eq!(prizes, page.prizes_units as u128, "page {key}: prizes");
}

#[track_caller]
fn round_agrees(round: &Round) {
    let at = round.index;
    assert!(round.pages_settled <= round.pages_sealed, "round {at}: settled > sealed");
    assert!(round.pages_sealed <= round.page_count, "round {at}: sealed > pages");
    assert!(round.page_count <= round.max_pages, "round {at}: too many pages");
    assert!(round.pages_closed <= round.page_count, "round {at}: closed > pages");
    assert!(round.entries_allotted <= round.max_entries, "round {at}: allotted > cap");
    assert!(round.entries <= round.entries_allotted as u64, "round {at}: entries > allotted");
    if round.kind != Kind::Raffle as u8 {
        assert_eq!(round.winners.iter().sum::<u64>(), round.winners_total, "round {at}: winners");
    }
    assert!(round.winners_paid <= round.winners_total, "round {at}: paid > winners");
    assert!(round.refunded <= round.entries, "round {at}: refunded > entries");
}

#[track_caller]
fn page_agrees(chain: &Chain, key: Pubkey, page: &Page, data: &[u8]) {
    assert!(page.count <= page.capacity, "page {key}: count > capacity");
    assert!(page.settle_cursor <= page.count, "page {key}: cursor > count");
    // A page may be sealed, empty, before it has its size; one that takes entries has it.
    if page.status == PageStatus::Open as u8 || page.count > 0 {
        assert_eq!(data.len(), page_space(page.capacity, page.tail_words), "page {key}: size");
    }
    if page.capacity > MOST_READ {
        return;
    }
    let round: Round = chain.account(Pubkey::new_from_array(page.round));
    let is_raffle = round.kind == Kind::Raffle as u8;
    let has_pools = page.tail_words > 0 && !is_raffle;
    let tier_winners = if is_raffle { 0 } else { page.winners };
    assert_eq!(page.tier_winners.iter().sum::<u32>(), tier_winners, "page {key}: winners");
    let mut pools = vec![0; page.tail_words as usize];
    let (mut paid, mut refunded, mut won) = (0, 0, 0);
    for entry in lottery_interface::accounts::entries(data, page.count) {
        paid += (entry.flags & FLAG_PAID != 0) as u32;
        refunded += (entry.flags & FLAG_REFUNDED != 0) as u32;
        won += (entry.tier > 0) as u32;
        assert!(entry.flags & FLAG_PAID == 0 || entry.tier > 0, "page {key}: paid without a prize");
        if has_pools {
            let [low, high] = entry.picks;
            assert_eq!(low.count_ones() + high.count_ones(), 1, "page {key}: a bet on one outcome");
            pools[(low as u128 | (high as u128) << 64).trailing_zeros() as usize] += entry.stake_units;
        }
    }
    if is_raffle {
        won = raffle::winners_of_page(key, &round, page, data);
    }
    assert_eq!((paid, refunded, won), (page.paid, page.refunded, page.winners), "page {key}: flags");
    if page.count > 0 && !is_raffle {
        assert!(accounts::page_pools(data).eq(pools), "page {key}: stakes on each outcome");
    }
}

/// A market's stakes on each outcome are all that was sealed, and it decides only with a quorum of equal attestations.
#[track_caller]
fn pools_agree(round: &Round, data: &[u8]) {
    if round.outcome_count == 0 {
        return;
    }
    let at = round.index;
    assert_eq!(
        accounts::round_pools(data).sum::<u64>(),
        round.pool_units,
        "round {at}: stakes on each outcome"
    );
    if round.value != [0; 32] {
        let equal = accounts::attestations(data)
            .filter(|a| a.attested_at != 0 && prediction::value::<Software>(&a.facts) == round.value);
        assert_eq!(equal.count(), round.quorum as usize, "round {at}: a quorum");
    }
}

/// The vault of a mint.
pub fn vault(chain: &Chain, mint: &Pubkey) -> Vault {
    chain.account(address::vault(mint).0)
}
