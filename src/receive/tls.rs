//! TLS by option: a certificate and its key, read at the start and again at a reload.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A certificate chain and its key, both PEM, and what they held when they were last read.
pub struct TlsFiles {
    cert: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
}

/// A certificate or key that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("`server.tls`: {path}: {what}", path = .path.display())]
pub struct TlsError {
    /// The file.
    pub path: PathBuf,
    what: String,
}

struct Current(ArcSwap<CertifiedKey>);

impl TlsFiles {
    /// Reads both files.
    ///
    /// # Errors
    /// If one can't be read, or the key is not the certificate's.
    pub fn read(cert: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let current = Arc::new(Current(ArcSwap::from_pointee(certified(&cert, &key)?)));
        Ok(TlsFiles { cert, key, current })
    }

    /// Reads both files again; new connections get the new certificate.
    ///
    /// # Errors
    /// As [`TlsFiles::read`]; the old certificate stays.
    pub fn reread(&self) -> Result<(), TlsError> {
        self.current.0.store(Arc::new(certified(&self.cert, &self.key)?));
        Ok(())
    }

    /// What the listener needs.
    pub(super) fn server_config(&self) -> rustls::ServerConfig {
        rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone())
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

fn certified(cert: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let wrong = |path: &Path, what: String| TlsError { path: path.to_owned(), what };
    let chain: Vec<_> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(cert, error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(cert, "holds no certificate (PEM)".to_owned()));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
    let signer = rustls::crypto::ring::sign::any_supported_type(&private)
        .map_err(|error| wrong(key, error.to_string()))?;
    let certified = CertifiedKey::new(chain, signer);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Err(wrong(key, format!("is not the key of {}", cert.display())))
        }
        Err(rustls::Error::InconsistentKeys(_)) | Ok(()) => Ok(certified),
        Err(error) => Err(wrong(cert, error.to_string())),
    }
}
