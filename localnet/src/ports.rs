//! Where a chain listens.

use std::net::TcpListener;

use anyhow::{Context, bail};

/// Loopback only: the chain obeys anyone who reaches it.
pub(crate) const HOST: &str = "127.0.0.1";

#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) rpc: u16,
    pub(crate) ws: u16,
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((HOST, port)).is_ok()
}

impl Ports {
    /// The given ports, and free ones for the others. By custom the WebSocket port follows the
    /// RPC port, and tools guess it from there.
    pub(crate) fn choose(rpc: Option<u16>, ws: Option<u16>) -> anyhow::Result<Self> {
        let Some(rpc) = rpc else {
            return Self::free(ws);
        };
        let ws = ws.or(rpc.checked_add(1)).context("no port follows 65535")?;
        match [rpc, ws].into_iter().find(|port| !is_free(*port)) {
            Some(port) => bail!("port {port} is in use"),
            None => Ok(Self { rpc, ws }),
        }
    }

    fn free(ws: Option<u16>) -> anyhow::Result<Self> {
        const ATTEMPTS: usize = 100;
        for _ in 0..ATTEMPTS {
            let rpc = TcpListener::bind((HOST, 0))?.local_addr()?.port();
            let ws = ws.unwrap_or(rpc.saturating_add(1));
            if ws != rpc && is_free(ws) {
                return Ok(Self { rpc, ws });
            }
        }
        bail!("found no free pair of ports")
    }

    pub(crate) fn rpc_url(self) -> String {
        format!("http://{HOST}:{}", self.rpc)
    }

    pub(crate) fn ws_url(self) -> String {
        format!("ws://{HOST}:{}", self.ws)
    }
}
