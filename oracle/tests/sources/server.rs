//! A source that answers each request byte by byte as its manner says, below what HTTP libraries allow.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Clone, Debug)]
pub enum Manner {
    /// 200 with this body.
    Says(String),
    Chunked(String),
    Status(u16),
    /// Promises more than it sends, and closes.
    Truncated(String),
    /// Never answers.
    Hangs,
    /// Sends a part of the body, and nothing more.
    HangsInside(String),
    /// A byte now and then, for ever.
    Drips,
    /// Chunks without end, as fast as they are taken.
    Endless,
    RedirectsOnce(String),
    RedirectsForEver,
    RedirectsTo(String),
    NoHttp,
    Closes,
}

pub struct Server {
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    asked: AtomicU64,
    last: Mutex<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let shared: Arc<Shared> = Arc::default();
        let seen = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manner, seen) = (manner.clone(), seen.clone());
                tokio::spawn(async move { answer(stream, manner, &seen).await });
            }
        });
        Self { url, shared, task }
    }

    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Head and body as they came.
    pub fn last_request(&self) -> String {
        self.shared.last.lock().expect("not poisoned").clone()
    }
}

/// Head, and as much body as it promises.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4_096];
        let length = stream.read(&mut part).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let promised = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= promised.unwrap_or(0) {
            return Some(text);
        }
    }
}

fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

async fn answer(mut stream: TcpStream, manner: Manner, shared: &Shared) -> Option<()> {
    let asked = request(&mut stream).await?;
    let is_first = shared.asked.fetch_add(1, Ordering::Relaxed) == 0;
    *shared.last.lock().expect("not poisoned") = asked;
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    let text = match manner {
        Manner::Says(body) => whole("200 OK", "", &body),
        Manner::Chunked(body) => {
            format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
        }
        Manner::Status(code) => whole(&format!("{code} Status"), "", ""),
        Manner::Truncated(body) => format!("{head}content-length: {}\r\n\r\n{body}", body.len() + 1),
        Manner::RedirectsOnce(_) if is_first => whole("302 Found", "location: /next\r\n", ""),
        Manner::RedirectsOnce(body) => whole("200 OK", "", &body),
        Manner::RedirectsForEver => whole("302 Found", "location: /again\r\n", ""),
        Manner::RedirectsTo(target) => whole("302 Found", &format!("location: {target}\r\n"), ""),
        Manner::NoHttp => "220 mail.example.org ESMTP\r\n".into(),
        Manner::Closes => return Some(()),
        Manner::Hangs => std::future::pending().await,
        Manner::HangsInside(body) => {
            let part = format!("{head}content-length: {}\r\n\r\n{}", body.len(), &body[..5]);
            stream.write_all(part.as_bytes()).await.ok()?;
            std::future::pending().await
        }
        Manner::Drips => {
            stream.write_all(format!("{head}content-length: 1000\r\n\r\n").as_bytes()).await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Manner::Endless => {
            stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.ok()?;
            loop {
                stream.write_all(format!("200\r\n{}\r\n", " ".repeat(0x200)).as_bytes()).await.ok()?;
            }
        }
    };
    stream.write_all(text.as_bytes()).await.ok()
}
