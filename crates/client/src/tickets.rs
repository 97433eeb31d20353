//! Tickets as players write them, and why a purchase cannot be made.

use lottery_interface::{accounts::Round, args::MAX_TICKETS};
use lottery_rules::picks::{self, PicksError};

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
    #[error("the price of these tickets does not fit in 64 bits")]
    Overflow,
}

/// One ticket with chosen numbers, in any order.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ticket {
    pub numbers: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<u8>,
}

/// The bytes of tickets in `enter`: the numbers ascending, then the bonus ball where there is a bonus drum.
pub fn encode_tickets(tickets: &[Ticket], round: &Round) -> Result<Vec<u8>, EnterError> {
    let (k, n, bonus_numbers) = (round.picks, round.numbers, round.bonus_numbers);
    let mut bytes = Vec::new();
    for (i, ticket) in tickets.iter().enumerate() {
        let ticket_number = i + 1;
        let mut numbers = ticket.numbers.clone();
        numbers.sort_unstable();
        picks::from_sorted_exact(&numbers, k, n).map_err(|reason| EnterError::Numbers {
            ticket: ticket_number,
            reason,
            picks: k,
            numbers: n,
        })?;
        bytes.extend_from_slice(&numbers);
        match ticket.bonus {
            Some(bonus) if bonus_numbers > 0 && (1..=bonus_numbers).contains(&bonus) => bytes.push(bonus),
            None if bonus_numbers == 0 => {}
            Some(_) if bonus_numbers == 0 => return Err(EnterError::NoBonusDrum { ticket: ticket_number }),
            _ => return Err(EnterError::Bonus { ticket: ticket_number, bonus_numbers }),
        }
    }
    Ok(bytes)
}
