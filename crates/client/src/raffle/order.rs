//! The order of a raffle's round as it stands on the chain.

use lottery_interface::{
    accounts::{NO_ADDRESS, RaffleState, RankedEntry, Ranking, Round, ranked_entries},
    kinds::{PlaceStatus, RoundStatus},
};
use lottery_rules::raffle::Places;

use crate::{Fetched, Result, Rpc};

/// Ranks, once the round has them, and how its places stand.
#[derive(Clone, Debug)]
pub struct Order {
    pub state: RaffleState,
    /// Places and prizes are decided.
    pub is_final: bool,
    pub final_at: i64,
    /// By rank; empty before the ranking is sorted, and once it is closed.
    pub ranked: Vec<RankedEntry>,
}

/// Where one entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The order is not known yet.
    Undecided,
    /// No rank: refunded, or without a prize.
    Beyond,
    /// A rank of a round that is not final yet.
    Ranked,
    /// A place that can be confirmed before `until`.
    Offered { until: i64 },
    /// From 1: so many places must fall free first.
    Waiting { position: u32 },
    /// Has its place.
    Taken,
    /// Nobody confirmed in time.
    Lapsed,
    /// Waited in vain.
    Released,
    /// Has the prize of its rank.
    Prize,
}

impl Standing {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Beyond => "beyond",
            Self::Ranked => "ranked",
            Self::Offered { .. } => "offered",
            Self::Waiting { .. } => "waiting",
            Self::Taken => "taken",
            Self::Lapsed => "lapsed",
            Self::Released => "released",
            Self::Prize => "prize",
        }
    }
}

impl Order {
    /// Reads it with the accepted ranking; `None`: the round is of no raffle.
    pub async fn load(rpc: &Rpc, round: &Fetched<Round>) -> Result<Option<Self>> {
        let Some(state) = round.raffle_state() else { return Ok(None) };
        let ranking: Option<Fetched<Ranking>> = match state.is_ranked != 0 && state.ranking != NO_ADDRESS {
            true => rpc.account(state.ranking.into()).await?,
            false => None,
        };
        let ranked = ranking.map_or_else(Vec::new, |ranking| ranked_entries(&ranking.data).collect());
        let is_final = round.status == RoundStatus::Final as u8;
        Ok(Some(Self { state, is_final, final_at: round.final_at, ranked }))
    }

    pub fn places(&self) -> Places {
        let RaffleState { ranked, capacity, taken, lapsed, promoted, .. } = self.state;
        Places { ranked, capacity, taken, lapsed, promoted }
    }

    /// The rank of an entry, from 0.
    pub fn rank_of(&self, page: u32, index: u32) -> Option<u32> {
        let place = self.ranked.iter().position(|ranked| (ranked.page, ranked.index) == (page, index));
        u32::try_from(place?).ok()
    }

    /// When the offer of a place lapses; `None`: none is offered.
    pub fn offered_until(&self, rank: u32) -> Option<i64> {
        match self.standing(Some(rank)) {
            Standing::Offered { until } => Some(until),
            _ => None,
        }
    }

    /// Where the entry with this rank stands, or one that has none.
    pub fn standing(&self, rank: Option<u32>) -> Standing {
        let state = &self.state;
        if state.is_ranked == 0 {
            return Standing::Undecided;
        }
        let Some(rank) = rank else { return Standing::Beyond };
        let Some(entry) = self.ranked.get(rank as usize) else { return Standing::Beyond };
        if !self.is_final {
            return Standing::Ranked;
        }
        if state.prize_count != 0 {
            return Standing::Prize;
        }
        let places = self.places();
        match PlaceStatus::from_byte(entry.status) {
            // Nobody need confirm.
            _ if state.confirm_seconds == 0 => Standing::Taken,
            Some(PlaceStatus::Taken) => Standing::Taken,
            Some(PlaceStatus::Lapsed) => Standing::Lapsed,
            Some(PlaceStatus::Released) => Standing::Released,
            Some(PlaceStatus::Promoted) => Standing::Offered { until: entry.offered_until },
            Some(PlaceStatus::Initial) if rank < places.offered_at_first() => {
                Standing::Offered { until: self.final_at.saturating_add(state.confirm_seconds.into()) }
            }
            Some(PlaceStatus::Initial) => {
                let next = places.offered_at_first() + state.promoted;
                Standing::Waiting { position: rank.saturating_sub(next) + 1 }
            }
            None => Standing::Ranked,
        }
    }
}
