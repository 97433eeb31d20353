//! Why a purchase cannot be made.

use std::fmt;

use lottery_interface::{LotteryError, args::MAX_TICKETS};
use lottery_rules::picks::PicksError;
use solana_pubkey::Pubkey;

/// Why tickets cannot be entered. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    #[error("ask for 1 to {MAX_TICKETS} tickets at a time, not {0}")]
    TicketCount(usize),
    #[error("ticket {ticket}: {}; choose {picks} different numbers from 1 to {numbers}", reason.message())]
    Numbers { ticket: usize, reason: PicksError, picks: u8, numbers: u8 },
    #[error("ticket {ticket}: the bonus ball is a number from 1 to {bonus_numbers}")]
    Bonus { ticket: usize, bonus_numbers: u8 },
    #[error("ticket {ticket}: this game has no bonus ball, leave it out")]
    NoBonusDrum { ticket: usize },
    #[error("ticket {ticket}: an instant ticket is only a stake, leave its numbers out")]
    NoNumbers { ticket: usize },
    #[error("ticket {ticket}: this game has no outcomes to bet on, leave it out")]
    NoOutcomes { ticket: usize },
    #[error("this game has no quick picks: say the outcome and the stake of each ticket")]
    NoQuickPicks,
    #[error("ticket {ticket}: a bet is an outcome and a stake, leave its numbers out")]
    OnlyOutcome { ticket: usize },
    #[error("ticket {ticket}: say the outcome, from 0 to {}", last(*outcomes))]
    OutcomeMissing { ticket: usize, outcomes: u8 },
    #[error("ticket {ticket}: the market has no outcome {outcome}, choose 0 to {}", last(*outcomes))]
    OutcomeUnknown { ticket: usize, outcome: u8, outcomes: u8 },
    #[error("{which}: say the stake, from {min_units} to {max_units} units")]
    StakeMissing { which: Which, min_units: u64, max_units: u64 },
    #[error("{which}: a stake of {stake_units} units is not possible, choose {min_units} to {max_units}")]
    StakeOutOfRange { which: Which, stake_units: u64, min_units: u64, max_units: u64 },
    #[error(
        "{which}: every ticket of this game costs {price_units} units, leave the stake out or give just that"
    )]
    StakeFixed { which: Which, price_units: u64 },
    #[error("{which}: {}", spots_offered(*spots, offered))]
    SpotsNotOffered { which: Which, spots: u8, offered: Vec<u8> },
    #[error("quick picks of this game have no spots, leave them out")]
    NoSpots,
    #[error("{which}: {}", above_share(*stake_units, *largest_units, *min_units))]
    PrizeAboveShare { which: Which, stake_units: u64, largest_units: u64, min_units: u64 },
    #[error(
        "the highest prizes of these tickets are {liability_units} units together, and a page covers \
         {budget_units}: enter fewer at a time, or lower the stakes"
    )]
    PrizesAbovePage { liability_units: u64, budget_units: u64 },
    #[error("kind {0} of game is unknown here: use a newer version")]
    UnknownKind(u8),
    #[error("lottery {0} is not active: choose another one")]
    NotActive(u64),
    #[error("no round of lottery {0} takes entries now: try again in a moment")]
    NoOpenRound(u64),
    #[error("every open page of round {round_index} is full: try again in a moment")]
    NoRoom { round_index: u64 },
    #[error("the wallet holds {available_units} units and {needed_units} are needed: deposit first")]
    DepositFirst { needed_units: u64, available_units: u64 },
    #[error("{needed_units} units are missing and the owner holds only {available_units} outside the wallet")]
    TooPoor { needed_units: u64, available_units: u64 },
    #[error("the wallet has no session with this key: the owner begins one first")]
    NoSession,
    #[error("the session ended at {expires_at}: the owner begins a new one")]
    SessionExpired { expires_at: i64 },
    #[error("the session does not name lottery {0}: the owner begins one that does")]
    SessionForeign(u64),
    #[error(
        "the session may spend {left_units} units more and {needed_units} are needed: the owner begins a new one"
    )]
    SessionOverspent { needed_units: u64, left_units: u64 },
    #[error("the price of these tickets does not fit in 64 bits")]
    Overflow,
    #[error(transparent)]
    Raffle(#[from] RaffleError),
}

/// Why a place of a raffle cannot be entered for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RaffleError {
    #[error("this game has no list of people: leave the leaf out")]
    NoRaffle,
    #[error("this raffle is open to everybody: ask for quick picks, one for each place, without a leaf")]
    NoList,
    #[error("a raffle with a list has one place for each person: one ticket, without quick picks")]
    OnePlace,
    #[error("a raffle has no numbers to choose: leave them out")]
    NoNumbers,
    #[error("this raffle has a list: enter with your leaf and its proof, without quick picks")]
    ProofMissing,
    #[error(
        "the proof has {hashes} hashes and the list's tree {depth} levels: take the proof from the published list"
    )]
    ProofLength { hashes: usize, depth: u8 },
    #[error(
        "the proof does not lead from {owner}, index and weight to this raffle's root: take all from the list that it was \
         published with"
    )]
    ProofInvalid { owner: Pubkey },
    #[error("a weight of zero has no chance")]
    WeightZero,
    #[error("this person has entered the round already: each has one place in the list")]
    LeafUsed,
    #[error("page {0} of the round, where this person enters, is not open yet: try again in a moment")]
    PageMissing(u32),
}

impl RaffleError {
    /// What the program would say.
    pub const fn code(&self) -> LotteryError {
        match self {
            Self::NoRaffle | Self::NoList | Self::NoNumbers | Self::ProofLength { .. } => {
                LotteryError::TicketLength
            }
            Self::OnePlace => LotteryError::TicketCount,
            Self::ProofMissing => LotteryError::ProofMissing,
            Self::ProofInvalid { .. } => LotteryError::ProofInvalid,
            Self::WeightZero => LotteryError::WeightZero,
            Self::LeafUsed => LotteryError::LeafUsed,
            Self::PageMissing(_) => LotteryError::PageFull,
        }
    }
}

/// Which of the tickets asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Of those written out, from 1.
    Ticket(usize),
    QuickPicks,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket(number) => write!(f, "ticket {number}"),
            Self::QuickPicks => f.write_str("quick picks"),
        }
    }
}

/// The last of so many outcomes.
fn last(outcomes: u8) -> u8 {
    outcomes.saturating_sub(1)
}

fn spots_offered(spots: u8, offered: &[u8]) -> String {
    let offered: Vec<_> = offered.iter().map(u8::to_string).collect();
    let said =
        if spots == 0 { "no spots are given".into() } else { format!("{spots} spots are not offered") };
    format!("{said}, choose one of {}", offered.join(", "))
}

fn above_share(stake_units: u64, largest_units: u64, min_units: u64) -> String {
    if largest_units < min_units {
        return format!(
            "its highest prize is above what one ticket may win, even with the least stake of {min_units} units: \
             choose another number of spots"
        );
    }
    format!(
        "a stake of {stake_units} units could win more than one ticket may, the largest stake possible is \
         {largest_units} units"
    )
}
