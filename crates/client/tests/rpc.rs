//! The pool of endpoints and sending, against endpoints that misbehave.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lottery_client::{ClientError, Keypair, Pubkey, Rpc, RpcConfig, SendOptions, Signer};
use lottery_interface::{LotteryError, instructions};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers a method and its parameters; `Err` is a JSON-RPC error.
type Answer = Result<Value, Value>;

/// An endpoint on a free port that remembers which methods were asked.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), answer.clone()));
            }
        });
        Self { url, asked }
    }

    fn count(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == method).count()
    }
}

/// One request after the other: a header that ends with an empty line, a body of `content-length` bytes.
async fn serve<F>(mut stream: TcpStream, asked: Arc<Mutex<Vec<String>>>, answer: Arc<F>)
where
    F: Fn(&str, usize) -> Answer,
{
    let mut buffer = Vec::new();
    loop {
        let header_end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let header = String::from_utf8_lossy(&buffer[..header_end]).to_lowercase();
        let length = header.split("content-length:").nth(1).unwrap().lines().next().unwrap();
        let length: usize = length.trim().parse().unwrap();
        while buffer.len() < header_end + length {
            stream.read_buf(&mut buffer).await.unwrap();
        }
        let request: Value = serde_json::from_slice(&buffer[header_end..header_end + length]).unwrap();
        buffer.drain(..header_end + length);
        let method = request["method"].as_str().unwrap();
        let before = {
            let mut asked = asked.lock().unwrap();
            asked.push(method.to_string());
            asked.iter().filter(|other| *other == method).count() - 1
        };
        let mut body = json!({"jsonrpc": "2.0", "id": request["id"]});
        match answer(method, before) {
            Ok(result) => body["result"] = result,
            Err(error) => body["error"] = error,
        }
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A port where nobody listens.
async fn dead_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn pool(urls: &[&str]) -> Rpc {
    let mut config = RpcConfig::new(urls.iter().copied());
    config.backoff = Duration::from_millis(5);
    config.poll_interval = Duration::from_millis(20);
    Rpc::with_config(config)
}

fn with_context(value: Value) -> Answer {
    Ok(json!({"context": {"slot": 9}, "value": value}))
}

fn blockhash() -> Answer {
    with_context(
        json!({"blockhash": Pubkey::new_from_array([8; 32]).to_string(), "lastValidBlockHeight": 100}),
    )
}

#[tokio::test]
async fn a_dead_endpoint_is_left_for_the_next() {
    let alive = Endpoint::start(|_, _| Ok(json!(42))).await;
    let rpc = pool(&[&dead_url().await, &alive.url]);
    assert_eq!(rpc.block_height().await.unwrap(), 42);
    assert_eq!(rpc.url(), alive.url, "the next request starts with the one that answered");
    assert_eq!(rpc.block_height().await.unwrap(), 42);
    assert_eq!(alive.count("getBlockHeight"), 2);
}

#[tokio::test]
async fn an_unhealthy_endpoint_is_asked_again() {
    let recovering = Endpoint::start(|_, before| match before {
        0 | 1 => Err(json!({"code": -32005, "message": "Node is behind", "data": {"numSlotsBehind": 9}})),
        _ => Ok(json!(42)),
    })
    .await;
    assert_eq!(pool(&[&recovering.url]).block_height().await.unwrap(), 42);
    assert_eq!(recovering.count("getBlockHeight"), 3);
}

#[tokio::test]
async fn a_refusal_is_final_and_loss_is_typed() {
    let refusing = Endpoint::start(|_, _| Err(json!({"code": -32602, "message": "Invalid params"}))).await;
    let error = pool(&[&refusing.url]).block_height().await.unwrap_err();
    assert!(matches!(error, ClientError::RpcRefused { .. }), "{error}");
    assert_eq!(refusing.count("getBlockHeight"), 1);

    let error = pool(&[&dead_url().await]).block_height().await.unwrap_err();
    assert!(matches!(error, ClientError::Rpc { .. }) && error.is_transient(), "{error}");
}

/// One instruction of ours.
fn send_one(payer: &Keypair) -> [lottery_client::Instruction; 1] {
    [instructions::capture(payer.pubkey(), Pubkey::new_from_array([3; 32]))]
}

async fn send(rpc: &Rpc) -> Result<lottery_client::Signature, ClientError> {
    let payer = Keypair::new();
    rpc.send(&send_one(&payer), &[&payer], &SendOptions::default()).await
}

fn signature() -> Answer {
    Ok(json!(lottery_client::Signature::default().to_string()))
}

#[tokio::test]
async fn sending_waits_for_confirmation() {
    let endpoint = Endpoint::start(|method, before| match (method, before) {
        ("getLatestBlockhash", _) => blockhash(),
        ("sendTransaction", _) => signature(),
        ("getSignatureStatuses", 0 | 1) => with_context(json!([null])),
        ("getSignatureStatuses", _) => with_context(json!([
            {"slot": 8, "confirmations": 1, "err": null, "status": {"Ok": null}, "confirmationStatus": "confirmed"}
        ])),
        other => panic!("{other:?}"),
    })
    .await;
    send(&pool(&[&endpoint.url])).await.unwrap();
    assert_eq!(endpoint.count("getSignatureStatuses"), 3);
    assert_eq!(endpoint.count("sendTransaction"), 1);
}

#[tokio::test]
async fn a_failed_transaction_names_the_programs_error() {
    let code = LotteryError::RoundLocked.code();
    // The caller's first instruction is the transaction's second: the compute limit comes before it.
    let err = json!({"InstructionError": [1, {"Custom": code}]});
    let failed = err.clone();
    let on_chain = Endpoint::start(move |method, _| match method {
        "getLatestBlockhash" => blockhash(),
        "sendTransaction" => signature(),
        _ => with_context(json!([
            {"slot": 8, "confirmations": 1, "err": failed, "status": {"Err": failed}, "confirmationStatus": "confirmed"}
        ])),
    })
    .await;
    let simulated = Endpoint::start(move |method, _| match method {
        "getLatestBlockhash" => blockhash(),
        _ => Err(json!({"code": -32002, "message": "Transaction simulation failed", "data": {
            "err": err, "logs": ["Program log: the round takes no more entries"], "accounts": null,
            "unitsConsumed": 900, "returnData": null, "innerInstructions": null, "replacementBlockhash": null
        }})),
    })
    .await;
    for endpoint in [&on_chain, &simulated] {
        let error = send(&pool(&[&endpoint.url])).await.unwrap_err();
        assert_eq!(error.program_error(), Some(LotteryError::RoundLocked), "{error:?}");
        assert!(matches!(error, ClientError::Program { instruction_index: 0, .. }), "{error:?}");
    }
    assert_eq!(simulated.count("sendTransaction"), 1, "a refusal is not sent again");
}

#[tokio::test]
async fn what_never_arrives_expires() {
    let endpoint = Endpoint::start(|method, _| match method {
        "getLatestBlockhash" => blockhash(),
        "sendTransaction" => signature(),
        "getBlockHeight" => Ok(json!(101)),
        _ => with_context(json!([null])),
    })
    .await;
    let error = send(&pool(&[&endpoint.url])).await.unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error:?}");
    assert!(error.is_transient());
}

/// Services spawn these futures.
fn is_send<T: Send>(_: T) {}

#[tokio::test]
async fn many_wait_with_one_request() {
    let endpoint = Endpoint::start(|method, before| match method {
        "getLatestBlockhash" => blockhash(),
        "sendTransaction" => signature(),
        _ if before < 3 => with_context(json!(vec![Value::Null; 256])),
        _ => {
            let done = json!({"slot": 8, "confirmations": 1, "err": null, "status": {"Ok": null},
                "confirmationStatus": "confirmed"});
            with_context(json!(vec![done; 256]))
        }
    })
    .await;
    let (rpc, payer) = (pool(&[&endpoint.url]), Keypair::new());
    let batch = |_| lottery_client::Batch {
        instructions: send_one(&payer).to_vec(),
        signers: vec![&payer],
        options: SendOptions::default(),
    };
    let sent = rpc.send_all((0..40).map(batch).collect(), 40).await;
    is_send(rpc.send_all(vec![], 1));
    is_send(lottery_client::EnterContext::load(&rpc, 1));
    let signatures: std::collections::HashSet<_> = sent.into_iter().map(Result::unwrap).collect();
    assert_eq!(signatures.len(), 40, "equal instructions are different transactions");
    let asked = endpoint.count("getSignatureStatuses");
    assert!(asked < 20, "{asked} requests for 40 transactions");
}
