//! Proofs of real rounds, of every kind and both sources: played on the embedded chain, indexed, asked for, recomputed.

mod support;

use std::{sync::Arc, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use lottery_client::{
    Instruction, Keypair, Pubkey, Rpc, RpcConfig, SendOptions, Signer,
    proof::{Proof, Randomness, first_failed, recompute},
};
use lottery_indexer::{Indexer, Walk, metrics::Metrics, source::RpcSource};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, DrawRules, DrawTier, Round},
    address,
    args::{BeaconArgs, ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs},
    instructions::{self as ix, TokenSide},
    kinds::{RoundStatus, Source},
};
use lottery_localnet::{LocalBeacon, Localnet, LocalnetConfig};
use lottery_rules::{
    beacon::{self, SoftwareCurve},
    commit_reveal::HashChain,
};
use serde_json::json;
use support::Service;

const SOL: u64 = 1_000_000_000;
const STAKE: u64 = 10_000;
const NATIVE: Pubkey = Pubkey::new_from_array([0; 32]);
/// Lottery ids are these places and one more.
const GAMES: [(Kind, Source); 4] = [
    (Kind::Draw, Source::Beacon),
    (Kind::Draw, Source::CommitReveal),
    (Kind::Keno, Source::CommitReveal),
    (Kind::Instant, Source::Beacon),
];

struct Play {
    localnet: Localnet,
    beacon: LocalBeacon,
    rpc: Rpc,
    service: Service,
    operator: Keypair,
    hash_chain: HashChain,
}

fn lottery(id: u64) -> Pubkey {
    address::lottery(id).0
}

fn config(id: u64) -> Pubkey {
    address::config(&lottery(id), 0).0
}

fn round(id: u64) -> Pubkey {
    address::round(&lottery(id), 0).0
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

fn rules(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Keno => bytes_of(&support::keno_rules()).to_vec(),
        Kind::Instant => bytes_of(&support::instant_rules()).to_vec(),
        _ => {
            let mut rules =
                DrawRules { picks: 5, numbers: 69, bonus_numbers: 26, tier_count: 1, ..Zeroable::zeroed() };
            rules.tiers[0] = DrawTier { matches: 5, bonus: 1, share_bps: 10_000 };
            bytes_of(&rules).to_vec()
        }
    }
}

fn limits(kind: Kind) -> LimitsArgs {
    let draw = LimitsArgs {
        page_entries: 4,
        max_pages: 2,
        max_entries_per_round: 8,
        period_seconds: 60,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        ..Zeroable::zeroed()
    };
    if !kind.is_house() {
        return draw;
    }
    LimitsArgs {
        max_stake_units: STAKE,
        min_stake_units: STAKE,
        page_budget_units: 3_200 * STAKE,
        max_liability_units: 6_400 * STAKE,
        ..draw
    }
}

impl Play {
    async fn start() -> Self {
        let operator = Keypair::new();
        let funded = vec![(operator.pubkey(), 200 * SOL)];
        let config = LocalnetConfig { funded, slot_ms: 100, ..Default::default() };
        let localnet = Localnet::start(config).await.unwrap();
        let beacon = LocalBeacon::start([7; 32], 3, 0).await.unwrap();
        let rpc = Rpc::with_config(RpcConfig::new(vec![localnet.rpc_url.clone()]));
        let url = localnet.rpc_url.clone();
        let service = Service::start_empty(|config| config.rpc_urls = vec![url]).await;
        let hash_chain = HashChain::new(&[3; 32], 10).unwrap();
        let play = Self { localnet, beacon, rpc, service, operator, hash_chain };
        play.create().await;
        play
    }

    async fn send(&self, instructions: &[Instruction]) {
        let sent = self.rpc.send(instructions, &[&self.operator], &SendOptions::default()).await;
        sent.unwrap_or_else(|error| panic!("tag {}: {error}", instructions[0].data[0]));
    }

    async fn round(&self, id: u64) -> Round {
        Round::read(&self.localnet.account(round(id)).await.unwrap().unwrap().data).unwrap()
    }

    fn beacon_key(&self) -> Pubkey {
        address::beacon(&hex(&self.beacon.info.chain_hash)).0
    }

    /// Signature and witness of a round of the beacon.
    fn signed(&self, round: u64) -> [u8; 128] {
        let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
        beacon::proof(&self.beacon.sign(round), &witness)
    }

    async fn create(&self) {
        let operator = self.operator.pubkey();
        let mut registry =
            RegistryArgs { treasury: operator.to_bytes(), fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        (registry.min_grace_seconds, registry.min_grace_slots, registry.min_claim_seconds) = (1, 1, 1);
        for (kind, source) in GAMES {
            registry.allowed_sources[kind as usize] |= 1 << source as u8;
        }
        let info = &self.beacon.info;
        let args = BeaconArgs {
            public_key: hex(&info.public_key),
            chain_hash: hex(&info.chain_hash),
            genesis_at: info.genesis_at,
            round: 1,
            period_seconds: info.period_seconds,
            reserved: 0,
        };
        self.send(&[ix::init_registry(operator, &registry)]).await;
        self.send(&[ix::open_vault(operator, NATIVE, address::SYSTEM_PROGRAM)]).await;
        self.send(&[ix::add_beacon(operator, &args, &self.signed(1))]).await;
        let deposit = ix::deposit(operator, TokenSide::native(operator), 50 * SOL);
        self.send(&[ix::open_wallet(operator, operator, NATIVE), deposit]).await;
        for (id, (kind, source)) in (1..).zip(GAMES) {
            self.create_lottery(id, kind, source).await;
        }
    }

    async fn create_lottery(&self, id: u64, kind: Kind, source: Source) {
        let operator = self.operator.pubkey();
        let about =
            LotteryArgs { name: [0; 32], pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        let from_beacon = source == Source::Beacon;
        let config = ConfigArgs {
            beacon: if from_beacon { self.beacon_key().to_bytes() } else { [0; 32] },
            beacon_margin_seconds: if from_beacon { 30 } else { 0 },
            reveal_delay_slots: if from_beacon { 0 } else { 2 },
            stake_units: if kind.is_house() { 0 } else { STAKE },
            grace_seconds: 86_400,
            grace_slots: 216_000,
            claim_seconds: 60,
            fee_bps: 100,
            kind: kind as u8,
            source: source as u8,
            ..Zeroable::zeroed()
        };
        self.send(&[ix::create_lottery(operator, id, NATIVE, &about, &limits(kind), &config, &rules(kind))])
            .await;
        let mut steps = vec![ix::fund_crank(operator, id, SOL)];
        if !from_beacon {
            steps.push(ix::set_chain(operator, id, &self.hash_chain.commit(), 10));
            steps.push(ix::fund_bond(operator, id, NATIVE, SOL));
        }
        if kind.is_house() {
            steps.push(ix::fund_bankroll(operator, id, NATIVE, SOL));
        }
        steps.push(ix::activate_lottery(operator, id));
        self.send(&steps).await;
    }

    /// Two pages, the second with fewer entries.
    async fn sell(&self, id: u64, kind: Kind) {
        let operator = self.operator.pubkey();
        let wallet = address::wallet(&operator, &NATIVE).0;
        let quick = match kind {
            Kind::Keno => [&STAKE.to_le_bytes()[..], &[4]].concat(),
            Kind::Instant => STAKE.to_le_bytes().to_vec(),
            _ => vec![],
        };
        self.send(&[ix::open_round(operator, lottery(id), config(id), 0)]).await;
        for (sequence, count) in [(0, 4), (1, 2)] {
            self.send(&[ix::open_page(operator, lottery(id), round(id), sequence)]).await;
            let page = address::page(&round(id), sequence).0;
            self.send(&[ix::enter(operator, wallet, round(id), page, count, &quick)]).await;
        }
    }

    async fn value(&self, id: u64) {
        let operator = self.operator.pubkey();
        let open = self.round(id).await;
        if open.source == Source::Beacon as u8 {
            let proof = self.signed(open.beacon_round);
            return self.send(&[ix::post_value(operator, round(id), self.beacon_key(), &proof)]).await;
        }
        let reveal = self.hash_chain.link(open.chain_position as u32).unwrap();
        let post = ix::post_value(operator, round(id), Pubkey::default(), &reveal);
        self.send(&[ix::capture(operator, round(id)), post]).await;
    }

    async fn index(&self) {
        let pool = self.service.pool.clone();
        let source = RpcSource::new(self.localnet.rpc_url.clone(), address::PROGRAM_ID, Walk::Auto);
        let tip = self.localnet.clock().await.slot as i64;
        let mut indexer = Indexer::new(
            pool.clone(),
            source,
            Arc::<Metrics>::default(),
            Arc::default(),
            Duration::from_millis(50),
        );
        loop {
            let more = indexer.step().await.unwrap();
            let slot: i64 = sqlx::query_scalar("SELECT slot FROM cursor").fetch_one(&pool).await.unwrap();
            if slot >= tip && !more {
                break;
            }
        }
        let open = "SELECT count(*) FROM quarantine";
        assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&pool).await.unwrap(), 0);
    }

    async fn proof(&self, id: u64) -> Proof {
        let by_address = self.service.ok(&format!("/api/rounds/{}/proof", round(id))).await;
        assert_eq!(self.service.ok(&format!("/api/lotteries/{id}/rounds/0/proof")).await, by_address);
        serde_json::from_value(by_address).unwrap()
    }
}

/// One change after the other, each found by the step that it belongs to.
fn assert_tampering_is_found(proof: &Proof) {
    let failed = |tamper: &dyn Fn(&mut Proof)| {
        let mut proof = proof.clone();
        tamper(&mut proof);
        first_failed(&recompute(&proof)).map(|step| step.name)
    };
    assert_eq!(failed(&|_| {}), None);
    assert_eq!(failed(&|p| p.value[3] ^= 1), Some("value"));
    assert_eq!(failed(&|p| p.pages[1].digest[0] ^= 1), Some("sealed_digest"));
    assert_eq!(failed(&|p| p.pages[0].count += 1), Some("sealed_digest"));
    assert_eq!(failed(&|p| p.seed = Some([1; 32])), Some("seed"));
    assert_eq!(failed(&|p| p.stream.as_mut().unwrap().bytes += 1), Some("stream"));
    assert_eq!(failed(&|p| p.result.as_mut().unwrap().data[31] ^= 1), Some("result"));
    let source = failed(&|p| match &mut p.randomness {
        Randomness::Beacon(beacon) => beacon.signature[63] ^= 1,
        Randomness::CommitReveal(reveal) => reveal.reveal[0] ^= 1,
        Randomness::Oracle(_) => unreachable!("no market is played here"),
    });
    let of_source = match proof.randomness {
        Randomness::Beacon(_) => "signature",
        Randomness::CommitReveal(_) => "reveal",
        Randomness::Oracle(_) => unreachable!("no market is played here"),
    };
    assert_eq!(source, Some(of_source));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_rounds_are_proved_to_whoever_asks() {
    let play = Play::start().await;
    let operator = play.operator.pubkey();
    for (id, (kind, _)) in (1..).zip(GAMES) {
        play.sell(id, kind).await;
    }
    play.index().await;
    for (id, (_, source)) in (1..).zip(GAMES) {
        let problem = play.service.problem(&format!("/api/rounds/{}/proof", round(id)), 409).await;
        let open = play.round(id).await;
        let expected_at = match source {
            Source::Beacon => play.beacon.info.genesis_at + (open.beacon_round as i64 - 1) * 3,
            _ => open.locks_at + 2,
        };
        assert_eq!(problem["expected_at"], json!(expected_at));
    }
    play.localnet.advance(Duration::from_secs(95)).await.unwrap();
    play.localnet.produce_blocks(5).await.unwrap();
    for id in 1..=4 {
        play.send(&[ix::seal_page(operator, round(id), 0), ix::seal_page(operator, round(id), 1)]).await;
        play.value(id).await;
    }
    play.index().await;
    // The result is fixed, though nobody has drawn it.
    let ahead = play.proof(1).await;
    assert_eq!((ahead.status.as_str(), ahead.seed, ahead.result.clone()), ("valued", None, None));
    let computed = recompute(&ahead);
    assert_eq!(first_failed(&computed), None);

    for id in 1..=4 {
        play.send(&[ix::draw(operator, round(id), config(id))]).await;
    }
    play.index().await;
    for (id, (kind, source)) in (1..).zip(GAMES) {
        let proof = play.proof(id).await;
        let drawn = play.round(id).await;
        assert_eq!(drawn.status, RoundStatus::Drawn as u8);
        assert_eq!(
            (proof.value, proof.seed, proof.sealed_digest),
            (drawn.value, Some(drawn.seed), Some(drawn.sealed_digest))
        );
        assert_eq!(proof.result.as_ref().map(|result| result.data), Some(drawn.result));
        assert_eq!(proof.pages.iter().map(|page| page.count).collect::<Vec<_>>(), [4, 2]);
        assert_eq!(proof.randomness_source(), source.name(), "{kind:?}");
        assert_tampering_is_found(&proof);
    }
    let outputs =
        |steps: &[lottery_client::proof::Step]| steps.iter().map(|s| s.output.clone()).collect::<Vec<_>>();
    assert_eq!(outputs(&recompute(&play.proof(1).await)), outputs(&computed), "as it was foretold");
    let Randomness::Beacon(beacon) = play.proof(1).await.randomness else { panic!("lottery 1 has a beacon") };
    assert_eq!(beacon.signature, play.beacon.sign(beacon.beacon_round));
    play.localnet.stop().await.unwrap();
}
