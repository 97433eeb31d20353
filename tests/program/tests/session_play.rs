//! Playing for an hour with one signature: a session key enters round after round, somebody else pays the network's
//! fee, and an end of the session holds from the next slot on.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Pubkey, Spec, World,
    args::SessionArgs,
    house::{instant_ticket, keno_quick},
    ix,
    world::LAMPORTS,
};

use crate::house_play::play_out;

const STAKE: u64 = 10_000;
const NOBODY: SessionArgs = SessionArgs { key: [0; 32], lotteries: [0; 4], expires_at: 0, limit_units: 0 };

struct Scene {
    world: World,
    game: Game,
    player: Player,
    key: Pubkey,
    relay: Pubkey,
}

/// A player whose session may spend twelve stakes within an hour, and an account that pays all fees.
fn scene(spec: Spec) -> Scene {
    let mut world = World::new();
    let game = world.create(spec);
    let player = world.player(Money::Sol, 1_000 * STAKE);
    let key = world.chain.key("session");
    let relay = world.chain.funded("relay", LAMPORTS);
    let args = SessionArgs {
        key: key.to_bytes(),
        lotteries: [game.id, 0, 0, 0],
        expires_at: world.chain.now() + 3_600,
        limit_units: 12 * STAKE,
    };
    world.chain.expect_ok(&[ix::set_session(player.owner, game.mint, &args)]);
    Scene { world, game, player, key, relay }
}

impl Scene {
    fn enter(&self, live: &Live, count: u8) -> Instruction {
        let is_keno = self.game.spec.config.kind == program_tests::kinds::Kind::Keno as u8;
        let tickets = if is_keno { keno_quick(STAKE, 4) } else { instant_ticket(STAKE) };
        ix::enter(self.key, self.player.wallet, live.key, live.page(0), count, &tickets)
    }
}

#[test]
fn a_session_key_without_lamports_plays_while_a_third_account_pays_the_fee() {
    for spec in [Spec::keno(), Spec::instant()] {
        let mut s = scene(spec);
        for round in 1..=3 {
            let live = s.world.open(&s.game);
            let enter = s.enter(&live, 2);
            let owner = s.world.chain.lamports(s.player.owner);
            let before = s.world.chain.lamports(s.relay);
            let usual = s.world.chain.fee_payer();
            s.world.chain.set_fee_payer(s.relay);
            s.world.chain.expect_ok(&enter);
            let fee = before - s.world.chain.lamports(s.relay);
            // Two signatures at 5,000 lamports: the relay's and the session key's.
            assert_eq!(fee, 10_000);
            assert_eq!(s.world.chain.lamports(s.player.owner), owner);
            assert!(!s.world.chain.exists(s.key), "the session key needs no account");
            s.world.chain.set_fee_payer(usual);
            assert_eq!(s.world.wallet(&s.player).session_spent_units, 2 * round * STAKE);
            s.world.entered.entry(live.page(0)).or_default().push(2);
            play_out(&mut s.world, &live);
        }
    }
}

#[test]
fn a_session_spends_up_to_its_limit() {
    let mut s = scene(Spec::keno());
    let live = s.world.open(&s.game);
    let ten = s.enter(&live, 10);
    s.world.chain.expect_ok(&ten);
    let three = s.enter(&live, 3);
    s.world.chain.expect_error(&three, LotteryError::SessionOverspent);
    let two = s.enter(&live, 2);
    s.world.chain.expect_ok(&two);
    let one = s.enter(&live, 1);
    s.world.chain.expect_error(&one, LotteryError::SessionOverspent);
    // Prizes do not give it more.
    s.world.to_final(&live);
    s.world.pay_all(&live);
    let next = s.world.open(&s.game);
    let one = s.enter(&next, 1);
    s.world.chain.expect_error(&one, LotteryError::SessionOverspent);
}

#[test]
fn a_session_ends_with_its_hour() {
    let mut s = scene(Spec::instant());
    s.world.chain.warp(3_599, 9_000);
    let live = s.world.open(&s.game);
    let enter = s.enter(&live, 1);
    s.world.chain.expect_ok(&enter);
    s.world.chain.warp(1, 2);
    s.world.chain.expect_error(&enter, LotteryError::SessionExpired);
}

#[test]
fn a_session_revoked_while_an_entry_is_in_flight_is_refused_from_the_next_slot_on() {
    for spec in [Spec::keno(), Spec::instant()] {
        let mut s = scene(spec);
        let live = s.world.open(&s.game);
        // Signed before the player changed their mind, and not sent yet.
        let in_flight = s.enter(&live, 1);
        s.world.chain.expect_ok(&in_flight);
        s.world.chain.set_fee_payer(s.relay);
        let end = ix::set_session(s.player.owner, s.game.mint, &NOBODY);
        s.world.chain.expect_ok(&end);
        assert_eq!(s.world.wallet(&s.player).session_key, [0; 32]);
        s.world.chain.warp(0, 1);
        let before = (s.world.wallet(&s.player), s.world.page(&live, 0));
        s.world.chain.expect_error(&in_flight, LotteryError::Unauthorized);
        assert_eq!((s.world.wallet(&s.player), s.world.page(&live, 0)), before);
        // The owner plays on, whoever pays the fee.
        let mut own = in_flight.clone();
        own.accounts[0].pubkey = s.player.owner;
        s.world.chain.expect_ok(&own);
    }
}

#[test]
fn a_session_replaced_while_an_entry_is_in_flight_is_refused() {
    let mut s = scene(Spec::keno());
    let live = s.world.open(&s.game);
    let in_flight = s.enter(&live, 1);
    let next = s.world.chain.key("next session");
    let args = SessionArgs {
        key: next.to_bytes(),
        lotteries: [s.game.id, 0, 0, 0],
        expires_at: s.world.chain.now() + 60,
        limit_units: STAKE,
    };
    s.world.chain.expect_ok(&[ix::set_session(s.player.owner, s.game.mint, &args)]);
    s.world.chain.warp(0, 1);
    s.world.chain.expect_error(&in_flight, LotteryError::Unauthorized);
}
