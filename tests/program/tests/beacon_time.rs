//! Chain time against the beacon's: behind, halted and ahead; restarts of the cluster; silence. Whatever the clock does, a
//! value that could be known while entries were taken never decides, and every stake comes back.

use program_tests::{
    Game, Live, LotteryError as E, Money, Player, Spec, World,
    beacon::{SCHEDULE, own_address, own_proof},
    ix,
    kinds::{Kind, LotteryStatus, RoundStatus, VoidReason},
};

const BALANCE: u64 = 100_000_000;
const DAY: i64 = 86_400;

#[derive(Clone)]
struct Scene {
    world: World,
    game: Game,
    player: Player,
}

impl Scene {
    fn new() -> Self {
        Self::of(Spec::coin())
    }

    fn of(spec: Spec) -> Self {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.add_own_beacon();
        let game = world.create(spec.beacon());
        let player = world.player(Money::Sol, BALANCE);
        Self { world, game, player }
    }

    /// The next round, entered.
    fn open(&mut self) -> Live {
        let live = self.world.open(&self.game);
        self.world.enter_quick(&live, &self.player, 0, 10);
        live
    }

    fn target(&self, live: &Live) -> u64 {
        self.world.round(live).beacon_round
    }

    #[track_caller]
    fn post_refused(&mut self, live: &Live, error: E) {
        let post = self.world.post_instruction(live, self.target(live));
        self.world.chain.expect_error(&post, error);
    }

    #[track_caller]
    fn prove_refused(&mut self, live: &Live, beacon_round: u64, error: E) {
        let prove = self.world.prove_early_instruction(live, beacon_round);
        self.world.chain.expect_error(&prove, error);
    }

    #[track_caller]
    fn void_refused(&mut self, live: &Live, error: E) {
        let void = self.world.void_instruction(live);
        self.world.chain.expect_error(&void, error);
    }

    #[track_caller]
    fn prove(&mut self, live: &Live, beacon_round: u64) {
        let prove = self.world.prove_early_instruction(live, beacon_round);
        self.world.chain.expect_ok(&prove);
        self.is_void(live, VoidReason::BeaconEarly);
    }

    #[track_caller]
    fn void(&mut self, live: &Live, reason: VoidReason) {
        let void = self.world.void_instruction(live);
        self.world.chain.expect_ok(&void);
        self.is_void(live, reason);
    }

    #[track_caller]
    fn is_void(&self, live: &Live, reason: VoidReason) {
        let round = self.world.round(live);
        assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, reason as u8));
        assert_eq!((round.final_at, round.value), (self.world.chain.now(), [0; 32]));
        assert_eq!((round.slashed_units, round.bond_units), (0, 0), "nobody had promised anything");
    }

    /// The round takes neither entry nor value any more, and refunds every stake.
    #[track_caller]
    fn refunds_all(&mut self, live: &Live) {
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
    fn draws(&mut self, live: &Live) {
        self.world.post_signature(live);
        self.world.seal_all(live);
        self.world.draw(live);
        self.world.settle_all(live);
        self.world.finalise(live);
        self.world.pay_or_refund_all(live);
        self.world.close_all(live);
    }
}

#[test]
fn a_value_before_the_lock_is_refused_until_the_clock_says_so() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.post_refused(&live, E::RoundNotLocked);
    let round = scene.world.round(&live);
    scene.world.chain.warp(round.locks_at - 1 - scene.world.chain.now(), 1);
    scene.post_refused(&live, E::RoundNotLocked);
    // Locked by its slot; by the clock not yet.
    scene.world.chain.warp(0, round.lock_slot - scene.world.chain.slot());
    scene.post_refused(&live, E::RoundNotLocked);
    let enter = scene.world.enter_instruction(&live, &scene.player, 0, 1, &[]);
    scene.world.chain.expect_error(&enter, E::RoundLocked);
    scene.world.chain.warp(1, 1);
    scene.draws(&live);
}

#[test]
fn a_clock_that_is_behind_voids_by_the_deciding_round_or_any_later() {
    for later in [0, 1, 20, 1_000_000] {
        let mut scene = Scene::new();
        let live = scene.open();
        let target = scene.target(&live);
        for before in [1, target - 1] {
            scene.prove_refused(&live, before, E::BeaconRoundBefore);
        }
        let lamports = scene.world.chain.lamports(scene.world.cranker);
        scene.prove(&live, target + later);
        let earned = scene.world.chain.lamports(scene.world.cranker) - lamports;
        assert_eq!(earned, scene.game.spec.limits.reward_step_lamports as u64, "paid as any step");
        scene.prove_refused(&live, target + later, E::RoundNotOpen);
        scene.void_refused(&live, E::RoundNotOpen);
        scene.refunds_all(&live);
        // The next round has its own.
        let next = scene.open();
        assert!(scene.target(&next) > target);
        scene.world.lock(&next);
        scene.draws(&next);
    }
}

#[test]
fn the_lock_parts_void_from_value_to_the_second() {
    let mut scene = Scene::new();
    let live = scene.open();
    let (target, locks_at) = (scene.target(&live), scene.world.round(&live).locks_at);
    scene.world.chain.warp(locks_at - 1 - scene.world.chain.now(), 3);
    let last_second = scene.world.clone();
    scene.post_refused(&live, E::RoundNotLocked);
    scene.world.chain.warp(1, 1);
    scene.prove_refused(&live, target, E::NotEarly);
    scene.draws(&live);

    scene.world = last_second;
    scene.prove(&live, target);
    scene.world.chain.warp(1, 1);
    scene.post_refused(&live, E::RoundNotOpen);
    scene.refunds_all(&live);
}

#[test]
fn a_clock_that_stands_still_voids_before_and_after_the_lock_slot() {
    for slots in [1, 10_000] {
        let mut scene = Scene::new();
        let live = scene.open();
        scene.world.chain.warp(0, slots);
        scene.post_refused(&live, E::RoundNotLocked);
        scene.prove(&live, scene.target(&live));
        // Seconds do not pass; refunds need none.
        scene.refunds_all(&live);
    }
}

/// While the clock stands still no grace passes, so without the beacon a round is not void: it waits.
#[test]
fn a_clock_that_stands_still_does_not_void_by_slots_alone() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.chain.warp(0, 300_000);
    scene.void_refused(&live, E::GraceNotOver);
    scene.post_refused(&live, E::RoundNotLocked);
    let locks_at = scene.world.round(&live).locks_at;
    scene.world.chain.warp(locks_at - scene.world.chain.now(), 1);
    scene.draws(&live);
}

#[test]
fn a_clock_that_runs_ahead_locks_and_then_waits_for_the_value() {
    let mut scene = Scene::new();
    let live = scene.open();
    let target = scene.target(&live);
    // An hour too far: the signature is still to come, and nothing else can happen meanwhile.
    scene.world.chain.warp(3_600, 1);
    assert!(scene.world.chain.now() > SCHEDULE.signed_at(target).expect("in range"));
    scene.prove_refused(&live, target, E::NotEarly);
    scene.prove_refused(&live, target + 100_000, E::NotEarly);
    scene.void_refused(&live, E::GraceNotOver);
    // A day too far is not enough to void either: slots must pass too.
    scene.world.chain.warp(2 * DAY, 1);
    scene.void_refused(&live, E::GraceNotOver);
    scene.draws(&live);
}

#[test]
fn no_later_state_is_proven_early() {
    let mut scene = Scene::new();
    let live = scene.open();
    let target = scene.target(&live);
    scene.world.lock(&live);
    scene.world.post_signature(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
    scene.world.seal_all(&live);
    scene.world.draw(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
    scene.world.settle_all(&live);
    scene.world.finalise(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
}

#[test]
fn a_round_of_another_source_has_nothing_to_prove() {
    let mut world = World::new();
    world.add_own_beacon();
    let game = world.create(Spec::coin());
    let live = world.open(&game);
    let prove = world.prove_early_instruction(&live, 1_000);
    world.chain.expect_error(&prove, E::NotBeacon);
    // Nor does a restart void it.
    world.chain.set_last_restart_slot(world.chain.slot());
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, E::RoundNotLocked);
}

#[test]
fn early_rounds_of_a_rollover_lottery_count_in_their_turn_and_keep_the_jackpot() {
    let spec = Spec { jackpot_units: 5_000_000, ..Spec::progressive() };
    let mut scene = Scene::of(spec);
    let first = scene.open();
    scene.world.lock(&first);
    let second = scene.open();
    scene.prove(&second, scene.target(&second));
    scene.world.seal_all(&second);
    let finalise = scene.world.finalise_instruction(&second);
    scene.world.chain.expect_error(&finalise, E::FinaliseOutOfOrder);
    scene.world.post_signature(&first);
    scene.world.seal_all(&first);
    scene.world.draw(&first);
    scene.world.settle_all(&first);
    scene.world.finalise(&first);
    let jackpot = scene.world.lottery(&scene.game).jackpot_units;
    scene.world.finalise(&second);
    assert_eq!(scene.world.lottery(&scene.game).jackpot_units, jackpot, "a void round moves no jackpot");
    scene.world.refund_all(&second);
    scene.world.close_all(&second);
}

#[test]
fn a_restart_voids_an_open_round_at_once_and_a_locked_one_before_its_value() {
    for locked in [false, true] {
        let mut scene = Scene::new();
        let live = scene.open();
        let opened_slot = scene.world.round(&live).opened_slot;
        if locked {
            scene.world.lock(&live);
        } else {
            scene.world.chain.warp(2, 5);
        }
        // A restart before it opened is none of its business.
        scene.world.chain.set_last_restart_slot(opened_slot - 1);
        scene.void_refused(&live, if locked { E::GraceNotOver } else { E::RoundNotLocked });
        for slot in [opened_slot, opened_slot + 1, scene.world.chain.slot()] {
            scene.world.chain.set_last_restart_slot(slot);
            if locked {
                scene.post_refused(&live, E::ClusterRestarted);
            }
            let mut branch = scene.clone();
            branch.void(&live, VoidReason::ClusterRestarted);
            branch.void_refused(&live, E::RoundNotOpen);
            branch.refunds_all(&live);
        }
        // It may also be proven early, as any other.
        if !locked {
            scene.prove(&live, scene.target(&live));
            scene.refunds_all(&live);
        }
    }
}

#[test]
fn a_round_that_has_its_value_survives_a_restart() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.lock(&live);
    scene.world.post_signature(&live);
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.void_refused(&live, E::ValueAlreadyPosted);
    scene.world.seal_all(&live);
    scene.world.draw(&live);
    scene.world.settle_all(&live);
    scene.world.finalise(&live);
    scene.world.pay_or_refund_all(&live);
    scene.world.close_all(&live);
}

#[test]
fn rounds_opened_after_a_restart_are_drawn() {
    let mut scene = Scene::new();
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.world.chain.warp(1, 1);
    let live = scene.open();
    scene.world.lock(&live);
    scene.draws(&live);
    // A round that was re-timed is as old as when it opened: the restart may have come between.
    let live = scene.world.open(&scene.game);
    scene.world.lock(&live);
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.world.chain.warp(1, 1);
    let retime = ix::retime_round(scene.world.cranker, scene.game.key, live.config, live.key, 1);
    scene.world.chain.expect_ok(&retime);
    scene.void(&live, VoidReason::ClusterRestarted);
}

#[test]
fn a_paused_lottery_voids_its_open_rounds_and_draws_its_locked_ones() {
    let mut scene = Scene::new();
    let locked = scene.open();
    scene.world.lock(&locked);
    let open = scene.open();
    let next = scene.world.lottery(&scene.game).next_round_index;
    scene.world.chain.expect_ok(&ix::pause_lottery(scene.game.pauser, scene.game.id, next));
    assert_eq!(scene.world.lottery(&scene.game).status, LotteryStatus::Paused as u8);
    scene.is_void(&open, VoidReason::Paused);
    scene.prove_refused(&open, scene.target(&open), E::RoundNotOpen);
    scene.draws(&locked);
    scene.world.seal_all(&open);
    scene.world.finalise(&open);
    scene.world.refund_all(&open);
    scene.world.close_all(&open);
}

#[test]
fn a_silent_beacon_ends_in_refunds_after_a_day_in_seconds_and_in_slots() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.lock(&live);
    let round = scene.world.round(&live);
    let day = DAY - (scene.world.chain.now() - round.locks_at);
    let slots = round.target_slot + 216_000 - scene.world.chain.slot();
    let locked = scene.world.clone();
    for (seconds, slots, error) in [(day - 1, slots, true), (day, slots - 1, true), (day, slots, false)] {
        scene.world = locked.clone();
        scene.world.chain.warp(seconds, slots);
        match error {
            true => scene.void_refused(&live, E::GraceNotOver),
            false => scene.void(&live, VoidReason::GraceExpired),
        }
    }
    scene.refunds_all(&live);
    // A value that comes after grace, but before anybody voided, still decides.
    scene.world = locked;
    scene.world.chain.warp(10 * day, 10 * slots);
    scene.draws(&live);
}

#[test]
fn the_target_is_the_first_round_signed_after_the_margin() {
    for margin in [30, 31, 32, 33, 100, 86_400] {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.add_own_beacon();
        let mut spec = Spec::coin().beacon();
        spec.config.beacon_margin_seconds = margin;
        let game = world.create(spec);
        for wait in 0..4 {
            world.chain.warp(wait, 1);
            let live = world.open(&game);
            let round = world.round(&live);
            let from = round.locks_at + margin as i64;
            let signed_at = SCHEDULE.signed_at(round.beacon_round).expect("in range");
            assert!((from..from + 3).contains(&signed_at), "margin {margin}: {} s after", signed_at - from);
            assert_eq!(round.beacon, own_address().to_bytes());
            world.lock(&live);
        }
    }
}

#[test]
fn a_stale_proof_of_another_round_of_the_lottery_decides_nothing() {
    let mut scene = Scene::new();
    let first = scene.open();
    scene.world.lock(&first);
    let second = scene.open();
    scene.world.lock(&second);
    let (one, two) = (own_proof(scene.target(&first)), own_proof(scene.target(&second)));
    let cranker = scene.world.cranker;
    let post = |live: &Live, proof: &[u8]| ix::post_value(cranker, live.key, own_address(), proof);
    scene.world.chain.expect_error(&post(&first, &two), E::BeaconWrongWitness);
    scene.world.chain.expect_error(&post(&second, &one), E::BeaconWrongWitness);
    scene.world.chain.expect_ok(&post(&second, &two));
    scene.world.chain.expect_ok(&post(&first, &one));
    assert_ne!(scene.world.round(&first).value, scene.world.round(&second).value);
}
