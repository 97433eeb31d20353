//! The model's wallets, and the money of lotteries that is not in rounds.

use lottery_interface::accounts::Wallet;
use program_tests::{LotteryError as E, Pubkey, Rules, address, args::SessionArgs};

use super::model::{Model, Outcome, WalletId, is_house, require};

impl Model {
    fn wallet(&mut self, id: WalletId) -> Result<&mut Wallet, E> {
        self.wallets.get_mut(&id).ok_or(E::WrongWallet)
    }

    pub fn open_wallet(&mut self, id: WalletId, owner: &Pubkey, mint: &Pubkey) -> Outcome {
        require(!self.wallets.contains_key(&id), E::WrongWallet)?;
        let mut wallet: Wallet = bytemuck::Zeroable::zeroed();
        (wallet.owner, wallet.mint, wallet.rent_payer) =
            (owner.to_bytes(), mint.to_bytes(), owner.to_bytes());
        wallet.bump = address::wallet(owner, mint).1;
        self.wallets.insert(id, wallet);
        Ok(())
    }

    pub fn close_wallet(&mut self, id: WalletId) -> Outcome {
        let now = self.now;
        let wallet = self.wallet(id)?;
        require(wallet.balance_units == 0, E::WalletNotEmpty)?;
        require(now >= wallet.busy_until, E::WalletBusy)?;
        self.wallets.remove(&id);
        Ok(())
    }

    pub fn deposit(&mut self, id: WalletId, units: u64) -> Outcome {
        self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        let outside = self.outside.get_mut(&id).expect("everyone has some");
        require(*outside >= units, E::InsufficientBalance)?;
        *outside -= units;
        self.totals[id.1] += units;
        self.wallet(id)?.balance_units += units;
        Ok(())
    }

    pub fn withdraw(&mut self, id: WalletId, units: u64) -> Outcome {
        let wallet = self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        require(wallet.balance_units >= units, E::InsufficientBalance)?;
        wallet.balance_units -= units;
        self.totals[id.1] -= units;
        *self.outside.get_mut(&id).expect("everyone has some") += units;
        Ok(())
    }

    pub fn set_session(&mut self, id: WalletId, args: &SessionArgs) -> Outcome {
        let now = self.now;
        let wallet = self.wallet(id)?;
        let ends = args.key == [0; 32] && args.expires_at == 0 && args.limit_units == 0;
        let works = args.key != [0; 32]
            && args.key != wallet.owner
            && args.expires_at > now
            && args.limit_units > 0
            && args.lotteries != [0; 4];
        require(ends || works, E::InvalidSession)?;
        wallet.session_key = args.key;
        wallet.session_lotteries = args.lotteries;
        wallet.session_expires_at = args.expires_at;
        wallet.session_limit_units = args.limit_units;
        wallet.session_spent_units = 0;
        Ok(())
    }

    /// From a wallet to a balance of a lottery.
    fn give(&mut self, person: usize, game: usize, units: u64) -> Outcome {
        let id = (person, self.games[game].money);
        let wallet = self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        require(wallet.balance_units >= units, E::InsufficientBalance)?;
        wallet.balance_units -= units;
        Ok(())
    }

    pub fn fund_jackpot(&mut self, person: usize, game: usize, units: u64) -> Outcome {
        let has_jackpot = matches!(self.games[game].rules, Rules::Draw(_));
        self.wallet((person, self.games[game].money))?;
        require(units == 0 || has_jackpot, E::WrongKind)?;
        self.give(person, game, units)?;
        let lottery = &mut self.games[game].lottery;
        require(lottery.bond_reserved_units == 0, E::JackpotBeyondBond)?;
        lottery.jackpot_units += units;
        Ok(())
    }

    pub fn fund_bond(&mut self, person: usize, game: usize, units: u64) -> Outcome {
        self.give(person, game, units)?;
        self.games[game].lottery.bond_free_units += units;
        Ok(())
    }

    pub fn withdraw_bond(&mut self, person: usize, is_operator: bool, game: usize, units: u64) -> Outcome {
        let id = (person, self.games[game].money);
        self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        require(is_operator, E::Unauthorized)?;
        require(self.games[game].lottery.bond_free_units >= units, E::BondTooLow)?;
        self.games[game].lottery.bond_free_units -= units;
        self.wallet(id)?.balance_units += units;
        Ok(())
    }

    pub fn fund_bankroll(&mut self, person: usize, game: usize, units: u64) -> Outcome {
        let is_house = is_house(&self.games[game].rules);
        self.wallet((person, self.games[game].money))?;
        require(units == 0 || is_house, E::NoBankroll)?;
        self.give(person, game, units)?;
        self.games[game].lottery.bankroll_free_units += units;
        Ok(())
    }

    pub fn withdraw_bankroll(
        &mut self,
        person: usize,
        is_operator: bool,
        game: usize,
        units: u64,
    ) -> Outcome {
        let id = (person, self.games[game].money);
        self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        require(is_operator, E::Unauthorized)?;
        require(self.games[game].lottery.bankroll_free_units >= units, E::BankrollTooLow)?;
        self.games[game].lottery.bankroll_free_units -= units;
        self.wallet(id)?.balance_units += units;
        Ok(())
    }

    /// `link` must be the one so many places after the last reveal, of a round that opened already.
    pub fn advance_chain(&mut self, game: usize, link: &[u8; 32], distance: u8) -> Outcome {
        let g = &mut self.games[game];
        require(g.rounds.values().all(|r| r.round.finalised == 1), E::ChainInUse)?;
        let position = g.lottery.chain_position + distance as u64;
        require(position < g.lottery.chain_next, E::ChainNotBehind)?;
        let expected = g.game.reveals.link(position as u32).expect("a long chain");
        require((1..=100).contains(&distance) && *link == expected, E::RevealMismatch)?;
        g.lottery.chain_position = position;
        g.lottery.chain_head = *link;
        Ok(())
    }

    pub fn withdraw_fees(&mut self, person: usize, is_treasurer: bool, game: usize, units: u64) -> Outcome {
        let id = (person, self.games[game].money);
        self.wallet(id)?;
        require(units > 0, E::ZeroAmount)?;
        require(is_treasurer, E::Unauthorized)?;
        require(self.games[game].lottery.fees_units >= units, E::InsufficientBalance)?;
        self.games[game].lottery.fees_units -= units;
        self.wallet(id)?.balance_units += units;
        Ok(())
    }

    pub fn withdraw_treasury(&mut self, person: usize, is_treasury: bool, game: usize) -> Outcome {
        let id = (person, self.games[game].money);
        self.wallet(id)?;
        require(is_treasury, E::WrongWallet)?;
        let due = self.games[game].lottery.treasury_due_units;
        require(due > 0, E::ZeroAmount)?;
        self.games[game].lottery.treasury_due_units = 0;
        self.wallet(id)?.balance_units += due;
        Ok(())
    }
}
