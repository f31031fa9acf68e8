//! The same server inside TLS.

use std::sync::Arc;

use clinic_fake::{Action, Fake, Script, certificate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::client::{CHAT, chat, post};

/// All that a client that trusts these certificates is sent, until the server closes.
fn asked(fake: &Fake, trusted: &[&'static [u8]]) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add(CertificateDer::from(*certificate)).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(fake.address()).await.unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let body = chat("hello");
        let length = body.len();
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await?;
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest).await {
            // The server hangs up without a farewell.
            Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(String::from_utf8(rest).unwrap()),
        }
    })
}

#[test]
fn a_client_that_trusts_the_certificate_is_answered() {
    let fake = Fake::start_tls(Script::always(Action::Text("inside".to_owned())));
    assert!(fake.base_url().starts_with("https://127.0.0.1:"));
    let answer = asked(&fake, &[certificate()]).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"inside\""), "{answer}");
    assert_eq!((fake.count(), fake.answered()), (1, 1));
}

#[test]
fn a_client_that_does_not_sends_no_request() {
    let fake = Fake::start_tls(Script::default());
    let error = asked(&fake, &[]).unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(fake.count(), 0);
    assert!(post(&fake, CHAT, &chat("without TLS")).is_err());
    assert_eq!(fake.count(), 0);
}
