//! From a server's name to an open TCP connection, past the dial guard.
//!
//! Every address that the guard lets pass is tried, in order; the caller holds the deadline.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::client::Guard;
use crate::contract::{Failure, Fault};

/// Connects to the first address that takes the connection.
pub(super) async fn dial(guard: Guard, host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses = guard.resolve(host, port).await?;
    let mut refusals = Vec::new();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(e) => refusals.push(refusal(address, &e)),
        }
    }
    let reason = format!("{host}:{port} can't be reached: {}", refusals.join("; "));
    Err(Failure::new(Fault::Unavailable { retry_after: None }, reason))
}

fn refusal(address: SocketAddr, why: &std::io::Error) -> String {
    format!("{} ({why})", address.ip())
}
