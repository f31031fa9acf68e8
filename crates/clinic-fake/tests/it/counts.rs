//! What the server remembers, and what it costs at a hundred connections.

use std::time::{Duration, Instant};

use clinic_fake::{Action, Fake, Script};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{CHAT, Client, chat, post};

#[test]
fn requests_are_kept_in_order_with_their_headers() {
    let fake = Fake::start(Script::default());
    let mut client = Client::new(fake.address());
    client.ask("POST", CHAT, &chat("first")).unwrap();
    client.write(b"GET /v1/models?page=2 HTTP/1.1\r\nX-Trace: One\r\nx-trace: two\r\n\r\n");
    client.read().unwrap();
    let seen = fake.requests();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", CHAT));
    assert_eq!(seen[0].prompt(), "first");
    assert_eq!(seen[0].body["model"], "m");
    assert_eq!((seen[1].path.as_str(), seen[1].body.is_null()), ("/v1/models?page=2", true));
    assert_eq!(seen[1].header("X-TRACE"), Some("One, two"));
    assert!(seen[1].at > seen[0].at);
}

#[test]
fn attempts_are_counted_for_each_body() {
    let busy = Action::status(503, &[], "");
    let fake = Fake::start(Script::attempts([busy.clone(), busy, Action::Default]));
    let status = |prompt: &str| post(&fake, CHAT, &chat(prompt)).unwrap().status;
    assert_eq!([status("a"), status("a"), status("b")], [503, 503, 503]);
    assert_eq!([status("a"), status("a"), status("b")], [200, 200, 503]);
    assert_eq!((fake.count(), fake.answered(), fake.bodies_seen_twice()), (6, 6, 2));
}

#[test]
fn a_rule_sees_the_request() {
    let fake = Fake::start(Script::new(|seen, nth| match seen.prompt().contains("fever") {
        true => Action::Text(format!("fever {nth}")),
        false => Action::Close,
    }));
    assert_eq!(post(&fake, CHAT, &chat("a fever")).unwrap().text(), "fever 1");
    assert_eq!(post(&fake, CHAT, &chat("a fever")).unwrap().text(), "fever 2");
    assert!(post(&fake, CHAT, &chat("a cough")).is_err());
}

#[test]
fn a_rule_that_panics_ends_one_connection_only() {
    let fake = Fake::start(Script::new(|_, nth| match nth {
        1 => panic!("a test's own assertion"),
        _ => Action::Default,
    }));
    assert!(post(&fake, CHAT, &chat("hello")).is_err());
    assert_eq!(post(&fake, CHAT, &chat("hello")).unwrap().status, 200);
}

#[test]
fn count_is_not_counted_itself() {
    let fake = Fake::start(Script::default().forget_requests());
    let mut client = Client::new(fake.address());
    client.ask("POST", CHAT, &chat("hello")).unwrap();
    client.ask("POST", CHAT, &chat("hello")).unwrap();
    let counts = client.ask("GET", "/count", "").unwrap().json();
    assert_eq!(
        counts,
        json!({"count": 2, "bodies_seen_twice": 1, "batch_lines": 0, "answered": 2, "peak": 1})
    );
    assert!(fake.requests().is_empty());
}

#[test]
fn a_client_that_leaves_is_no_longer_in_flight() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(200)));
    for _ in 0..3 {
        let mut client = Client::new(fake.address()).patience(Duration::from_millis(20));
        client.ask("POST", CHAT, &chat("hello")).unwrap_err();
        drop(client);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((fake.count(), fake.answered(), fake.peak()), (3, 0, 1));
}

#[test]
fn a_dropped_server_frees_its_port() {
    let fake = Fake::start(Script::always(Action::Hang));
    let address = fake.address();
    let _idle = Client::new(address);
    drop(fake);
    let again = Fake::start_on(address.port(), Script::default()).expect("the same port");
    assert_eq!(again.address(), address);
    assert!(Fake::start_on(address.port(), Script::default()).is_err(), "it is taken");
}

/// 2,000 requests of 50 ms at 100 connections take 1 s at least. The limit is far above what an
/// idle machine needs, so that a busy one passes too.
#[test]
fn a_hundred_connections_cost_little_more_than_the_latency() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(50)));
    let address = fake.address();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let start = Instant::now();
    runtime.block_on(async {
        let clients = (0..100).map(|client| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                for turn in 0..20 {
                    let body = chat(&format!("question {turn} of {client}"));
                    let length = body.len();
                    let head = format!("POST {CHAT} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n");
                    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                    let mut answer = Vec::new();
                    while !answer.ends_with(b"}}") {
                        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
                    }
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
    });
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(3), "{took:?}");
    assert_eq!((fake.count(), fake.answered(), fake.peak()), (2000, 2000, 100));
    assert_eq!(fake.bodies_seen_twice(), 0);
}
