//! A round of a raffle with its order and all of its entries, from the chain alone.

use anyhow::{Context, bail};
use lottery_client::{Fetched, Pubkey, raffle::Order};
use lottery_interface::{
    accounts::{Entry, Round},
    kinds::PageStatus,
};

use crate::chain::Chain;

/// An entry with its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub page: u32,
    pub index: u32,
    pub entry: Entry,
    /// Its page is settled: the entry has its key.
    pub is_settled: bool,
}

impl Placed {
    /// In the list; 0 without one.
    pub fn leaf_index(&self) -> u32 {
        self.entry.picks[0] as u32
    }

    pub fn weight(&self) -> u32 {
        (self.entry.picks[0] >> 32) as u32
    }

    pub fn key(&self) -> Option<u64> {
        self.is_settled.then_some(self.entry.picks[1])
    }

    pub fn is_of(&self, wallet: &Pubkey) -> bool {
        self.entry.wallet == wallet.to_bytes()
    }
}

/// A round with everything that is known of it.
pub struct Draw {
    pub round: Fetched<Round>,
    pub order: Order,
    pub entries: Vec<Placed>,
    /// Pages that exist no more.
    pub closed_pages: u32,
}

impl Draw {
    pub async fn of(chain: &Chain, round: Fetched<Round>) -> anyhow::Result<Self> {
        let order = Order::load(&chain.rpc, &round).await?;
        let order =
            order.with_context(|| format!("round {} is of no raffle that is known here", round.index))?;
        let (mut entries, mut closed_pages) = (Vec::new(), 0);
        for sequence in 0..round.page_count {
            let Some(page) = chain.rpc.page(round.address, sequence).await? else {
                closed_pages += 1;
                continue;
            };
            let is_settled = page.status == PageStatus::Settled as u8;
            let placed = |(index, entry): (u32, Entry)| Placed { page: sequence, index, entry, is_settled };
            entries.extend((0u32..).zip(page.entries()).map(placed));
        }
        Ok(Self { round, order, entries, closed_pages })
    }

    /// This round, which must exist.
    pub async fn load(chain: &Chain, lottery: u64, index: u64) -> anyhow::Result<Self> {
        match chain.rpc.round(lottery, index).await? {
            Some(round) => Self::of(chain, round).await,
            None => bail!(
                "round {index} is closed or not open yet; the api knows closed ones: /api/lotteries/{lottery}/rounds/{index}"
            ),
        }
    }

    /// The entries of a wallet, with their ranks.
    pub fn own(&self, wallet: &Pubkey) -> Vec<(Placed, Option<u32>)> {
        let own = self.entries.iter().filter(|placed| placed.is_of(wallet));
        own.map(|placed| (*placed, self.order.rank_of(placed.page, placed.index))).collect()
    }
}
