//! What happened to markets on the real chain, as a chain that can be taken back, forged and contradicted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytemuck::bytes_of;
use lottery_indexer::{
    Walk,
    metrics::Metrics,
    processor::{Processor, Undo},
    source::{RpcSource, Source},
    testing::PrivatePostgres,
};
use lottery_interface::{
    accounts::{AccountLayout, Round},
    address::{self, PROGRAM_ID},
    args::AttestArgs,
    instructions as ix, tags,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::{
    common::{Chain, State, TABLES, assert_rows_equal, catch_up, dump_all, indexer, quarantined},
    play::Play,
};

/// Everything so far, and the accounts as they are now.
pub async fn recorded(play: &Play) -> Chain {
    let source = RpcSource::new(play.localnet.rpc_url.clone(), PROGRAM_ID, Walk::Signatures);
    let tip = source.tip().await.unwrap().confirmed;
    let (mut after, mut transactions) = (0, Vec::new());
    while after < tip {
        let batch = source.record(after, tip).await.unwrap();
        transactions.extend(batch.transactions);
        after = batch.through_slot;
    }
    let accounts = play.rpc.get_program_accounts(&PROGRAM_ID).await.unwrap();
    let accounts: HashMap<_, _> = accounts.into_iter().map(|(key, account)| (key, account.data)).collect();
    let slots_per_batch = tip;
    Chain(Arc::new(Mutex::new(State {
        slot: tip,
        transactions,
        accounts,
        slots_per_batch,
        ..State::default()
    })))
}

/// A chain of its own with the same past.
fn copy(chain: &Chain) -> Chain {
    let state = chain.state();
    Chain(Arc::new(Mutex::new(State {
        slot: state.slot,
        transactions: state.transactions.clone(),
        accounts: state.accounts.clone(),
        slots_per_batch: state.slots_per_batch,
        ..State::default()
    })))
}

/// Taken back from any transaction on and read again, nothing is different; nor when it is read in small pieces.
pub async fn assert_undone_anywhere(chain: &Chain) {
    let db = PrivatePostgres::start().await.unwrap();
    catch_up(chain, &db).await;
    assert_eq!(quarantined(&db.pool).await, []);
    let before = dump_all(&db.pool).await;
    let mut slots: Vec<u64> = chain.state().transactions.iter().map(|t| t.slot).collect();
    slots.dedup();
    assert!(slots.len() > 40);
    for from in slots {
        for why in [Undo::Dropped, Undo::Hole] {
            let processor = Processor::new(db.pool.clone(), Metrics::default().into());
            processor.undo(from, why).await.unwrap();
            assert_eq!(processor.cursor().await.unwrap().slot, from - 1);
            catch_up(chain, &db).await;
            assert_eq!(quarantined(&db.pool).await, [], "{why:?} from {from}");
            let after = dump_all(&db.pool).await;
            for table in TABLES {
                assert_eq!(after[table], before[table], "{table}, {why:?} from {from}");
            }
        }
    }
    let accounts: Vec<(Pubkey, Vec<u8>)> =
        chain.state().accounts.iter().map(|(key, data)| (*key, data.clone())).collect();
    assert_rows_equal(&accounts, &db.pool).await;

    // The accounts are ahead of each piece of the record.
    let (pieces, whole) = (PrivatePostgres::start().await.unwrap(), &before);
    chain.state().slots_per_batch = 59;
    catch_up(chain, &pieces).await;
    let whole_record = chain.state().slot;
    chain.state().slots_per_batch = whole_record;
    assert_eq!(quarantined(&pieces.pool).await, []);
    let found = dump_all(&pieces.pool).await;
    for table in TABLES {
        assert_eq!(found[table], whole[table], "{table} in pieces");
    }
}

/// Attestations of `round` in the record, and what follows: the places of its transactions.
fn from_attest(chain: &Chain, round: Pubkey, nth: usize) -> Vec<String> {
    let state = chain.state();
    let attests = state.transactions.iter().enumerate().filter(|(_, transaction)| {
        let mut instructions = transaction.instructions.iter();
        instructions.any(|i| i.data[0] == tags::ATTEST && i.accounts.contains(&round))
    });
    let place = attests.map(|(place, _)| place).nth(nth).unwrap();
    state.transactions[place..].iter().map(|transaction| transaction.signature.clone()).collect()
}

fn attested(fact: i64, event_at: i64) -> AttestArgs {
    let mut facts = [0; 8];
    facts[0] = fact;
    AttestArgs { facts, evidence: [fact as u8; 32], event_at }
}

fn oracles(play: &Play) -> Pubkey {
    let mut reporters: Vec<Pubkey> = play.players.iter().map(Keypair::pubkey).collect();
    reporters.sort();
    address::oracle_set(&reporters).0
}

/// The chain drops the attestation that decided, and another reporter sides with the liar: the other side wins.
pub async fn assert_another_result(play: &Play, chain: &Chain, lottery: Pubkey, round: Pubkey) {
    let (db, chain) = (PrivatePostgres::start().await.unwrap(), copy(chain));
    let account: Round = play.read(round).await;
    assert_eq!(account.result[0], 1, "17 is odd");
    let mut reader = indexer(&chain, &db);
    while reader.step().await.unwrap() {}
    let result = "SELECT (get_byte(result, 0), winning_units, matched_units, status)::TEXT FROM rounds WHERE address = $1";
    let result = || sqlx::query_scalar::<_, String>(result).bind(round.to_string()).fetch_one(&db.pool);
    let before = result().await.unwrap();
    {
        let mut state = chain.state();
        // What is read of accounts was true of the branch that is gone.
        state.accounts.remove(&round);
        for sequence in 0..2 {
            state.accounts.remove(&address::page(&round, sequence).0);
        }
    }
    let gone = from_attest(&chain, round, 2);
    {
        let mut state = chain.state();
        state.gone.extend(gone);
        state.finalised = state.slot;
    }
    reader.check_final().await.unwrap();
    let attestations = "SELECT count(*) FROM attestations WHERE round = $1";
    let attestations: i64 =
        sqlx::query_scalar(attestations).bind(round.to_string()).fetch_one(&db.pool).await.unwrap();
    assert_eq!(attestations, 2, "those before it stay");
    let stays = "SELECT count(*) FROM rounds WHERE address = $1 AND value IS NULL";
    let stays: i64 = sqlx::query_scalar(stays).bind(round.to_string()).fetch_one(&db.pool).await.unwrap();
    assert_eq!(stays, 1);

    let config = address::config(&lottery, 0).0;
    let cranker = play.operator.pubkey();
    let reporter = play.players[1].pubkey();
    chain.send_one(
        ix::attest(reporter, round, config, oracles(play), &attested(18, account.event_at)),
        vec![],
    );
    chain.send_one(ix::draw(cranker, round, config), vec![]);
    for sequence in 0..2 {
        chain.send_one(ix::settle(cranker, round, config, sequence, 100), vec![]);
    }
    chain.send_one(ix::finalise(cranker, lottery, round, config), vec![]);
    while reader.step().await.unwrap() {}
    let winning = account.pool_units - account.winning_units;
    let matched = winning.min(account.winning_units);
    assert_eq!(result().await.unwrap(), format!("(0,{winning},{matched},final)"));
    assert_ne!(result().await.unwrap(), before);
    let won = "SELECT bool_and((tier = 1) = (outcome = 0) AND prize_units IS NOT NULL) FROM entries WHERE round = $1";
    let won: bool = sqlx::query_scalar(won).bind(round.to_string()).fetch_one(&db.pool).await.unwrap();
    assert!(won);
    assert_eq!(quarantined(&db.pool).await, []);
}

/// What the program would never have taken goes before a person, and everything else goes on.
pub async fn assert_poison(play: &Play, chain: &Chain, lottery: Pubkey, round: Pubkey) {
    let (db, chain) = (PrivatePostgres::start().await.unwrap(), copy(chain));
    let account: Round = play.read(round).await;
    let config = address::config(&lottery, 0).0;
    let (set, player) = (oracles(play), play.players[0].pubkey());
    let wallet = address::wallet(&player, &Pubkey::default()).0;
    let page = address::page(&round, 1).0;
    let args = |fact| attested(fact, account.event_at);
    let stranger = Pubkey::new_unique();
    let mut forged_set = ix::create_oracle_set(stranger, &[stranger]);
    forged_set.accounts[1].pubkey = stranger;
    let on_outcome = |outcome: u8| [&1_000u64.to_le_bytes()[..], &[outcome]].concat();
    let poison = [
        (ix::attest(stranger, round, config, set, &args(17)), "is not in oracle set"),
        (ix::attest(player, round, config, set, &args(17)), "attests twice"),
        (ix::attest(player, round, config, set, &args(101)), "outside the range"),
        (ix::attest(player, round, config, stranger, &args(17)), "was never created in the record"),
        (ix::attest(player, stranger, config, set, &args(17)), "was never opened in the record"),
        (forged_set, "is not that of its 1 reporters"),
        (
            ix::enter(player, wallet, round, page, 0, &on_outcome(2)),
            "outcome 2, which the market does not have",
        ),
        (ix::enter(player, wallet, round, page, 1, &on_outcome(0)), "quick picks in a market"),
        (ix::enter(player, wallet, round, page, 0, &on_outcome(0)[..8]), "ends before its outcome"),
    ];
    catch_up(&chain, &db).await;
    let before = dump_all(&db.pool).await;
    for (instruction, _) in &poison {
        chain.send_one(instruction.clone(), vec![]);
    }
    catch_up(&chain, &db).await;
    let found = quarantined(&db.pool).await;
    assert_eq!(found.len(), poison.len(), "{found:?}");
    for ((subject, reason), (_, expected)) in found.iter().zip(&poison) {
        assert_eq!(subject, "apply");
        assert!(reason.contains(expected), "{reason}");
    }
    let after = dump_all(&db.pool).await;
    for table in TABLES.iter().filter(|table| !["instructions", "totals"].contains(table)) {
        assert_eq!(after[table], before[table], "{table}");
    }
}

/// An account that says other than the record.
pub async fn assert_contradicted(chain: &Chain, round: Pubkey) {
    let (db, chain) = (PrivatePostgres::start().await.unwrap(), copy(chain));
    {
        let mut state = chain.state();
        let data = state.accounts.get_mut(&round).unwrap();
        let mut account = Round::read(data).unwrap();
        account.winning_units += 1;
        account.value = [1; 32];
        data[8..Round::LEN].copy_from_slice(bytes_of(&account));
        // The stakes on the first outcome.
        data[Round::LEN] ^= 1;
    }
    catch_up(&chain, &db).await;
    let found = quarantined(&db.pool).await;
    for expected in [
        "the stakes on outcomes do not follow from the entries",
        "the prizes do not follow from the entries",
        "the value does not follow from the attestations",
        "the draw does not follow",
    ] {
        let has = found.iter().any(|(subject, reason)| subject == "check" && reason.contains(expected));
        assert!(has, "{expected}: {found:?}");
    }
}
