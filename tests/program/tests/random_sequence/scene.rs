//! Where the random sequence plays: three draws, each in another kind of money, a keno and an instant game, a draw and a
//! keno game on a beacon, two prediction markets, one on a timetable, and people.

use std::{collections::BTreeMap, rc::Rc};

use program_tests::{
    AccountLayout, Game, Money, Pubkey, Spec, World,
    accounts::{Config, Entry, Page, Round, Wallet},
    address, audit,
    game::draw_rules,
    house::{instant_rules, keno_rules, paytable_of},
    kinds::Kind,
    market::reporters,
    replay,
    world::LAMPORTS,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    market::{Market, PARIMUTUEL, PRO_RATA},
    markets::random_market,
    model::{GameModel, Model, PageModel, RoundModel},
    reporters::OracleSet,
};

/// People who play; after them come operator and treasurer of each lottery, and the treasury.
pub const PLAYERS: usize = 6;
pub const GAMES: usize = 9;
/// The last of the games.
pub const MARKETS: usize = 2;
/// Reporters of each oracle set.
const SETS: [u8; 5] = [1, 2, 3, 5, 8];
pub const TREASURY: usize = PLAYERS + 2 * GAMES;

pub fn operator(game: usize) -> usize {
    PLAYERS + 2 * game
}

pub fn treasurer(game: usize) -> usize {
    operator(game) + 1
}

/// As many as the places of any page here.
const ZEROS: [u8; 40 * size_of::<Entry>()] = [0; _];

/// The chain, and the model beside it.
pub struct Scene {
    pub world: World,
    pub model: Model,
    /// By person.
    pub people: Vec<Pubkey>,
    /// The first is within the second, and so on.
    pub sets: Vec<OracleSet>,
}

/// Nine spots are not offered; the third page of a round gets less budget than the others.
fn keno() -> Spec {
    let rows: [&[(usize, u32)]; 10] = [
        &[(1, 38_000)],
        &[(1, 10_000), (2, 95_000)],
        &[(2, 20_000), (3, 480_000)],
        &[(2, 10_000), (3, 50_000), (4, 1_700_000)],
        &[(3, 40_000), (4, 250_000), (5, 4_800_000)],
        &[(3, 20_000), (4, 100_000), (5, 1_100_000), (6, 5_000_000)],
        &[(3, 10_000), (4, 50_000), (5, 400_000), (6, 2_000_000), (7, 5_000_000)],
        &[(4, 40_000), (5, 200_000), (6, 900_000), (7, 3_000_000), (8, 5_000_000)],
        &[],
        &[
            (0, 30_000),
            (5, 50_000),
            (6, 280_000),
            (7, 1_200_000),
            (8, 3_000_000),
            (9, 4_000_000),
            (10, 5_000_000),
        ],
    ];
    let spec = Spec::house_with(keno_rules(paytable_of(&rows)));
    let mut spec = spec.pages(40, 3).budgets(8_000_000, 18_000_000).stakes(103, 200_000);
    spec.limits.max_entries_per_round = 100;
    spec.limits.period_seconds = 45;
    Spec { chain_length: 20_000, bond_units: 150_000_000, bankroll_units: 30_000_000, ..spec }
}

/// Two of three tickets win something; amounts never divide evenly.
fn instant() -> Spec {
    let prizes = [(4_294_967, 2_500_003), (858_993_459, 20_001), (1_717_986_918, 7_777)];
    let spec = Spec::house_with(instant_rules(&prizes)).money(Money::Spl);
    let mut spec = spec.pages(40, 3).budgets(10_000_003, 25_000_009).stakes(7, 30_000);
    spec.limits.max_entries_per_player = 15;
    spec.limits.period_seconds = 31;
    spec.config.fee_bps = 299;
    Spec { chain_length: 20_000, bond_units: 200_000_000, bankroll_units: 30_000_000, ..spec }
}

/// Stakes of players only, on random mappings; a tenth of what losers lose is the fee.
fn market(mode: u8, sets: &[OracleSet]) -> Spec {
    let mut random = ChaCha8Rng::seed_from_u64(mode as u64);
    let rules = random_market(&mut random, mode, sets);
    let mut spec = Spec::market(rules.stored()).pages(14, 3).stakes(101, 1_000_003);
    spec.config.fee_bps = 977;
    // Long enough for bets on several sides.
    spec.limits.period_seconds = 90;
    spec
}

fn specs(sets: &[OracleSet]) -> [Spec; GAMES] {
    let coin = Spec { chain_length: 20_000, bond_units: 150_000_000, ..Spec::coin() };
    let mut coin = coin.pages(8, 3);
    // Not a whole number of pages.
    coin.limits.max_entries_per_round = 20;

    let mut progressive = Spec { chain_length: 20_000, bond_units: 3_000_000_000, ..Spec::progressive() };
    progressive = progressive.money(Money::Spl).pages(10, 2);
    progressive.limits.max_entries_per_player = 12;
    progressive.limits.period_seconds = 30;
    progressive.jackpot_units = 30_000_000;

    let rules = draw_rules(2, 6, 3, &[(2, 1, 4_001), (2, 0, 2_999), (1, 1, 2_000), (1, 0, 1_000)]);
    let mut pair = Spec { chain_length: 20_000, rules: rules.into(), ..Spec::default() }
        .money(Money::Token2022)
        .pages(6, 4);
    // Amounts that never divide evenly.
    pair.config.stake_units = 1_000_003;
    pair.config.fee_bps = 333;
    pair.limits.period_seconds = 90;
    pair.bond_units = 200_000_000;
    let drawn = Spec { jackpot_units: 100_000_000, ..Spec::progressive() }.pages(9, 3).beacon();
    let spots = keno().money(Money::Token2022).beacon();
    let sides = market(PRO_RATA, sets).money(Money::Token2022);
    let mut field = market(PARIMUTUEL, sets);
    // At 7 seconds past a multiple of 80.
    (field.limits.period_seconds, field.limits.lock_offset_seconds) = (80, 7);
    let mut all = [coin, progressive, pair, keno(), instant(), drawn, spots, sides, field];
    for spec in &mut all {
        spec.config.claim_seconds = 3_600;
    }
    all
}

impl Scene {
    pub fn new() -> Self {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.allow_beacon(Kind::Keno);
        world.add_own_beacon();
        let sets = SETS.map(|count| {
            world.add_oracles(count);
            OracleSet::new(&reporters(count))
        });
        let games: Vec<Game> = specs(&sets).map(|spec| world.create(spec)).to_vec();
        let mut people: Vec<Pubkey> = (0..PLAYERS).map(|_| world.chain.funded("player", LAMPORTS)).collect();
        for game in &games {
            people.extend([game.operator.owner, game.treasurer]);
        }
        people.push(world.treasury);
        for person in &people {
            for money in Money::ALL {
                world.wallet_of(*person, money, 300_000_000);
                world.grant(*person, money, 5_000_000_000);
            }
        }
        let mut scene = Self { model: Model::empty(&world), world, people, sets: sets.into() };
        scene.model.games = games.into_iter().map(|game| scene.game_model(game)).collect();
        let keys =
            |person: &Pubkey| Money::ALL.map(|money| address::wallet(person, &scene.world.mint(money)).0);
        scene.model.wallet_keys = scene.people.iter().map(keys).collect();
        scene.model.wallets = scene.wallets_on_chain();
        for person in 0..scene.people.len() {
            for (money, kind) in Money::ALL.into_iter().enumerate() {
                let outside = scene.world.outside(scene.people[person], kind);
                scene.model.outside.insert((person, money), outside);
            }
        }
        scene
    }

    fn game_model(&self, game: Game) -> GameModel {
        let lottery = self.world.lottery(&game);
        let key = Pubkey::new_from_array(lottery.config);
        let money = Money::ALL.iter().position(|money| *money == game.spec.money).expect("one of three");
        GameModel {
            config: self.world.chain.account::<Config>(key),
            rules: replay::rules_of(&self.world.chain, key),
            rounds: BTreeMap::new(),
            money,
            lottery,
            game: Rc::new(game),
        }
    }

    /// How many report for a market.
    pub fn reporters_of(&self, market: &Market) -> usize {
        let oracles = Pubkey::new_from_array(market.rules.oracles);
        self.sets.iter().find(|set| set.key == oracles).expect("a set of the scene").reporters.len()
    }

    pub fn mint(&self, money: usize) -> Pubkey {
        self.world.mint(Money::ALL[money])
    }

    pub fn wallet_key(&self, person: usize, money: usize) -> Pubkey {
        self.model.wallet_keys[person][money]
    }

    fn wallets_on_chain(&self) -> BTreeMap<(usize, usize), Wallet> {
        let all =
            (0..self.people.len()).flat_map(|person| (0..Money::ALL.len()).map(move |money| (person, money)));
        all.filter_map(|id| Some((id, self.world.chain.try_account(self.wallet_key(id.0, id.1))?))).collect()
    }

    /// Every field of every account is what the model says.
    pub fn compare(&self) {
        assert_eq!(self.wallets_on_chain(), self.model.wallets);
        for (money, total) in self.model.totals.iter().enumerate() {
            assert_eq!(audit::vault(&self.world.chain, &self.mint(money)).total_units, *total);
        }
        for ((person, money), outside) in &self.model.outside {
            // Lamports also pay for rent.
            if Money::ALL[*money] != Money::Sol {
                assert_eq!(self.world.outside(self.people[*person], Money::ALL[*money]), *outside);
            }
        }
        // Registry, beacon, oracle sets, vaults, wallets, and lotteries with their configs: nothing else exists.
        let mut accounts = 2 + self.sets.len() + Money::ALL.len() + self.model.wallets.len();
        for game in &self.model.games {
            assert_eq!(self.world.lottery(&game.game), game.lottery);
            let config = Pubkey::new_from_array(game.lottery.config);
            assert_eq!(self.world.chain.account::<Config>(config), game.config);
            accounts += 1 + game.lottery.config_count as usize;
            assert_eq!(game.rounds.len(), game.lottery.live_rounds as usize);
            for round in game.rounds.values() {
                self.compare_round(round);
                accounts += 1;
                for page in round.pages.iter().flatten() {
                    self.compare_page(page);
                    accounts += 1;
                }
            }
        }
        assert_eq!(self.world.chain.program_accounts().count(), accounts);
    }

    fn compare_round(&self, round: &RoundModel) {
        assert_eq!(self.world.chain.account::<Round>(round.key), round.round);
        let tail = Round::tail(self.world.chain.data(round.key));
        let pools: &[u8] = bytemuck::cast_slice(&round.pools);
        let attestations: &[u8] = bytemuck::cast_slice(&round.attestations);
        assert_eq!(tail, [pools, attestations].concat(), "stakes on each outcome, and attestations");
    }

    fn compare_page(&self, page: &PageModel) {
        assert_eq!(self.world.chain.account::<Page>(page.key), page.page);
        let tail = Page::tail(self.world.chain.data(page.key));
        let (places, pools) = tail.split_at(page.page.capacity as usize * size_of::<Entry>());
        let entries: &[u8] = bytemuck::cast_slice(&page.entries);
        assert_eq!(&places[..entries.len()], entries);
        assert_eq!(places[entries.len()..], ZEROS[..places.len() - entries.len()], "free places are zero");
        assert_eq!(pools, bytemuck::cast_slice::<u64, u8>(&page.pools), "stakes on each outcome");
    }
}

impl Model {
    fn empty(world: &World) -> Self {
        let (now, slot) = (world.chain.now(), world.chain.slot());
        let totals =
            Money::ALL.map(|money| audit::vault(&world.chain, &world.mint(money)).total_units).to_vec();
        Self {
            now,
            slot,
            restart_slot: 0,
            produced: (slot - 512..slot).collect(),
            wallet_keys: Rc::new([]),
            games: Vec::new(),
            wallets: BTreeMap::new(),
            outside: BTreeMap::new(),
            totals,
        }
    }
}
