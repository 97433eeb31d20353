//! Two lotteries alike, so that every account has a twin.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Pubkey, Spec, World,
    house::{keno_quick, keno_rules, paytable_of},
    market::{pro_rata, tickets},
};

/// Where the twin of an account stands in, what must be answered.
pub enum Answer {
    /// The program's error.
    Named(Pubkey, LotteryError),
    /// The address is derived from another account of the instruction: "invalid seeds".
    Seeds(Pubkey),
    /// Any account of this kind will do: the instruction then means another lottery or round.
    Any,
}
pub struct Case {
    pub name: &'static str,
    pub world: World,
    pub instruction: Instruction,
    /// By place of the account.
    pub answers: Vec<(usize, Answer)>,
}

/// Two lotteries alike, each with a round, a page and a player, and one more in another mint.
#[derive(Clone)]
pub struct Twins {
    pub world: World,
    pub game: Game,
    pub live: Live,
    pub player: Player,
    pub other: Game,
    pub other_live: Live,
    pub other_player: Player,
    pub in_tokens: Game,
    /// House games, which have a bankroll.
    pub keno: Game,
    pub other_mint_keno: Game,
    /// What `enter` takes for one more ticket: quick picks, and bytes.
    pub one_more: (u8, Vec<u8>),
}

/// Draws in which every other ticket wins.
pub fn draw_twins() -> Twins {
    twins(Spec::coin(), (1, vec![]), |world, live, player| {
        world.enter(live, player, 0, &[&[1], &[2]]);
        world.enter_quick(live, player, 0, 13);
    })
}

/// Keno games in which every ticket wins something.
pub fn keno_twins() -> Twins {
    let rules = keno_rules(paytable_of(&[&[(0, 5_000), (1, 20_000)]]));
    twins(Spec::house_with(rules), (1, keno_quick(1_000, 1)), |world, live, player| {
        world.enter_keno_quick(live, player, 0, 15, 1_000, 1);
    })
}

/// Markets in which every bet gets something back, as the larger side loses.
pub fn market_twins() -> Twins {
    // A market needs no bond, but may have one.
    let spec = Spec { bond_units: 1_000, ..Spec::market(pro_rata()) };
    twins(spec, (0, tickets(&[(1_000, 0)])), |world, live, player| {
        world.bet(live, player, 0, &[(1_000, 0); 6]);
        world.bet(live, player, 0, &[(2_000, 1); 9]);
    })
}

/// Each `enter` fills the first page.
pub fn twins(spec: Spec, one_more: (u8, Vec<u8>), enter: fn(&mut World, &Live, &Player)) -> Twins {
    let mut world = World::new();
    let spec = spec.pages(20, 2);
    // Another set than that of markets.
    world.add_oracles(4);
    let (game, other) = (world.create(spec.clone()), world.create(spec.clone()));
    let in_tokens = world.create(spec.money(Money::Spl));
    let keno = world.create(Spec::keno());
    let other_mint_keno = world.create(Spec::keno().money(Money::Spl));
    let (live, other_live) = (world.open(&game), world.open(&other));
    let (player, other_player) =
        (world.player(Money::Sol, 100_000_000), world.player(Money::Sol, 100_000_000));
    world.player(Money::Spl, 5);
    enter(&mut world, &live, &player);
    enter(&mut world, &other_live, &other_player);
    Twins {
        world,
        game,
        live,
        player,
        other,
        other_live,
        other_player,
        in_tokens,
        keno,
        other_mint_keno,
        one_more,
    }
}

impl Twins {
    /// Does the same to both rounds.
    pub fn both(mut self, step: impl Fn(&mut World, &Live)) -> Self {
        step(&mut self.world, &self.live.clone());
        step(&mut self.world, &self.other_live.clone());
        self
    }

    pub fn case(&self, name: &'static str, instruction: Instruction, answers: Vec<(usize, Answer)>) -> Case {
        Case { name, world: self.world.clone(), instruction, answers }
    }
}
