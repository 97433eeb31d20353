//! The operations of the random sequence: what each is on the chain, and in the model.

use lottery_interface::args::{AttestArgs, LimitsArgs, SessionArgs};
use program_tests::{Instruction, Pubkey, Rules, address, beacon::own_address, ix, ix::Item};

use super::{
    beacon::Signed,
    enter::Tickets,
    market::{Attest, Market},
    model::{Model, Outcome, RoundId, WalletId},
    scene::{Scene, TREASURY, operator, treasurer},
};

/// One instruction. People and kinds of money are numbers.
pub enum Op {
    OpenWallet(WalletId),
    CloseWallet(WalletId),
    Deposit(WalletId, u64),
    Withdraw(WalletId, u64),
    SetSession(WalletId, SessionArgs),
    FundJackpot(usize, usize, u64),
    FundBond(usize, usize, u64),
    WithdrawBond(usize, usize, u64),
    FundBankroll(usize, usize, u64),
    WithdrawBankroll(usize, usize, u64),
    AdvanceChain(usize, [u8; 32], u8),
    UpdateLimits(usize, usize, LimitsArgs),
    UpdateConfig(usize, usize, Box<Rules>),
    WithdrawFees(usize, usize, u64),
    WithdrawTreasury(usize, usize),
    Pause(usize),
    Activate(usize),
    OpenRound(usize),
    OpenPage(RoundId),
    Enter {
        round: RoundId,
        page: u32,
        wallet: WalletId,
        signer: usize,
        tickets: Tickets,
    },
    Seal(RoundId, u32),
    Capture(RoundId),
    Reveal(RoundId, [u8; 32]),
    /// `post_value` with the tests' beacon.
    Sign(RoundId, Signed),
    ProveEarly(RoundId, u64, Signed),
    Attest(RoundId, Box<Attest>),
    Draw(RoundId),
    Settle(RoundId, u32, u32),
    Finalise(RoundId),
    Credit {
        round: RoundId,
        page: u32,
        items: Vec<(u32, usize)>,
        refund: bool,
    },
    Void(RoundId),
    Retime(RoundId),
    Expire(RoundId),
    ClosePage(RoundId, u32),
    CloseRound(RoundId),
}

impl Op {
    /// As the chain gets it.
    pub fn instruction(&self, scene: &Scene) -> Instruction {
        let (people, cranker, model) = (&scene.people, scene.world.cranker, &scene.model);
        let side = |id: &WalletId| scene.world.side(people[id.0], program_tests::Money::ALL[id.1]);
        let game = |game: &usize| &model.games[*game].game;
        let key = |id: &RoundId| model.games[id.0].rounds[&id.1].key;
        let round = |id: &RoundId| &model.games[id.0].rounds[&id.1].round;
        let config = |id: &RoundId| Pubkey::new_from_array(round(id).config);
        match self {
            Self::OpenWallet(id) => ix::open_wallet(people[id.0], people[id.0], scene.mint(id.1)),
            Self::CloseWallet(id) => ix::close_wallet(people[id.0], scene.mint(id.1), people[id.0]),
            Self::Deposit(id, units) => ix::deposit(people[id.0], side(id), *units),
            Self::Withdraw(id, units) => ix::withdraw(people[id.0], side(id), *units),
            Self::SetSession(id, args) => ix::set_session(people[id.0], scene.mint(id.1), args),
            Self::FundJackpot(person, g, units) => {
                ix::fund_jackpot(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::FundBond(person, g, units) => {
                ix::fund_bond(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawBond(person, g, units) => {
                ix::withdraw_bond(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::FundBankroll(person, g, units) => {
                ix::fund_bankroll(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawBankroll(person, g, units) => {
                ix::withdraw_bankroll(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::UpdateLimits(person, g, limits) => ix::update_limits(people[*person], game(g).id, limits),
            Self::UpdateConfig(person, g, rules) => {
                let (spec, version) = (&game(g).spec, model.games[*g].lottery.config_count);
                ix::update_config(people[*person], game(g).id, version, &spec.config, rules.bytes())
            }
            Self::AdvanceChain(g, link, distance) => ix::advance_chain(game(g).id, link, *distance),
            Self::WithdrawFees(person, g, units) => {
                ix::withdraw_fees(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawTreasury(person, g) => {
                ix::withdraw_treasury(people[*person], game(g).id, game(g).mint)
            }
            Self::Pause(g) => {
                ix::pause_lottery(game(g).pauser, game(g).id, model.games[*g].lottery.next_round_index)
            }
            Self::Activate(g) => ix::activate_lottery(game(g).operator.owner, game(g).id),
            Self::OpenRound(g) => scene.world.open_round_instruction(game(g)),
            Self::OpenPage(id) => ix::open_page(cranker, game(&id.0).key, key(id), round(id).page_count),
            Self::Enter { round: id, page, wallet, signer, tickets } => {
                let page = address::page(&key(id), *page).0;
                let wallet = scene.wallet_key(wallet.0, wallet.1);
                ix::enter(people[*signer], wallet, key(id), page, tickets.quick, &tickets.bytes())
            }
            Self::Seal(id, page) => ix::seal_page(cranker, key(id), *page),
            Self::Capture(id) => ix::capture(cranker, key(id)),
            Self::Reveal(id, proof) => ix::post_value(cranker, key(id), Default::default(), proof),
            Self::Sign(id, signed) => ix::post_value(cranker, key(id), own_address(), &signed.proof()),
            Self::ProveEarly(id, claimed, signed) => {
                ix::prove_early(cranker, key(id), own_address(), *claimed, &signed.proof())
            }
            Self::Attest(id, said) => {
                let Attest { facts, evidence, event_at, .. } = **said;
                let args = AttestArgs { facts, evidence, event_at };
                ix::attest(said.reporter, key(id), said.config, said.oracles, &args)
            }
            Self::Draw(id) => ix::draw(cranker, key(id), config(id)),
            Self::Settle(id, page, limit) => ix::settle(cranker, key(id), config(id), *page, *limit),
            Self::Finalise(id) => ix::finalise(cranker, game(&id.0).key, key(id), config(id)),
            Self::Credit { round: id, page, items, refund } => {
                let money = model.games[id.0].money;
                let items: Vec<Item> = items
                    .iter()
                    .map(|(index, person)| Item { index: *index, wallet: scene.wallet_key(*person, money) })
                    .collect();
                let build = if *refund { ix::refund } else { ix::pay };
                build(cranker, key(id), *page, &items)
            }
            Self::Void(id) => ix::void_round(cranker, game(&id.0).key, key(id)),
            Self::Retime(id) => {
                ix::retime_round(cranker, game(&id.0).key, config(id), key(id), round(id).page_count)
            }
            Self::Expire(id) => ix::expire_round(cranker, game(&id.0).key, key(id)),
            Self::ClosePage(id, page) => ix::close_page(cranker, key(id), *page, cranker),
            Self::CloseRound(id) => ix::close_round(cranker, game(&id.0).key, key(id), cranker),
        }
    }

    /// The game that it is about, if it is about one.
    pub fn game(&self) -> Option<usize> {
        match self {
            Self::OpenWallet(_)
            | Self::CloseWallet(_)
            | Self::Deposit(..)
            | Self::Withdraw(..)
            | Self::SetSession(..) => None,
            Self::FundJackpot(_, game, _)
            | Self::FundBond(_, game, _)
            | Self::WithdrawBond(_, game, _)
            | Self::FundBankroll(_, game, _)
            | Self::WithdrawBankroll(_, game, _)
            | Self::WithdrawFees(_, game, _)
            | Self::WithdrawTreasury(_, game)
            | Self::UpdateLimits(_, game, _)
            | Self::UpdateConfig(_, game, _)
            | Self::AdvanceChain(game, ..)
            | Self::Pause(game)
            | Self::Activate(game)
            | Self::OpenRound(game) => Some(*game),
            Self::OpenPage(id)
            | Self::Enter { round: id, .. }
            | Self::Seal(id, _)
            | Self::Capture(id)
            | Self::Reveal(id, _)
            | Self::Sign(id, _)
            | Self::ProveEarly(id, ..)
            | Self::Attest(id, _)
            | Self::Draw(id)
            | Self::Settle(id, ..)
            | Self::Finalise(id)
            | Self::Credit { round: id, .. }
            | Self::Void(id)
            | Self::Retime(id)
            | Self::Expire(id)
            | Self::ClosePage(id, _)
            | Self::CloseRound(id) => Some(id.0),
        }
    }

    /// As the model does it.
    pub fn apply(&self, model: &mut Model, scene: &Scene) -> Outcome {
        let (people, cranker) = (&scene.people, &scene.world.cranker);
        match self {
            Self::OpenWallet(id) => model.open_wallet(*id, &people[id.0], &scene.mint(id.1)),
            Self::CloseWallet(id) => model.close_wallet(*id),
            Self::Deposit(id, units) => model.deposit(*id, *units),
            Self::Withdraw(id, units) => model.withdraw(*id, *units),
            Self::SetSession(id, args) => model.set_session(*id, args),
            Self::FundJackpot(person, game, units) => model.fund_jackpot(*person, *game, *units),
            Self::FundBond(person, game, units) => model.fund_bond(*person, *game, *units),
            Self::WithdrawBond(person, game, units) => {
                model.withdraw_bond(*person, *person == operator(*game), *game, *units)
            }
            Self::FundBankroll(person, game, units) => model.fund_bankroll(*person, *game, *units),
            Self::WithdrawBankroll(person, game, units) => {
                model.withdraw_bankroll(*person, *person == operator(*game), *game, *units)
            }
            Self::UpdateLimits(person, game, limits) => {
                model.update_limits(*person == operator(*game), *game, limits)
            }
            Self::UpdateConfig(person, game, rules) => {
                let oracles = |market: &Market| scene.reporters_of(market);
                model.update_config(*person == operator(*game), *game, &people[*person], rules, oracles)
            }
            Self::AdvanceChain(game, link, distance) => model.advance_chain(*game, link, *distance),
            Self::WithdrawFees(person, game, units) => {
                model.withdraw_fees(*person, *person == treasurer(*game), *game, *units)
            }
            Self::WithdrawTreasury(person, game) => {
                model.withdraw_treasury(*person, *person == TREASURY, *game)
            }
            Self::Pause(game) => model.pause(*game),
            Self::Activate(game) => model.activate(*game),
            Self::OpenRound(game) => model.open_round(*game, cranker),
            Self::OpenPage(id) => model.open_page(*id, cranker),
            Self::Enter { round, page, wallet, signer, tickets } => {
                model.enter(*round, *page, *wallet, &people[*signer], tickets)
            }
            Self::Seal(id, page) => model.seal(*id, *page),
            Self::Capture(id) => model.capture(*id),
            Self::Reveal(id, proof) => model.reveal(*id, proof),
            Self::Sign(id, signed) => model.sign(*id, signed),
            Self::ProveEarly(id, claimed, signed) => model.prove_early(*id, *claimed, signed),
            Self::Attest(id, said) => model.attest(*id, said),
            Self::Draw(id) => model.draw(*id),
            Self::Settle(id, page, limit) => model.settle(*id, *page, *limit),
            Self::Finalise(id) => model.finalise(*id),
            Self::Credit { round, page, items, refund } => model.credit(*round, *page, items, *refund),
            Self::Void(id) => model.void(*id),
            Self::Retime(id) => model.retime(*id),
            Self::Expire(id) => model.expire(*id),
            Self::ClosePage(id, page) => model.close_page(*id, *page),
            Self::CloseRound(id) => model.close_round(*id),
        }
    }
}
