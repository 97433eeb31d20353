//! One look at the chain: as few requests as the planning needs.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures::{StreamExt, TryStreamExt, stream};
use lottery_client::{ClientError, Clock, Fetched, Rpc, fetch::CLOCK_SYSVAR};
use lottery_interface::{
    Source,
    accounts::{AccountLayout, Beacon, Config, Lottery, Page, Ranking, Registry, Round},
    address,
    kinds::RoundStatus,
};
use lottery_rules::beacon::Schedule;
use solana_pubkey::Pubkey;

use crate::{
    config::KeeperConfig,
    plan::{
        may_advance, needs_entries, needs_pages, needs_proof, needs_rankings, needs_reveal,
        needs_slot_hashes, owed_items,
    },
    state::{ChainState, LotteryState, Now, PageState, RankingState, RoundState},
};

/// Pages with entries fetched at once: each may be megabytes.
const PAGES_AT_ONCE: usize = 4;

/// A page whose remaining items have no wallet is looked at again after this.
const REST: Duration = Duration::from_secs(30);

/// Up to this many lotteries, rounds are asked for by lottery.
const FEW_LOTTERIES: usize = 4;

const LAST_RESTART_SLOT: Pubkey = Pubkey::from_str_const("SysvarLastRestartS1ot1111111111111111111111");

/// A round and a sequence.
type PageKey = (Pubkey, u32);

/// What need not be fetched again. Losing it costs requests, nothing else.
#[derive(Default)]
pub struct Fetcher {
    configs: HashMap<Pubkey, Config>,
    /// Beacons never change either.
    beacons: HashMap<Pubkey, Beacon>,
    resting: HashMap<Pubkey, Instant>,
}

impl Fetcher {
    /// Lotteries before rounds, so that the newest round of every lottery seen is seen as well.
    pub async fn look(&mut self, rpc: &Rpc, config: &KeeperConfig) -> Result<(ChainState, Now), ClientError> {
        let ((registry, now), mut lotteries) = futures::try_join!(registry_and_clock(rpc), rpc.lotteries())?;
        if !config.lotteries.is_empty() {
            lotteries.retain(|lottery| config.lotteries.contains(&lottery.id));
        }
        lotteries.sort_by_key(|lottery| lottery.id);
        let rounds = rounds(rpc, &config.lotteries).await?;
        self.fetch_configs(rpc, &lotteries).await?;
        let is_stuck = |lottery: &&Fetched<Lottery>| may_advance(lottery);
        let later = |lottery: &Fetched<Lottery>| {
            Some((lottery.address, config.reveals.find_later(lottery.address, lottery)?))
        };
        let links = lotteries.iter().filter(is_stuck).filter_map(later).collect();
        let mut state = ChainState {
            links,
            registry_paused: registry.is_some_and(|registry| registry.paused != 0),
            lotteries: self.group(lotteries, rounds),
            linger_seconds: config.linger_seconds,
            min_reward_lamports: config.min_reward_lamports,
            ..Default::default()
        };
        fetch_pages(rpc, &mut state, now).await?;
        fetch_rankings(rpc, &mut state).await?;
        self.fetch_entries(rpc, &mut state).await?;
        self.fetch_wallets(rpc, &mut state).await?;
        for round in state.lotteries.iter().flat_map(|lottery| &lottery.rounds) {
            if needs_reveal(round, now)
                && let Some(reveal) = config.reveals.find(&round.account)
            {
                state.reveals.insert(round.address, reveal);
            }
        }
        self.fetch_proofs(rpc, config, &mut state, now).await?;
        if state.lotteries.iter().flat_map(|lottery| &lottery.rounds).any(|r| needs_slot_hashes(r, now)) {
            state.oldest_slot_hash = oldest_slot_hash(rpc).await?;
        }
        Ok((state, now))
    }

    /// Configs never change, so each is fetched once.
    async fn fetch_configs(&mut self, rpc: &Rpc, lotteries: &[Fetched<Lottery>]) -> Result<(), ClientError> {
        let new: HashSet<Pubkey> = lotteries
            .iter()
            .map(|lottery| lottery.config.into())
            .filter(|address| !self.configs.contains_key(address))
            .collect();
        let new: Vec<Pubkey> = new.into_iter().collect();
        if new.is_empty() {
            return Ok(());
        }
        let fetched = rpc.multiple_headers::<Config>(&new).await?;
        self.configs.extend(fetched.into_iter().flatten().map(|config| (config.address, config.account)));
        Ok(())
    }

    /// Beacon signatures that decide a round and are public by now, and whether the cluster was restarted meanwhile.
    async fn fetch_proofs(
        &mut self,
        rpc: &Rpc,
        config: &KeeperConfig,
        state: &mut ChainState,
        now: Now,
    ) -> Result<(), ClientError> {
        let waits = |round: &&RoundState| {
            round.account.source == Source::Beacon as u8 && round.status() == Some(RoundStatus::Open)
        };
        let rounds = || state.lotteries.iter().flat_map(|lottery| &lottery.rounds).filter(waits);
        let new: HashSet<Pubkey> = rounds()
            .map(|round| round.account.beacon.into())
            .filter(|address| !self.beacons.contains_key(address))
            .collect();
        let new: Vec<Pubkey> = new.into_iter().collect();
        if !new.is_empty() {
            let fetched = rpc.multiple_headers::<Beacon>(&new).await?;
            self.beacons.extend(fetched.into_iter().flatten().map(|beacon| (beacon.address, beacon.account)));
        }
        if rounds().next().is_some() {
            state.last_restart_slot = last_restart_slot(rpc).await?;
        }
        let wall_unix =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        let mut wanted = HashMap::new();
        let mut deciding = Vec::new();
        for round in state.lotteries.iter().flat_map(|lottery| &lottery.rounds).filter(waits) {
            let Some(beacon) = self.beacons.get(&round.account.beacon.into()) else { continue };
            let schedule = Schedule { genesis_at: beacon.genesis_at, period_seconds: beacon.period_seconds };
            if needs_proof(round, schedule, now, wall_unix) {
                let key = (beacon.chain_hash, round.account.beacon_round);
                wanted.insert(key, *beacon);
                deciding.push((round.address, key));
            }
        }
        if wanted.is_empty() || config.beacons.is_empty() {
            return Ok(());
        }
        let proofs = config.beacons.proofs(&wanted);
        let proof = |(address, key)| Some((address, proofs.get(&key)?.clone()));
        state.proofs = deciding.into_iter().filter_map(proof).collect();
        Ok(())
    }

    fn group(&self, lotteries: Vec<Fetched<Lottery>>, rounds: Vec<Fetched<Round>>) -> Vec<LotteryState> {
        let mut by_lottery: HashMap<[u8; 32], Vec<RoundState>> = HashMap::new();
        for round in rounds {
            let state = RoundState::new(round.address, round.account, &round.data);
            by_lottery.entry(round.lottery).or_default().push(state);
        }
        let group = |lottery: Fetched<Lottery>| {
            let mut rounds = by_lottery.remove(&lottery.address.to_bytes()).unwrap_or_default();
            rounds.sort_by_key(|round| round.account.index);
            LotteryState {
                address: lottery.address,
                account: lottery.account,
                config: self.configs.get(&lottery.config.into()).copied(),
                rounds,
            }
        };
        lotteries.into_iter().map(group).collect()
    }

    /// The entries of pages that owe something.
    async fn fetch_entries(&mut self, rpc: &Rpc, state: &mut ChainState) -> Result<(), ClientError> {
        self.resting.retain(|_, since| since.elapsed() < REST);
        let mut wanted = Vec::new();
        for round in state.lotteries.iter().flat_map(|lottery| &lottery.rounds) {
            for (sequence, page) in &round.pages {
                let address = address::page(&round.address, *sequence).0;
                if needs_entries(round, page) && !self.resting.contains_key(&address) {
                    wanted.push((round.address, *sequence));
                }
            }
        }
        let rpc = rpc.clone();
        let pages: Vec<Option<(PageKey, Fetched<Page>)>> = stream::iter(wanted)
            .map(move |(round, sequence)| {
                let rpc = rpc.clone();
                async move {
                    let page = rpc.page(round, sequence).await?;
                    Ok::<_, ClientError>(page.map(|page| ((round, sequence), page)))
                }
            })
            .buffer_unordered(PAGES_AT_ONCE)
            .try_collect()
            .await?;
        let mut pages: HashMap<PageKey, Fetched<Page>> = pages.into_iter().flatten().collect();
        for round in state.lotteries.iter_mut().flat_map(|lottery| &mut lottery.rounds) {
            for (sequence, page) in &mut round.pages {
                if let Some(fetched) = pages.remove(&(round.address, *sequence)) {
                    page.entries = Some(fetched.entries());
                    page.account = fetched.account;
                }
            }
        }
        Ok(())
    }

    /// Which of the wallets that are owed something exist.
    async fn fetch_wallets(&mut self, rpc: &Rpc, state: &mut ChainState) -> Result<(), ClientError> {
        let mut owed: Vec<(Pubkey, Vec<Pubkey>)> = Vec::new();
        // Entries of a raffle that is not ranked owe nothing yet, and are needed until it is.
        let owes =
            |round: &&RoundState| matches!(round.status(), Some(RoundStatus::Final | RoundStatus::Void));
        for round in state.lotteries.iter().flat_map(|lottery| &lottery.rounds).filter(owes) {
            for (sequence, page) in &round.pages {
                if page.entries.is_some() {
                    let items = owed_items(round, *sequence, page);
                    let page = address::page(&round.address, *sequence).0;
                    owed.push((page, items.into_iter().map(|item| item.wallet).collect()));
                }
            }
        }
        let wallets: HashSet<Pubkey> = owed.iter().flat_map(|(_, wallets)| wallets).copied().collect();
        let wallets: Vec<Pubkey> = wallets.into_iter().collect();
        let accounts = match wallets.is_empty() {
            true => Vec::new(),
            false => rpc.raw_accounts(&wallets, Some(0)).await?.0,
        };
        let exists = wallets.iter().zip(accounts).filter_map(|(wallet, account)| {
            account.is_some_and(|account| account.owner == address::PROGRAM_ID).then(|| wallet.to_bytes())
        });
        state.wallets = exists.collect();
        for (page, wallets) in owed {
            if !wallets.iter().any(|wallet| state.wallets.contains(&wallet.to_bytes())) {
                self.resting.insert(page, Instant::now());
            }
        }
        Ok(())
    }
}

async fn registry_and_clock(rpc: &Rpc) -> Result<(Option<Registry>, Now), ClientError> {
    let (mut accounts, _) = rpc.raw_accounts(&[address::registry().0, CLOCK_SYSVAR], None).await?;
    let clock = accounts.pop().flatten().and_then(|account| Clock::read(&account.data));
    let clock = clock.ok_or(ClientError::Decode { address: CLOCK_SYSVAR, expected: "Clock" })?;
    let registry = accounts.pop().flatten().and_then(|account| Registry::read(&account.data));
    Ok((registry, Now { slot: clock.slot, unix: clock.unix_timestamp }))
}

async fn rounds(rpc: &Rpc, lotteries: &[u64]) -> Result<Vec<Fetched<Round>>, ClientError> {
    if lotteries.is_empty() || lotteries.len() > FEW_LOTTERIES {
        return rpc.all_rounds().await;
    }
    let mut found = Vec::new();
    for id in lotteries {
        found.extend(rpc.rounds(*id).await?);
    }
    Ok(found)
}

/// Headers of the pages of every round that has something to do.
async fn fetch_pages(rpc: &Rpc, state: &mut ChainState, now: Now) -> Result<(), ClientError> {
    let linger_seconds = state.linger_seconds;
    let mut addresses = Vec::new();
    for round in state.lotteries.iter().flat_map(|lottery| &lottery.rounds) {
        if needs_pages(round, now, linger_seconds) {
            let all = 0..round.account.page_count;
            addresses.extend(all.map(|sequence| address::page(&round.address, sequence).0));
        }
    }
    let mut pages: HashMap<[u8; 32], Vec<Fetched<Page>>> = HashMap::new();
    for page in rpc.multiple_headers::<Page>(&addresses).await?.into_iter().flatten() {
        pages.entry(page.round).or_default().push(page);
    }
    for round in state.lotteries.iter_mut().flat_map(|lottery| &mut lottery.rounds) {
        let own = pages.remove(&round.address.to_bytes()).unwrap_or_default();
        let state = |page: Fetched<Page>| {
            (page.sequence, PageState { account: page.account, space: page.space, entries: None })
        };
        round.pages = own.into_iter().map(state).collect();
    }
    Ok(())
}

/// Attempts at the order of raffles that need one, or are not closed yet.
async fn fetch_rankings(rpc: &Rpc, state: &mut ChainState) -> Result<(), ClientError> {
    for round in state.lotteries.iter_mut().flat_map(|lottery| &mut lottery.rounds) {
        if needs_rankings(round) {
            let rankings = rpc.rankings(round.address).await?;
            let state = |ranking: Fetched<Ranking>| {
                RankingState::new(ranking.address, ranking.account, &ranking.data)
            };
            round.rankings = rankings.into_iter().map(state).collect();
        }
    }
    Ok(())
}

/// The sysvar's 8 bytes; 0 on a chain without it.
async fn last_restart_slot(rpc: &Rpc) -> Result<u64, ClientError> {
    let (mut accounts, _) = rpc.raw_accounts(&[LAST_RESTART_SLOT], None).await?;
    let account = accounts.pop().flatten();
    let bytes = account.as_ref().and_then(|account| account.data.first_chunk::<8>());
    Ok(bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}

/// The last item of SlotHashes: a count, then (slot, hash) of 40 bytes each, newest first.
async fn oldest_slot_hash(rpc: &Rpc) -> Result<Option<u64>, ClientError> {
    let (mut accounts, _) = rpc.raw_accounts(&[address::SLOT_HASHES], None).await?;
    let Some(account) = accounts.pop().flatten() else { return Ok(None) };
    Ok(last_slot(&account.data))
}

fn last_slot(data: &[u8]) -> Option<u64> {
    let word = |at: usize| Some(u64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?));
    let last = word(0)?.checked_sub(1)? as usize;
    word(8 + last.checked_mul(40)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_oldest_slot() {
        let mut data = 2u64.to_le_bytes().to_vec();
        for slot in [900u64, 380] {
            data.extend(slot.to_le_bytes());
            data.extend([7; 32]);
        }
        assert_eq!(last_slot(&data), Some(380));
        assert_eq!(last_slot(&data[..50]), None);
        assert_eq!(last_slot(&[0; 8]), None);
        assert_eq!(last_slot(&[]), None);
    }
}
