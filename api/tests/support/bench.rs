//! A service over a cluster of a few accounts, and a player who asks it for transactions.
#![allow(dead_code, reason = "each test file uses a part")]

use base64::{Engine, engine::general_purpose::STANDARD};
use lottery_client::{Instruction, Keypair, Pubkey, Signer};
use lottery_interface::{
    address,
    instructions::{self, TokenSide},
};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;

use crate::{cluster::Cluster, support::Service};

pub struct Bench {
    pub cluster: Cluster,
    pub service: Service,
    pub player: Keypair,
}

impl Bench {
    pub async fn start(lamports: u64, balance: Option<u64>) -> Self {
        let cluster = Cluster::start().await;
        let player = Keypair::new();
        cluster.player(player.pubkey(), lamports, balance);
        let service = Service::start_with(|config| config.rpc_urls = vec![cluster.url()]).await;
        Self { cluster, service, player }
    }

    pub fn owner(&self) -> Pubkey {
        self.player.pubkey()
    }

    pub fn body(&self, more: Value) -> Value {
        let mut body = json!({"owner": self.owner().to_string()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    pub async fn build(&self, verb: &str, more: Value) -> (Value, VersionedTransaction) {
        let path = format!("/api/transactions/{verb}");
        let (status, _, body) = self.service.post(&path, self.body(more)).await;
        assert_eq!(status, 200, "{body}");
        let bytes = STANDARD.decode(body["transaction"].as_str().unwrap()).unwrap();
        (body, bincode::deserialize(&bytes).unwrap())
    }

    /// The name of the program's error that the service foresees.
    pub async fn refused(&self, verb: &str, more: Value) -> String {
        let problem =
            self.service.post_problem(&format!("/api/transactions/{verb}"), self.body(more), 422).await;
        assert!(problem["code"].as_u64().is_some_and(|code| code >= 6000), "{problem}");
        problem["name"].as_str().unwrap().to_owned()
    }

    pub fn enter(&self, quick_picks: u8, tickets: &[u8]) -> Instruction {
        let round = address::round(&address::lottery(1).0, 0).0;
        let wallet = address::wallet(&self.owner(), &Pubkey::default()).0;
        instructions::enter(self.owner(), wallet, round, address::page(&round, 0).0, quick_picks, tickets)
    }

    pub fn open_wallet(&self) -> Instruction {
        instructions::open_wallet(self.owner(), self.owner(), Pubkey::default())
    }

    pub fn deposit(&self, units: u64) -> Instruction {
        instructions::deposit(self.owner(), TokenSide::native(self.owner()), units)
    }
}

/// The instructions of the program, as the transaction carries them: the first one sets the compute limit.
pub fn check(transaction: &VersionedTransaction, payer: Pubkey, expected: &[Instruction]) {
    let keys = transaction.message.static_account_keys();
    assert_eq!(keys[0], payer, "who pays comes first");
    assert!(transaction.signatures.iter().all(|signature| *signature == Default::default()));
    let carried: Vec<_> = transaction.message.instructions()[1..]
        .iter()
        .map(|ix| {
            let accounts: Vec<Pubkey> = ix.accounts.iter().map(|place| keys[usize::from(*place)]).collect();
            (keys[usize::from(ix.program_id_index)], accounts, ix.data.clone())
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|ix| {
            (ix.program_id, ix.accounts.iter().map(|meta| meta.pubkey).collect::<Vec<_>>(), ix.data.clone())
        })
        .collect();
    assert_eq!(carried, expected);
}
