//! TLS as every sink speaks it: the system's certificates, nothing below TLS 1.2.

use std::io;
use std::sync::{Arc, LazyLock};

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Reading the system's certificates takes milliseconds and megabytes: once for all clients.
static CONFIG: LazyLock<ClientConfig> = LazyLock::new(build);

/// The configuration that all clients share.
pub(crate) fn config() -> ClientConfig {
    CONFIG.clone()
}

/// Shakes hands with a host, and says which version of TLS came out.
pub(super) async fn handshake(stream: TcpStream, host: &str) -> io::Result<&'static str> {
    let bare = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(bare).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::new(config())).connect(name, stream).await?;
    match stream.get_ref().1.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => Ok("TLS 1.3"),
        Some(rustls::ProtocolVersion::TLSv1_2) => Ok("TLS 1.2"),
        _ => Ok("TLS"),
    }
}

/// A machine without certificates can still speak plain HTTP in its own house; over HTTPS each
/// server is then one that nobody vouches for, and the failure says so.
fn build() -> ClientConfig {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
    };
    let mut config = match builder().with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(error) => {
            tracing::warn!(%error, "the system's certificates can't be read: no HTTPS sink will work");
            builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
