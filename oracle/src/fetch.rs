//! One answer of one source. A source may be late, slow, endless, redirecting or lying: none of that may hold up the others,
//! fill the memory, or send this reporter anywhere else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use futures::future::join_all;
use reqwest::{
    StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
    redirect,
};

use crate::config::Source;

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// What a source answered, or why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked for.
    pub url: String,
    /// Unix seconds.
    pub fetched_at: i64,
    /// Of HTTP; `None` when nothing came.
    pub status: Option<u16>,
    /// As it came: nothing is decompressed or decoded. Empty when it did not come whole.
    pub body: Vec<u8>,
    /// Why the body is missing.
    pub failure: Option<String>,
}

pub struct Fetcher {
    http: reqwest::Client,
    timeout: Duration,
    max_body_bytes: usize,
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// The host a person means: `www.example.com` and `example.com` are one.
fn place(url: &Url) -> (Option<&str>, Option<u16>, &str) {
    let host = url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host));
    (host, url.port_or_known_default(), url.scheme())
}

/// Redirects stay at the same host, port and scheme. A source that sends us on to another source would make one of two.
fn redirects() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            return attempt.error(format!("more than {MAX_REDIRECTS} redirects"));
        }
        if attempt.previous().first().is_some_and(|first| place(first) != place(attempt.url())) {
            let elsewhere = format!("redirected elsewhere, to {}", attempt.url());
            return attempt.error(elsewhere);
        }
        attempt.follow()
    })
}

impl Fetcher {
    pub fn new(timeout: Duration, max_body_bytes: usize) -> anyhow::Result<Self> {
        // The evidence is what was sent, so nothing is compressed on the way.
        let http = reqwest::Client::builder()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .redirect(redirects())
            .connect_timeout(timeout)
            .timeout(timeout)
            .user_agent(concat!("lottery-oracle/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the HTTP client cannot be made")?;
        Ok(Self { http, timeout, max_body_bytes })
    }

    /// All sources at once, in the order given.
    pub async fn all(&self, sources: &[Source], event_at: i64) -> Vec<Answer> {
        join_all(sources.iter().map(|source| self.one(source, event_at))).await
    }

    pub async fn one(&self, source: &Source, event_at: i64) -> Answer {
        let url = match source.url_for(event_at) {
            Ok(url) => url,
            Err(error) => {
                let (url, failure) = (source.url.clone(), Some(error.to_string()));
                return Answer { url, fetched_at: now(), status: None, body: Vec::new(), failure };
            }
        };
        let asked = url.to_string();
        let mut status = None;
        // The client's own timeout covers the body too; this one also covers what it may not see, such as slow names.
        let fetched =
            tokio::time::timeout(self.timeout, self.fetch(url, source.post.clone(), &mut status)).await;
        let (body, failure) = match fetched {
            Ok(Ok(body)) => (body, None),
            Ok(Err(failure)) => (Vec::new(), Some(failure)),
            Err(_) => (Vec::new(), Some(format!("no answer within {:?}", self.timeout))),
        };
        Answer { url: asked, fetched_at: now(), status: status.map(|code| code.as_u16()), body, failure }
    }

    async fn fetch(
        &self,
        url: Url,
        post: Option<String>,
        status: &mut Option<StatusCode>,
    ) -> Result<Vec<u8>, String> {
        let request = match post {
            Some(body) => self.http.post(url).header(CONTENT_TYPE, "application/json").body(body),
            None => self.http.get(url),
        };
        let sent = request.header(ACCEPT, "application/json").send().await;
        let mut answer = sent.map_err(|error| causes(&error))?;
        *status = Some(answer.status());
        let too_long = || format!("the answer is longer than {} bytes", self.max_body_bytes);
        if answer.content_length().is_some_and(|length| length > self.max_body_bytes as u64) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| causes(&error))? {
            if body.len() + chunk.len() > self.max_body_bytes {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// An error with everything that caused it.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
