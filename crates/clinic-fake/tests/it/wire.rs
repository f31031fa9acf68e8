//! Connections that end in other ways than by a whole answer.

use std::io::ErrorKind;

use clinic_fake::{Action, Fake, Script};

use crate::client::{CHAT, Client, chat, post};

fn always(action: Action) -> Fake {
    Fake::start(Script::always(action))
}

/// A client that has sent one request.
fn asking(fake: &Fake) -> Client {
    let mut client = Client::new(fake.address());
    let body = chat("hello");
    let length = body.len();
    let request = format!("POST {CHAT} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
    client.write(request.as_bytes());
    client
}

#[test]
fn reset_is_no_orderly_end() {
    let fake = always(Action::Reset);
    assert_eq!(post(&fake, CHAT, &chat("hello")).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!((fake.count(), fake.answered()), (1, 0));
    let orderly = always(Action::Close);
    let error = post(&orderly, CHAT, &chat("hello")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn half_close_ends_one_half_only() {
    let fake = always(Action::HalfClose);
    let mut client = asking(&fake);
    assert_eq!(client.rest(), b"");
    // A closed connection would answer the second of these with a reset.
    for _ in 0..2 {
        client.write(b"still here");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!((fake.count(), fake.answered()), (1, 0));
}

#[test]
fn half_a_head_stops_inside_the_headers() {
    let fake = always(Action::HalfHead);
    let rest = String::from_utf8(asking(&fake).rest()).unwrap();
    assert!(
        rest.starts_with("HTTP/1.1 200 OK\r\ncontent-") && !rest.contains("\r\n\r\n"),
        "{rest}"
    );
    assert_eq!(fake.answered(), 0);
}

#[test]
fn a_huge_text_has_its_length_and_promises_none() {
    let fake = always(Action::Huge(200_000));
    let rest = String::from_utf8(asking(&fake).rest()).unwrap();
    let (head, body) = rest.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("content-length"), "{head}");
    let text =
        body.strip_prefix(r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""#);
    assert_eq!(text, Some(&*"x".repeat(200_000)));
}

#[test]
fn a_huge_text_ends_when_the_client_leaves() {
    let fake = always(Action::Huge(u64::MAX));
    let mut client = asking(&fake);
    client.head().expect("headers at once");
    drop(client);
    let again = asking(&fake).head().expect("the server has time for others");
    assert!(again.starts_with("HTTP/1.1 200"));
    assert_eq!((fake.count(), fake.answered()), (2, 0));
}
