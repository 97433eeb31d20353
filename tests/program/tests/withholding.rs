//! Withholding the reveal never pays: the same world played twice, once with the reveal and once without, and all that the
//! operator owns compared.
//!
//! Of the best case for the operator, with all that it can own: others win everything, the rolled-over jackpot included,
//! and after withholding the whole jackpot is counted as the operator's. In lamports, for a stake of 1,000,000, 100 tickets, a
//! jackpot of 500 stakes and an earlier round of 100 stakes that rolls over; and for keno with a liability of 1,520,000,000
//! (`cargo test --workspace --test program withholding -- --nocapture` prints them):
//!
//! | game | operator's tickets | compensation | operator after revealing | after withholding | difference |
//! |---|---|---|---|---|---|
//! | draw | 0 % | 0 % | 14010000000 | 13900000000 | -110000000 |
//! | draw | 0 % | 50 % | 14010000000 | 13850000000 | -160000000 |
//! | draw | 0 % | 100 % | 14010000000 | 13800000000 | -210000000 |
//! | draw | 50 % | 0 % | 13960000000 | 13900000000 | -60000000 |
//! | draw | 50 % | 50 % | 13960000000 | 13875000000 | -85000000 |
//! | draw | 50 % | 100 % | 13960000000 | 13850000000 | -110000000 |
//! | draw | 99 % | 0 % | 13911000000 | 13900000000 | -11000000 |
//! | draw | 99 % | 50 % | 13911000000 | 13899500000 | -11500000 |
//! | draw | 99 % | 100 % | 13911000000 | 13899000000 | -12000000 |
//! | keno | 0 % | 0 % | 11008880000000 | 11006960000000 | -1920000000 |
//! | keno | 0 % | 50 % | 11008880000000 | 11006960000000 | -1920000000 |
//! | keno | 0 % | 100 % | 11008880000000 | 11006960000000 | -1920000000 |
//! | keno | 50 % | 0 % | 11009440000000 | 11006960000000 | -2480000000 |
//! | keno | 50 % | 50 % | 11009440000000 | 11007060000000 | -2380000000 |
//! | keno | 50 % | 100 % | 11009440000000 | 11007160000000 | -2280000000 |
//! | keno | 99 % | 0 % | 11009988800000 | 11006960000000 | -3028800000 |
//! | keno | 99 % | 50 % | 11009988800000 | 11007158000000 | -2830800000 |
//! | keno | 99 % | 100 % | 11009988800000 | 11007356000000 | -2632800000 |

use program_tests::{
    Game, Live, Money, Player, Spec, World,
    args::MAX_TICKETS,
    game::draw_rules,
    house::{keno_rules, paytable_of},
};

const STAKE: u64 = 1_000_000;
const TICKETS: u64 = 100;
const JACKPOT: u64 = 500 * STAKE;
const SHARES: [u64; 3] = [0, 50, 99];
const CAPS: [u16; 3] = [0, 5_000, 10_000];
/// A draw goes the way that is wanted once in four times.
const TRIES: u64 = 100;

/// A lottery whose operator also plays, and another player.
#[derive(Clone)]
struct Scene {
    world: World,
    game: Game,
    other: Player,
}

impl Scene {
    fn new(spec: Spec) -> Self {
        let mut world = World::new();
        let game = world.create(spec);
        let other = world.player(Money::Sol, 10_000_000_000);
        world.grant(game.operator.owner, Money::Sol, 20_000_000_000);
        world.deposit(&game.operator, 10_000_000_000);
        Self { world, game, other }
    }

    /// All that is the operator's, or could become its: its wallet, fees, bond and bankroll.
    fn wealth(&self) -> u64 {
        let lottery = self.world.lottery(&self.game);
        self.world.balance(&self.game.operator)
            + lottery.fees_units
            + lottery.bond_free_units
            + lottery.bond_reserved_units
            + lottery.bankroll_free_units
            + lottery.bankroll_reserved_units
    }

    /// Reveals, and pays all prizes.
    fn reveal(&mut self, live: &Live) {
        self.world.to_final(live);
        self.world.pay_all(live);
    }

    /// Keeps the reveal until the round is void, and refunds all stakes.
    fn withhold(&mut self, live: &Live) {
        self.world.to_void(live);
        self.world.refund_all(live);
        self.world.finalise(live);
    }

    /// So many draw tickets with a number.
    fn pick(&mut self, live: &Live, player: &Player, number: u8, count: u64) {
        let ticket = [number];
        let tickets = vec![ticket.as_slice(); count as usize];
        for some in tickets.chunks(MAX_TICKETS) {
            self.world.enter(live, player, 0, some);
        }
    }
}

/// What the operator has in the two worlds.
struct Outcome {
    revealed: u64,
    withheld: u64,
}

impl Outcome {
    fn print(&self, game: &str, share: u64, cap: u16) {
        let loss = self.revealed as i64 - self.withheld as i64;
        println!(
            "//! | {game} | {share} % | {} % | {} | {} | -{loss} |",
            cap / 100,
            self.revealed,
            self.withheld
        );
    }
}

/// A progressive draw of one number of two. Of the 100 tickets the operator holds `share`, all on the number that loses;
/// nobody wins the earlier round, which is not final when this one opens.
fn draw(share: u64, cap: u16) -> Outcome {
    let mut rules = draw_rules(1, 2, 0, &[(1, 0, 10_000)]);
    rules.rollover = 1;
    let mut spec = Spec { rules: rules.into(), jackpot_units: JACKPOT, ..Spec::default().pages(100, 1) };
    spec.config.compensation_cap_bps = cap;
    let begun = Scene::new(spec);
    for attempt in 0..TRIES {
        let mut scene = begun.clone();
        scene.world.chain.warp(0, attempt);
        let (operator, other) = (scene.game.operator, scene.other);
        let earlier = scene.world.open(&scene.game.clone());
        scene.pick(&earlier, &other, 1, TICKETS);
        let live = scene.world.open(&scene.game.clone());
        let pool = TICKETS * STAKE;
        let compensation = pool * cap as u64 / 10_000;
        assert_eq!(scene.world.round(&live).bond_units, pool + compensation + JACKPOT + pool);
        scene.pick(&live, &operator, 2, share);
        scene.pick(&live, &other, 1, TICKETS - share);
        scene.reveal(&earlier);
        if scene.world.round(&earlier).winners_total > 0 {
            continue;
        }
        let jackpot = scene.world.lottery(&scene.game).jackpot_units;
        assert!(jackpot > JACKPOT, "the earlier round rolled over");

        let mut revealed = scene.clone();
        revealed.reveal(&live);
        let before = scene.world.balance(&other);
        if revealed.world.balance(&other) < before + JACKPOT {
            continue;
        }
        assert_eq!(revealed.world.lottery(&scene.game).jackpot_units, 0, "the others won everything");
        let mut withheld = scene;
        withheld.withhold(&live);
        // A third round is all that is left to win it in, and others play there too.
        assert_eq!(withheld.world.lottery(&withheld.game).jackpot_units, jackpot);
        return Outcome { revealed: revealed.wealth(), withheld: withheld.wealth() + jackpot };
    }
    panic!("in {TRIES} tries the others never won");
}

/// Keno with one spot of 38,000: a full page, all of whose other tickets win. The operator holds `share` of the tickets.
fn keno(share: u64, cap: u16) -> Outcome {
    let rows: [&[(usize, u32)]; 10] = [&[(1, 38_000)], &[], &[], &[], &[], &[], &[], &[], &[], &[]];
    let liability = TICKETS * 4 * STAKE * 38_000 / 10_000;
    let spec = Spec::house_with(keno_rules(paytable_of(&rows))).pages(100, 1);
    let mut spec = spec.budgets(liability, liability).stakes(STAKE, 4 * STAKE);
    spec.config.compensation_cap_bps = cap;
    let begun = Scene::new(spec);
    for attempt in 0..TRIES {
        let mut scene = begun.clone();
        scene.world.chain.warp(0, attempt);
        let (operator, other) = (scene.game.operator, scene.other);
        let live = scene.world.open(&scene.game.clone());
        assert_eq!(scene.world.round(&live).bond_units, 2 * liability);
        for ticket in 0..TICKETS {
            let (player, number) = if ticket < share { (&operator, [2]) } else { (&other, [1]) };
            scene.world.enter_keno(&live, player, 0, &[(4 * STAKE, &number)]);
        }
        assert_eq!(scene.world.page(&live, 0).liability_units, liability, "the caps are full");
        let mut revealed = scene.clone();
        revealed.reveal(&live);
        let prizes = revealed.world.round(&live).prizes_units;
        if revealed.world.balance(&other) < 10_000_000_000
            || prizes != liability / TICKETS * (TICKETS - share)
        {
            continue;
        }
        let mut withheld = scene;
        withheld.withhold(&live);
        return Outcome { revealed: revealed.wealth(), withheld: withheld.wealth() };
    }
    panic!("in {TRIES} tries the others never won");
}

fn never_pays(game: &str, play: impl Fn(u64, u16) -> Outcome) {
    for share in SHARES {
        for cap in CAPS {
            let outcome = play(share, cap);
            outcome.print(game, share, cap);
            assert!(
                outcome.withheld < outcome.revealed,
                "{game}: with {share} % of the stakes and {cap} of compensation withholding pays"
            );
        }
    }
}

#[test]
fn withholding_a_jackpot_from_others_costs_more_than_it_saves() {
    never_pays("draw", draw);
}

#[test]
fn withholding_the_largest_win_of_a_house_game_costs_more_than_it_saves() {
    never_pays("keno", keno);
}
