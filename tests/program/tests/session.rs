//! Session keys: they may enter named lotteries, up to a limit, until they expire, and nothing else.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Pubkey, Spec, World, args::SessionArgs, ix,
    world::LAMPORTS,
};

const STAKE: u64 = 1_000_000;

struct Scene {
    world: World,
    game: Game,
    live: Live,
    player: Player,
    key: Pubkey,
    args: SessionArgs,
}

/// A player whose session may spend ten stakes in one lottery within 50 seconds.
fn scene() -> Scene {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100 * STAKE);
    let key = world.chain.funded("session", LAMPORTS);
    let args = SessionArgs {
        key: key.to_bytes(),
        lotteries: [0, game.id, 0, 0],
        expires_at: world.chain.now() + 50,
        limit_units: 10 * STAKE,
    };
    world.chain.expect_ok(&[ix::set_session(player.owner, game.mint, &args)]);
    Scene { world, game, live, player, key, args }
}

impl Scene {
    /// Entering quick picks, signed by `signer`.
    fn enter(&self, signer: Pubkey, count: u8) -> Instruction {
        ix::enter(signer, self.player.wallet, self.live.key, self.live.page(0), count, &[])
    }
}

#[test]
fn a_session_enters_without_the_owner() {
    let mut s = scene();
    let enter = s.enter(s.key, 4);
    s.world.chain.expect_ok(&enter);
    let wallet = s.world.wallet(&s.player);
    assert_eq!((wallet.balance_units, wallet.session_spent_units), (96 * STAKE, 4 * STAKE));
    assert_eq!(s.world.entries(&s.live, 0)[3].wallet, s.player.wallet.to_bytes());
}

#[test]
fn what_the_owner_enters_is_not_counted() {
    let mut s = scene();
    let enter = s.enter(s.player.owner, 20);
    s.world.chain.expect_ok(&enter);
    assert_eq!(s.world.wallet(&s.player).session_spent_units, 0);
}

#[test]
fn an_expired_session_is_refused_from_its_second_on() {
    let mut s = scene();
    let enter = s.enter(s.key, 1);
    s.world.chain.warp(49, 1);
    s.world.chain.expect_ok(&enter);
    s.world.chain.warp(1, 1);
    s.world.chain.expect_error(&enter, LotteryError::SessionExpired);
}

#[test]
fn a_session_spends_its_limit_and_no_more() {
    let mut s = scene();
    let eleven = s.enter(s.key, 11);
    s.world.chain.expect_error(&eleven, LotteryError::SessionOverspent);
    let (nine, two, one) = (s.enter(s.key, 9), s.enter(s.key, 2), s.enter(s.key, 1));
    s.world.chain.expect_ok(&nine);
    s.world.chain.expect_error(&two, LotteryError::SessionOverspent);
    s.world.chain.expect_ok(&one);
    s.world.chain.expect_error(&one, LotteryError::SessionOverspent);
}

#[test]
fn a_lottery_that_the_session_does_not_name_is_refused() {
    let mut s = scene();
    let other = s.world.create(Spec::default());
    let live = s.world.open(&other);
    let enter = ix::enter(s.key, s.player.wallet, live.key, live.page(0), 1, &[]);
    s.world.chain.expect_error(&enter, LotteryError::SessionForeign);
}

#[test]
fn another_wallet_and_another_key_are_refused() {
    let mut s = scene();
    let other = s.world.player(Money::Sol, 10 * STAKE);
    let enter = ix::enter(s.key, other.wallet, s.live.key, s.live.page(0), 1, &[]);
    s.world.chain.expect_error(&enter, LotteryError::Unauthorized);
    let enter = s.enter(other.owner, 1);
    s.world.chain.expect_error(&enter, LotteryError::Unauthorized);
}

#[test]
fn a_session_may_only_enter() {
    let mut s = scene();
    let (mint, owner) = (s.game.mint, s.player.owner);
    let amount = 1;
    let attempts = [
        ix::withdraw(owner, ix::TokenSide { tokens: s.key, ..s.world.side(owner, Money::Sol) }, amount),
        ix::deposit(owner, s.world.side(s.key, Money::Sol), amount),
        ix::set_session(owner, mint, &SessionArgs { limit_units: u64::MAX, ..s.args }),
        ix::fund_jackpot(owner, s.game.id, mint, amount),
        ix::fund_bond(owner, s.game.id, mint, amount),
        ix::close_wallet(owner, mint, s.player.owner),
    ];
    for mut attempt in attempts {
        attempt.accounts[0].pubkey = s.key;
        s.world.chain.expect_error(&attempt, LotteryError::WrongWallet);
    }
}

#[test]
fn an_ended_session_is_refused() {
    let mut s = scene();
    let none = SessionArgs { key: [0; 32], lotteries: [0; 4], expires_at: 0, limit_units: 0 };
    s.world.chain.expect_ok(&[ix::set_session(s.player.owner, s.game.mint, &none)]);
    let enter = s.enter(s.key, 1);
    s.world.chain.expect_error(&enter, LotteryError::Unauthorized);
}

#[test]
fn a_new_session_replaces_the_old_and_starts_from_nothing_spent() {
    let mut s = scene();
    let ten = s.enter(s.key, 10);
    s.world.chain.expect_ok(&ten);
    let next = s.world.chain.funded("next session", LAMPORTS);
    let args = SessionArgs { key: next.to_bytes(), ..s.args };
    s.world.chain.expect_ok(&[ix::set_session(s.player.owner, s.game.mint, &args)]);
    let (old, new) = (s.enter(s.key, 1), s.enter(next, 1));
    s.world.chain.expect_error(&old, LotteryError::Unauthorized);
    s.world.chain.expect_ok(&new);
}

#[test]
fn sessions_that_make_no_sense_are_refused() {
    let mut s = scene();
    let bad = [
        SessionArgs { key: [0; 32], ..s.args },
        SessionArgs { key: s.player.owner.to_bytes(), ..s.args },
        SessionArgs { expires_at: s.world.chain.now(), ..s.args },
        SessionArgs { expires_at: 0, ..s.args },
        SessionArgs { expires_at: i64::MIN, ..s.args },
        SessionArgs { limit_units: 0, ..s.args },
        SessionArgs { lotteries: [0; 4], ..s.args },
    ];
    for args in bad {
        let set = ix::set_session(s.player.owner, s.game.mint, &args);
        s.world.chain.expect_error(&set, LotteryError::InvalidSession);
    }
}
