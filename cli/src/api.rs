//! The api as any frontend calls it: transactions to sign, relaying them, and the operator's report.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use lottery_client::{Keypair, Pubkey, QuickPicks, Rpc, Signature, Signer, Ticket};
use lottery_interface::LotteryError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use solana_commitment_config::CommitmentConfig;
use solana_transaction::versioned::VersionedTransaction;

/// Pause between two looks for a relayed transaction.
const CONFIRM_EVERY: Duration = Duration::from_millis(250);

/// What an api refuses, in its words (`application/problem+json`).
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    pub detail: String,
    /// The program's name of the error.
    pub name: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refusal {}

/// Tickets to enter, as `POST /api/transactions/enter` takes them.
#[derive(Clone, Debug, Serialize)]
pub struct Enter {
    pub owner: String,
    pub lottery_id: u64,
    pub tickets: Vec<Ticket>,
    pub quick_picks: QuickPicks,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// Who pays the network fee, and signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_payer: Option<String>,
}

/// A transaction to sign, and what it will do.
#[derive(Clone, Debug, Deserialize)]
pub struct Unsigned {
    pub transaction: String,
    pub round_index: u64,
    pub page_sequence: u32,
    pub tickets: u32,
    pub cost_units: String,
    pub deposit_units: String,
    pub locks_at: i64,
}

#[derive(Deserialize)]
struct Submitted {
    signature: String,
}

#[derive(Clone)]
pub struct Api {
    url: String,
    http: reqwest::Client,
}

impl Api {
    pub fn new(url: &str) -> anyhow::Result<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            bail!("--api {url:?} is not an address: it starts with http:// or https://");
        }
        Ok(Self { url: url.trim_end_matches('/').to_string(), http: reqwest::Client::new() })
    }

    /// `path` begins with `/api/`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.read(self.http.get(format!("{}{path}", self.url)), path).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        self.read(self.http.post(format!("{}{path}", self.url)).json(body), path).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        path: &str,
    ) -> anyhow::Result<T> {
        let answer = request
            .send()
            .await
            .with_context(|| format!("no api answers at {}: pass --api URL", self.url))?;
        let status = answer.status();
        let text = answer.text().await.with_context(|| format!("{path} was cut off"))?;
        if status.is_success() {
            return serde_json::from_str(&text)
                .with_context(|| format!("{path} answers what this version cannot read"));
        }
        match serde_json::from_str::<Refusal>(&text) {
            Ok(refusal) => Err(refusal.into()),
            Err(_) => bail!("{path} answers {status}"),
        }
    }

    /// A transaction that enters, for its signers.
    pub async fn enter(&self, body: &Enter) -> anyhow::Result<Unsigned> {
        self.post("/api/transactions/enter", body).await
    }

    /// Relays a signed transaction. Whether it lands is seen on the chain.
    pub async fn submit(&self, transaction: &str) -> anyhow::Result<Signature> {
        let body = serde_json::json!({ "transaction": transaction });
        let sent: Submitted = self.post("/api/transactions/submit", &body).await?;
        sent.signature.parse().ok().context("the api answers no signature")
    }
}

/// Signs a transaction in base64 with every key that it asks for.
pub fn sign(transaction: &str, signers: &[&Keypair]) -> anyhow::Result<String> {
    let bytes = STANDARD.decode(transaction).context("the transaction is not base64")?;
    let mut transaction: VersionedTransaction =
        bincode::deserialize(&bytes).context("these bytes are not a transaction")?;
    let message = transaction.message.serialize();
    let count = usize::from(transaction.message.header().num_required_signatures);
    let keys: Vec<Pubkey> = transaction.message.static_account_keys().iter().take(count).copied().collect();
    transaction.signatures = keys
        .iter()
        .map(|key| {
            let signer = signers.iter().find(|signer| signer.pubkey() == *key);
            Ok(signer.with_context(|| format!("{key} has to sign, too"))?.sign_message(&message))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(STANDARD.encode(bincode::serialize(&transaction)?))
}

/// Waits until the cluster has confirmed a transaction that somebody relayed.
pub async fn wait_until_confirmed(rpc: &Rpc, signature: Signature, patience: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + patience;
    loop {
        let answer = rpc.call(|rpc| async move { rpc.get_signature_statuses(&[signature]).await }).await?;
        if let Some(status) = answer.value.into_iter().next().flatten()
            && status.satisfies_commitment(CommitmentConfig::confirmed())
        {
            return match status.err {
                None => Ok(()),
                Some(error) => Err(failed(error)),
            };
        }
        if Instant::now() >= until {
            bail!(
                "transaction {signature} was relayed and is not on the chain after {} s",
                patience.as_secs()
            );
        }
        tokio::time::sleep(CONFIRM_EVERY).await;
    }
}

/// Why a transaction failed on the chain, as the api would have said it.
fn failed(error: impl std::fmt::Display + std::fmt::Debug) -> anyhow::Error {
    let text = error.to_string();
    let code = text
        .rsplit("custom program error: 0x")
        .next()
        .and_then(|code| u32::from_str_radix(code.trim(), 16).ok());
    match code.and_then(LotteryError::from_code) {
        Some(error) => Refusal { detail: error.message().into(), name: Some(error.name().into()) }.into(),
        None => anyhow::anyhow!("the transaction failed: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use lottery_client::{Hash, unsigned_transaction};
    use lottery_interface::instructions;

    use super::*;

    #[test]
    fn every_signer_signs_in_its_place() {
        let (payer, session, other) = (Keypair::new(), Keypair::new(), Keypair::new());
        let key = Pubkey::new_unique();
        let enter = instructions::enter(session.pubkey(), key, key, key, 1, &[]);
        let unsigned = unsigned_transaction(&payer.pubkey(), &[enter], &Hash::default()).unwrap().base64();
        let signed = sign(&unsigned, &[&session, &payer]).unwrap();
        let read: VersionedTransaction = bincode::deserialize(&STANDARD.decode(signed).unwrap()).unwrap();
        assert_eq!(read.verify_with_results(), [true, true]);
        let error = sign(&unsigned, &[&payer, &other]).unwrap_err().to_string();
        assert!(error.contains(&session.pubkey().to_string()), "{error}");
        assert!(sign("?", &[&payer]).is_err());
    }

    #[test]
    fn what_is_not_said_is_not_sent() {
        let body = Enter {
            owner: "o".into(),
            lottery_id: 7,
            tickets: Vec::new(),
            quick_picks: QuickPicks { count: 2, spots: Some(4), stake_units: Some(1_000) },
            round_index: None,
            session_key: None,
            fee_payer: None,
        };
        let json = serde_json::to_value(&body).unwrap();
        let quick = serde_json::json!({"count": 2, "spots": 4, "stake_units": "1000"});
        assert_eq!(
            json,
            serde_json::json!({"owner": "o", "lottery_id": 7, "tickets": [], "quick_picks": quick})
        );
    }

    #[test]
    fn failures_on_the_chain_have_their_names() {
        let error = failed("Error processing Instruction 2: custom program error: 0x1790");
        let refusal = error.downcast_ref::<Refusal>().unwrap();
        assert_eq!(refusal.name.as_deref(), Some(LotteryError::from_code(0x1790).unwrap().name()));
        assert!(failed("AccountNotFound").downcast_ref::<Refusal>().is_none());
    }

    #[test]
    fn an_address_is_one() {
        assert!(Api::new("localhost:8080").is_err());
        assert_eq!(Api::new("http://x/").unwrap().url, "http://x");
    }
}
