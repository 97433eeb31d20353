//! What the service needs to know, from the command line or the environment.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

#[derive(Args, Clone, Debug)]
pub struct ApiConfig {
    /// Address to listen on
    #[arg(long, env = "LOTTERY_API_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Postgres that the indexer writes
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// RPC endpoints of the cluster, in order of preference
    #[arg(long = "rpc-url", env = "LOTTERY_RPC_URL", value_delimiter = ',', required = true)]
    pub rpc_urls: Vec<String>,
    /// Connections to Postgres
    #[arg(long, default_value_t = 16)]
    pub database_connections: u32,
    /// Longest time for one request
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub request_timeout: Duration,
    /// Requests worked on at once; more are told to come back
    #[arg(long, default_value_t = 512)]
    pub requests: usize,
    /// Largest request body in bytes
    #[arg(long, default_value_t = 16 * 1024)]
    pub body_bytes: usize,
    /// Connections at once, WebSocket clients included
    #[arg(long, default_value_t = 24_000)]
    pub connections: usize,
    /// A connection that sends nothing for so long is closed
    #[arg(long, default_value = "75", value_parser = seconds)]
    pub silence: Duration,
    /// WebSocket clients at once
    #[arg(long, default_value_t = 20_000)]
    pub ws_clients: usize,
    /// A WebSocket client that takes longer for one batch is closed as slow
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub ws_send_timeout: Duration,
    /// Messages kept per topic, for clients that fall behind or come back
    #[arg(long, default_value_t = 1024)]
    pub ws_ring_messages: usize,
    /// Seconds that the indexer may lag before the service says that it is not ready
    #[arg(long, default_value_t = 30)]
    pub ready_lag_seconds: i64,
    /// Origins of pages that may call the service; any when none is given
    #[arg(long = "cors-origin", env = "LOTTERY_API_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// What people call a mint, for the page: `MINT=SYMBOL`
    #[arg(long = "symbol", env = "LOTTERY_API_SYMBOLS", value_delimiter = ',', value_parser = symbol, value_name = "MINT=SYMBOL")]
    pub symbols: Vec<(String, String)>,
}

/// Mints whose names nobody disputes.
const KNOWN_SYMBOLS: [(&str, &str); 3] = [
    ("11111111111111111111111111111111", "SOL"),
    ("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "USDC"),
    ("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", "USDT"),
];

impl ApiConfig {
    /// The defaults, with what has none.
    pub fn new(listen: SocketAddr, database_url: impl Into<String>, rpc_url: impl Into<String>) -> Self {
        Self {
            listen,
            database_url: database_url.into(),
            rpc_urls: vec![rpc_url.into()],
            database_connections: 16,
            request_timeout: Duration::from_secs(10),
            requests: 512,
            body_bytes: 16 * 1024,
            connections: 24_000,
            silence: Duration::from_secs(75),
            ws_clients: 20_000,
            ws_send_timeout: Duration::from_secs(10),
            ws_ring_messages: 1024,
            ready_lag_seconds: 30,
            cors_origins: Vec::new(),
            symbols: Vec::new(),
        }
    }

    /// What people call `mint`; what was configured goes first.
    pub fn symbol(&self, mint: &str) -> Option<&str> {
        let configured = self.symbols.iter().map(|(mint, symbol)| (mint.as_str(), symbol.as_str()));
        let (_, symbol) = configured.chain(KNOWN_SYMBOLS).find(|(known, _)| *known == mint)?;
        Some(symbol)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err("give whole seconds, 1 to 3600".into()),
    }
}

fn symbol(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((mint, symbol)) if !mint.is_empty() && (1..=12).contains(&symbol.len()) => {
            Ok((mint.to_owned(), symbol.to_owned()))
        }
        _ => Err("give a mint's address, `=`, and a symbol of up to 12 characters".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        config: ApiConfig,
    }

    #[test]
    fn the_command_lines_defaults_are_those_of_new() {
        let listen = "127.0.0.1:8080".parse().unwrap();
        let expected = ApiConfig::new(listen, "postgres://db", "http://rpc");
        let args = ["api", "--database-url", "postgres://db", "--rpc-url", "http://rpc"];
        assert_eq!(format!("{:?}", Cli::parse_from(args).config), format!("{expected:?}"));
    }

    #[test]
    fn symbols_are_told_or_known() {
        let args = ["api", "--database-url", "d", "--rpc-url", "r", "--symbol", "Mint1=TEST,Mint2=OTHER"];
        let config = Cli::parse_from(args).config;
        assert_eq!(config.symbol("Mint2"), Some("OTHER"));
        assert_eq!(config.symbol("11111111111111111111111111111111"), Some("SOL"));
        assert_eq!(config.symbol("Mint3"), None);
        for wrong in ["Mint1", "=X", "Mint1=", "Mint1=FARTOOLONGASYMBOL"] {
            assert!(symbol(wrong).is_err(), "{wrong}");
        }
    }
}
