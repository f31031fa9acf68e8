//! A connection's bytes, plain or inside TLS.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// Signed by its own key for 127.0.0.1, so that no client has a reason to trust it. Made once by
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 36500 -nodes`.
static CERTIFICATE: &[u8] = include_bytes!("tls/certificate.der");
static KEY: &[u8] = include_bytes!("tls/key.der");

/// The certificate that [`Fake::start_tls`](crate::Fake::start_tls) shows, in DER: for a client that
/// is to trust it.
pub fn certificate() -> &'static [u8] {
    CERTIFICATE
}

/// What makes TLS of a plain connection.
pub(crate) fn acceptor() -> io::Result<TlsAcceptor> {
    let key = PrivateKeyDer::try_from(KEY).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            let chain = vec![CertificateDer::from(CERTIFICATE)];
            config.with_no_client_auth().with_single_cert(chain, key)
        });
    Ok(TlsAcceptor::from(Arc::new(config.map_err(io::Error::other)?)))
}

pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(into).await,
            Self::Tls(stream) => stream.read_buf(into).await,
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Says that nothing more will be written.
    pub async fn shut(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
        }
    }

    /// The connection below.
    pub fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}
