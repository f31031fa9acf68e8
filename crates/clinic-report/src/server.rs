//! A server of local pages: on loopback alone, for those who know a token, and never for another site.
//! Design: `docs/design/view.md`.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// Longest body of a form, in bytes: the longest comment, each of its letters as `%XX%XX%XX`.
const LONGEST_BODY: usize = 256 << 10;

/// Connections at once; a browser opens six.
const CONNECTIONS: usize = 64;

/// Longest that a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing but our own files, no script in a page, no other page around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A request that was let in.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// `GET` of what is behind the token, and its query.
    Get(&'a str, &'a str),
    /// `POST` to what is behind the token, and its body.
    Post(&'a str, &'a [u8]),
}

/// What is sent back.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status of HTTP.
    pub status: u16,
    /// Media type.
    pub kind: &'static str,
    /// Where to go instead.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// A body of this media type.
    pub fn of(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self { status, kind, location: None, body: body.into() }
    }

    /// A page.
    pub fn html(status: u16, page: maud::Markup) -> Self {
        Self::of(status, "text/html; charset=utf-8", page.into_string())
    }
}

/// A field of a form or query, trimmed, with line breaks as line feeds; empty where it is missing.
pub fn field(form: &[u8], name: &str) -> String {
    let value = form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value);
    value.unwrap_or_default().trim().replace("\r\n", "\n")
}

/// A query of these fields.
pub fn query(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Pages behind tokens.
pub trait Site: Send + Sync + 'static {
    /// Answers a request of whoever holds the token of this number, from 0; may wait.
    fn answer(&self, who: usize, request: Request<'_>) -> Reply;

    /// A page that says why there is no other.
    fn refusal(&self, status: u16, why: &str) -> Reply;
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    port: u16,
    tokens: Vec<String>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port cannot be had.
    #[error("port {port} of 127.0.0.1 cannot be had: {source}")]
    Port {
        /// The port.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers for the token: {0}")]
    Token(getrandom::Error),
    /// It can listen no more.
    #[error("the server has ended: {0}")]
    Ended(io::Error),
}

impl Server {
    /// Listens at a port of 127.0.0.1, or at any free one for 0, with so many tokens of 128 random
    /// bits each.
    pub fn bind(port: u16, tokens: usize) -> Result<Self, ServerError> {
        let fail = |source| ServerError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(fail)?;
        listener.set_nonblocking(true).map_err(fail)?;
        let port = listener.local_addr().map_err(fail)?.port();
        let tokens = (0..tokens).map(|_| token()).collect::<Result<_, _>>()?;
        Ok(Self { listener, port, tokens })
    }

    /// The addresses of the pages, one a token.
    pub fn addresses(&self) -> Vec<String> {
        let address = |token| format!("http://127.0.0.1:{}/{token}/", self.port);
        self.tokens.iter().map(address).collect()
    }

    /// Answers until the future is dropped; fails only where it can listen no more.
    pub async fn serve(self, site: Arc<dyn Site>) -> Result<(), ServerError> {
        let listener =
            tokio::net::TcpListener::from_std(self.listener).map_err(ServerError::Ended)?;
        let door = Arc::new(Door { port: self.port, tokens: self.tokens });
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&free).acquire_owned().await else { return Ok(()) };
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors, say: some come back as connections end.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let (door, site) = (Arc::clone(&door), Arc::clone(&site));
            tokio::spawn(async move {
                let answer = service_fn(|request| {
                    let (door, site) = (Arc::clone(&door), Arc::clone(&site));
                    async move { Ok::<_, Infallible>(respond(&door, site, request).await) }
                });
                // An error here is a browser that went away.
                let _ = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(PATIENCE)
                    .serve_connection(TokioIo::new(stream), answer)
                    .await;
                drop(place);
            });
        }
    }
}

fn token() -> Result<String, ServerError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(ServerError::Token)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn respond(
    door: &Door,
    site: Arc<dyn Site>,
    request: hyper::Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let is_head = head.method == Method::HEAD;
    let (who, rest) = match door.check(&head.method, head.uri.path(), &head.headers) {
        Ok((who, rest)) => (who, rest.to_owned()),
        Err((status, why)) => return dressed(site.refusal(status, why), is_head),
    };
    let body = if head.method == Method::POST {
        let whole = Limited::new(body, LONGEST_BODY).collect();
        match tokio::time::timeout(PATIENCE, whole).await {
            Ok(Ok(body)) => Some(body.to_bytes()),
            Ok(Err(_)) => {
                return dressed(
                    site.refusal(413, "What was sent is too long, or broke off."),
                    false,
                );
            }
            Err(_) => return dressed(site.refusal(408, "The form did not arrive."), false),
        }
    } else {
        None
    };
    // The stores are read with calls that wait.
    let asked = Arc::clone(&site);
    let answer = tokio::task::spawn_blocking(move || match &body {
        Some(body) => asked.answer(who, Request::Post(&rest, body)),
        None => asked.answer(who, Request::Get(&rest, head.uri.query().unwrap_or_default())),
    });
    let reply = answer.await.unwrap_or_else(|_| site.refusal(500, "The page cannot be made."));
    dressed(reply, is_head)
}

/// The reply with all that a browser is told about it.
fn dressed(reply: Reply, is_head: bool) -> Response<Full<Bytes>> {
    let body = if is_head { Bytes::new() } else { Bytes::from(reply.body) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-type", reply.kind),
        ("content-security-policy", POLICY),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(location) = reply.location.and_then(|place| HeaderValue::try_from(place).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// Who is let in.
struct Door {
    port: u16,
    tokens: Vec<String>,
}

/// A status and its words; they tell a stranger nothing.
type Refusal = (u16, &'static str);

impl Door {
    /// The number of the token and the path behind it, if the request is let in.
    fn check<'a>(
        &self,
        method: &Method,
        path: &'a str,
        headers: &HeaderMap,
    ) -> Result<(usize, &'a str), Refusal> {
        // A name that was made to lead here (DNS rebinding) is still the name of another site.
        let host = single(headers, "host").unwrap_or_default();
        if !self.hosts().iter().any(|own| own == host) {
            return Err((421, "This address belongs to nobody here."));
        }
        let (token, rest) =
            path.trim_start_matches('/').split_once('/').unwrap_or((path, "no such page"));
        // All are compared, whichever it is.
        let same = |own: &String| bool::from(token.as_bytes().ct_eq(own.as_bytes()));
        let known: Vec<bool> = self.tokens.iter().map(same).collect();
        let Some(who) = known.iter().position(|known| *known) else {
            return Err((
                404,
                "There is nothing at this address. The one that clinic printed last is good \
                 until it ends.",
            ));
        };
        match *method {
            Method::GET | Method::HEAD => Ok((who, rest)),
            Method::POST if self.is_own(headers) => Ok((who, rest)),
            Method::POST => Err((403, "The form is of another page.")),
            _ => Err((405, "This cannot be done here.")),
        }
    }

    fn hosts(&self) -> [String; 2] {
        ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port))
    }

    /// Whether a form is from a page of ours. Under the policy `no-referrer` a browser hides its
    /// origin, but says whether it is the same.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let form = "application/x-www-form-urlencoded";
        if single(headers, "content-type") != Some(form) {
            return false;
        }
        let own = |origin: &str| self.hosts().iter().any(|host| origin == format!("http://{host}"));
        let same_site = single(headers, "sec-fetch-site").map(|site| site == "same-origin");
        match (single(headers, "origin"), same_site) {
            (_, Some(false)) => false,
            (Some("null") | None, same) => same == Some(true),
            (Some(origin), _) => own(origin),
        }
    }
}

/// A header that is there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, path: &str, headers: &[(&str, &str)]) -> Result<String, u16> {
        let door = Door { port: 7, tokens: vec!["abc".to_owned(), "xyz".to_owned()] };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                hyper::header::HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let checked = door.check(method, path, &map);
        checked.map(|(who, rest)| format!("{who}:{rest}")).map_err(|(status, _)| status)
    }

    #[test]
    fn only_who_knows_the_token_and_the_name_gets_in() {
        let here = [("host", "127.0.0.1:7")];
        for (path, headers, expected) in [
            ("/abc/", &here[..], Ok("0:")),
            ("/abc/view.css", &[("host", "localhost:7")], Ok("0:view.css")),
            ("/xyz/", &here, Ok("1:")),
            ("/abc", &here, Err(404)),
            ("/abd/", &here, Err(404)),
            ("//", &here, Err(404)),
            ("/", &here, Err(404)),
            ("/ab/", &here, Err(404)),
            ("/abc/", &[("host", "evil.example:7")], Err(421)),
            ("/abc/", &[("host", "127.0.0.1")], Err(421)),
            ("/abc/", &[("host", "127.0.0.1:8")], Err(421)),
            ("/abc/", &[("host", "127.0.0.1:7"), ("host", "evil.example")], Err(421)),
            ("/abc/", &[], Err(421)),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(check(&Method::GET, path, headers), expected, "{path} {headers:?}");
        }
        assert_eq!(check(&Method::DELETE, "/abc/", &here), Err(405));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let form = "application/x-www-form-urlencoded";
        let post = |more: &[(&str, &str)]| {
            let mut headers = vec![("host", "127.0.0.1:7"), ("content-type", form)];
            headers.extend(more);
            check(&Method::POST, "/abc/mark", &headers).is_ok()
        };
        assert!(post(&[("origin", "http://127.0.0.1:7")]));
        assert!(post(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!post(&[]));
        assert!(!post(&[("origin", "null")]));
        assert!(!post(&[("origin", "http://evil.example")]));
        assert!(!post(&[("origin", "http://127.0.0.1:8"), ("sec-fetch-site", "same-site")]));
        assert!(!post(&[("origin", "http://127.0.0.1:7"), ("sec-fetch-site", "cross-site")]));
        assert!(!post(&[("origin", "null"), ("sec-fetch-site", "none")]));
        let plain = [
            ("host", "127.0.0.1:7"),
            ("content-type", "text/plain"),
            ("origin", "http://127.0.0.1:7"),
        ];
        assert_eq!(check(&Method::POST, "/abc/mark", &plain), Err(403));
    }
}
