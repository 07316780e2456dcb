//! The two sockets: handed over by systemd, or bound here.
//!
//! A socket that was handed over stays open in systemd's hands while this process restarts, so
//! that whoever connects meanwhile waits and is refused by nobody. Sockets are told apart by their
//! names (`FileDescriptorName=hooks` and `admin`), else by their order.

use std::io;
use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;
use tokio::net::TcpSocket;

use super::error::AppError;
use crate::config::ServerConfig;

/// The sockets of the gateway.
#[derive(Debug)]
pub struct Listeners {
    /// For Agnox.
    pub hooks: TcpListener,
    /// For people.
    pub admin: TcpListener,
}

/// Connections that may wait to be accepted, such as during a restart.
const BACKLOG: u32 = 1024;

const NAMES: [&str; 2] = ["hooks", "admin"];

impl Listeners {
    /// The sockets that were handed over, and for those that were not the configured addresses.
    ///
    /// # Errors
    /// If a port is in use, an address is not this machine's, or what was handed over is no
    /// listening TCP socket.
    pub fn take(server: &ServerConfig) -> Result<Self, AppError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut handed_over = ListenFd::from_env();
        let [hooks, admin] = places(handed_over.len(), &names).map(|place| match place {
            Some(place) => handed_over.take_tcp_listener(place).map_err(AppError::HandedOver),
            None => Ok(None),
        });
        Ok(Listeners {
            hooks: hooks?.map_or_else(|| bind("server.listen", server.listen), Ok)?,
            admin: admin?.map_or_else(|| bind("server.admin", server.admin), Ok)?,
        })
    }

    pub(super) fn addresses(&self) -> Result<(SocketAddr, SocketAddr), AppError> {
        let address = |socket: &TcpListener| socket.local_addr().map_err(AppError::Listen);
        Ok((address(&self.hooks)?, address(&self.admin)?))
    }
}

/// Which of so many sockets with these names (`a:b`) is for hooks, and which for people.
fn places(count: usize, names: &str) -> [Option<usize>; 2] {
    let names: Vec<&str> = names.split(':').collect();
    let mut places = NAMES.map(|name| names.iter().take(count).position(|given| *given == name));
    let mut unnamed =
        (0..count).filter(|place| names.get(*place).is_none_or(|name| !NAMES.contains(name)));
    for place in &mut places {
        if place.is_none() {
            *place = unnamed.next();
        }
    }
    places
}

fn bind(option: &'static str, address: SocketAddr) -> Result<TcpListener, AppError> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bound().map_err(|why: io::Error| match why.kind() {
        io::ErrorKind::AddrInUse => AppError::PortInUse { option, address },
        _ => AppError::Bind { option, address, why },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handed_over_sockets_are_told_apart_by_name_and_else_by_order() {
        assert_eq!(places(0, ""), [None, None]);
        assert_eq!(places(1, ""), [Some(0), None]);
        assert_eq!(places(2, ""), [Some(0), Some(1)]);
        assert_eq!(places(2, "admin:hooks"), [Some(1), Some(0)]);
        assert_eq!(places(1, "admin"), [None, Some(0)]);
        assert_eq!(places(2, "bridge.socket:hooks"), [Some(1), Some(0)]);
        assert_eq!(places(2, "unknown:unknown"), [Some(0), Some(1)]);
    }

    #[tokio::test]
    async fn a_port_in_use_is_named_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = bind("server.listen", address).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, AppError::PortInUse { .. }), "{text}");
        assert!(text.contains(&address.port().to_string()) && text.contains("server.listen"));
    }
}
