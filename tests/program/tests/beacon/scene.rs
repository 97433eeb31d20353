//! A lottery on a beacon, and what is expected of its rounds.

use program_tests::{
    Game, Live, LotteryError as E, Money, Player, Spec, World,
    kinds::{Kind, RoundStatus, VoidReason},
};

/// What the player starts with.
pub const BALANCE: u64 = 100_000_000;

/// A lottery on the tests' own beacon, and a player.
#[derive(Clone)]
pub struct Scene {
    pub world: World,
    pub game: Game,
    pub player: Player,
}

impl Scene {
    pub fn new() -> Self {
        Self::of(Spec::coin())
    }

    pub fn of(spec: Spec) -> Self {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.add_own_beacon();
        let game = world.create(spec.beacon());
        let player = world.player(Money::Sol, BALANCE);
        Self { world, game, player }
    }

    /// The next round, entered.
    pub fn open(&mut self) -> Live {
        let live = self.world.open(&self.game);
        self.world.enter_quick(&live, &self.player, 0, 10);
        live
    }

    pub fn target(&self, live: &Live) -> u64 {
        self.world.round(live).beacon_round
    }

    #[track_caller]
    pub fn post_refused(&mut self, live: &Live, error: E) {
        let post = self.world.post_instruction(live, self.target(live));
        self.world.chain.expect_error(&post, error);
    }

    #[track_caller]
    pub fn prove_refused(&mut self, live: &Live, beacon_round: u64, error: E) {
        let prove = self.world.prove_early_instruction(live, beacon_round);
        self.world.chain.expect_error(&prove, error);
    }

    #[track_caller]
    pub fn void_refused(&mut self, live: &Live, error: E) {
        let void = self.world.void_instruction(live);
        self.world.chain.expect_error(&void, error);
    }

    #[track_caller]
    pub fn prove(&mut self, live: &Live, beacon_round: u64) {
        let prove = self.world.prove_early_instruction(live, beacon_round);
        self.world.chain.expect_ok(&prove);
        self.is_void(live, VoidReason::BeaconEarly);
    }

    #[track_caller]
    pub fn void(&mut self, live: &Live, reason: VoidReason) {
        let void = self.world.void_instruction(live);
        self.world.chain.expect_ok(&void);
        self.is_void(live, reason);
    }

    #[track_caller]
    pub fn is_void(&self, live: &Live, reason: VoidReason) {
        let round = self.world.round(live);
        assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, reason as u8));
        assert_eq!((round.final_at, round.value), (self.world.chain.now(), [0; 32]));
        assert_eq!((round.slashed_units, round.bond_units), (0, 0), "nobody had promised anything");
    }

    /// The round takes neither entry nor value any more, and refunds every stake.
    #[track_caller]
    pub fn refunds_all(&mut self, live: &Live) {
        let enter = self.world.enter_instruction(live, &self.player, 0, 1, &[]);
        self.world.chain.expect_error(&enter, E::RoundNotOpen);
        self.world.seal_all(live);
        self.world.finalise(live);
        self.world.refund_all(live);
        assert_eq!(self.world.balance(&self.player), BALANCE, "every stake came back");
        self.world.close_all(live);
    }

    /// Draws the round to its end.
    #[track_caller]
    pub fn draws(&mut self, live: &Live) {
        self.world.post_signature(live);
        self.world.seal_all(live);
        self.world.draw(live);
        self.world.settle_all(live);
        self.world.finalise(live);
        self.world.pay_or_refund_all(live);
        self.world.close_all(live);
    }
}
