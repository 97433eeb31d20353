//! One player with a session key: how purchases are built and sent, and what their errors mean.

use std::time::Duration;

use anyhow::{Context, bail};
use lottery_client::{
    ClientError, EnterContext, EnterRequest, Fetched, Keypair, Pubkey, Signer, enter::EnterError,
};
use lottery_interface::{LotteryError, accounts::Round, address};

use crate::{
    api::{self, Api, Refusal},
    chain::Chain,
    commands::{
        result::Place,
        tickets::{Table, Tickets},
    },
};

/// How long a relayed transaction may take to be seen.
const RELAY_PATIENCE: Duration = Duration::from_secs(20);

/// Who plays, and how purchases travel.
pub(super) struct Player<'a> {
    pub chain: &'a Chain,
    pub table: &'a Table,
    pub tickets: Tickets,
    pub owner: Pubkey,
    pub session: Keypair,
    pub fee_payer: Keypair,
    pub api: Option<Api>,
}

/// One purchase that is on the chain.
pub(super) struct Bought {
    pub place: Place,
    pub tickets: u32,
    pub cost_units: u64,
}

impl Player<'_> {
    /// Enters the next round unless it is `last`, which was entered already.
    pub async fn enter(&self, last: Option<u64>) -> anyhow::Result<Option<Bought>> {
        match &self.api {
            Some(api) => self.enter_by_api(api, last).await,
            None => self.enter_by_chain(last).await,
        }
    }

    async fn enter_by_chain(&self, last: Option<u64>) -> anyhow::Result<Option<Bought>> {
        let rpc = &self.chain.rpc;
        let context = EnterContext::load(rpc, self.table.lottery.id).await?;
        let state = context.load_player(rpc, self.owner).await?;
        let request = EnterRequest {
            lottery_id: self.table.lottery.id,
            owner: self.owner,
            session_key: Some(self.session.pubkey()),
            tickets: self.tickets.tickets.clone(),
            quick_picks: self.tickets.quick_picks.clone(),
            round_index: None,
        };
        let plan = context.plan(&state, &request).map_err(ClientError::from)?;
        if last.is_some_and(|last| plan.round_index <= last) {
            return Ok(None);
        }
        self.check_rules(plan.round).await?;
        let sent = rpc.send(&plan.instructions, &[&self.fee_payer, &self.session], &Default::default()).await;
        sent?;
        Ok(Some(Bought { place: (&plan).into(), tickets: plan.tickets, cost_units: plan.cost_units }))
    }

    /// An outcome means what it meant when the session began: a market whose rules have changed is not bet on.
    async fn check_rules(&self, round: Pubkey) -> anyhow::Result<()> {
        if self.table.market.is_none() {
            return Ok(());
        }
        let round: Fetched<Round> = self.chain.rpc.require(round).await?;
        if round.config != self.table.lottery.config {
            bail!("round {} has other rules than this session was started with: start it again", round.index);
        }
        Ok(())
    }

    async fn enter_by_api(&self, api: &Api, last: Option<u64>) -> anyhow::Result<Option<Bought>> {
        let mut tickets = self.tickets.tickets.clone();
        // The api takes them ascending.
        tickets.iter_mut().for_each(|ticket| ticket.numbers.sort_unstable());
        let body = api::Enter {
            owner: self.owner.to_string(),
            lottery_id: self.table.lottery.id,
            tickets,
            quick_picks: self.tickets.quick_picks.clone(),
            round_index: None,
            session_key: Some(self.session.pubkey().to_string()),
            fee_payer: Some(self.fee_payer.pubkey().to_string()),
        };
        let unsigned = api.enter(&body).await?;
        if last.is_some_and(|last| unsigned.round_index <= last) {
            return Ok(None);
        }
        let round = address::round(&self.table.lottery.address, unsigned.round_index).0;
        self.check_rules(round).await?;
        let signed = api::sign(&unsigned.transaction, &[&self.fee_payer, &self.session])?;
        let signature = api.submit(&signed).await?;
        api::wait_until_confirmed(&self.chain.rpc, signature, RELAY_PATIENCE).await?;
        let place = Place {
            round,
            round_index: unsigned.round_index,
            page_sequence: unsigned.page_sequence,
            locks_at: unsigned.locks_at,
        };
        let cost_units = unsigned.cost_units.parse().context("the api answers no cost")?;
        Ok(Some(Bought { place, tickets: unsigned.tickets, cost_units }))
    }
}

/// The program's error in an answer of the chain or of the api.
pub fn program_error(error: &anyhow::Error) -> Option<LotteryError> {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return LotteryError::ALL.iter().copied().find(|known| refusal.name.as_deref() == Some(known.name()));
    }
    match error.downcast_ref::<ClientError>()? {
        ClientError::Enter(EnterError::NoOpenRound(_)) => Some(LotteryError::RoundLocked),
        ClientError::Enter(EnterError::NoRoom { .. }) => Some(LotteryError::PageFull),
        ClientError::Enter(EnterError::SessionExpired { .. }) => Some(LotteryError::SessionExpired),
        ClientError::Enter(EnterError::SessionOverspent { .. }) => Some(LotteryError::SessionOverspent),
        ClientError::Enter(EnterError::NoSession) => Some(LotteryError::Unauthorized),
        error => error.program_error(),
    }
}

/// Errors of a round that filled or locked meanwhile: the next one comes.
pub(super) fn passes(error: LotteryError) -> bool {
    use LotteryError::*;
    matches!(error, RoundLocked | RoundNotOpen | PageNotOpen | PageFull | BudgetExceeded | RoundFull)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_known_from_chain_and_api() {
        let by_api =
            |name: &str| anyhow::Error::from(Refusal { detail: "no".into(), name: Some(name.into()) });
        assert_eq!(program_error(&by_api("RoundLocked")), Some(LotteryError::RoundLocked));
        assert_eq!(program_error(&by_api("Nonsense")), None);
        let by_chain = anyhow::Error::from(ClientError::Enter(EnterError::NoRoom { round_index: 3 }));
        assert_eq!(program_error(&by_chain), Some(LotteryError::PageFull));
        assert_eq!(program_error(&anyhow::anyhow!("other")), None);
        assert!(passes(LotteryError::PageFull) && !passes(LotteryError::StakeOutOfRange));
    }
}
