//! Batches over the socket: what each provider's documentation shows.

use clinic_fake::{Action, BatchEnd, Fake, Script};
use serde_json::{Value, json};

use crate::client::{CHAT, Client, chat, post};

fn body(text: &str) -> Value {
    serde_json::from_str(&chat(text)).unwrap()
}

/// Uploads lines as a form and hands them in; the batch as it is told.
fn begin(client: &mut Client, lines: &[Value]) -> Value {
    let file: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let form = format!(
        "--x\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{file}\r\n--x--\r\n"
    );
    let head = format!(
        "POST /v1/files HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         content-length: {}\r\n\r\n",
        form.len()
    );
    client.write(head.as_bytes());
    client.write(form.as_bytes());
    let file = client.read().unwrap().json();
    let asked = json!({"input_file_id": file["id"], "endpoint": CHAT, "completion_window": "24h",
                       "metadata": {"label": "a"}});
    client.ask("POST", "/v1/batches", &asked.to_string()).unwrap().json()
}

fn line(custom_id: &str, text: &str) -> Value {
    json!({"custom_id": custom_id, "method": "POST", "url": CHAT, "body": body(text)})
}

#[test]
fn a_line_gets_the_answer_of_a_live_request_and_is_counted_apart() {
    let fake = Fake::start(Script::default().polls(1));
    let mut client = Client::new(fake.address());
    let batch = begin(&mut client, &[line("a", "fever"), line("b", "cough")]);
    assert_eq!(
        (&batch["status"], &batch["metadata"]["label"]),
        (&json!("in_progress"), &json!("a"))
    );
    let path = format!("/v1/batches/{}", batch["id"].as_str().unwrap());
    assert_eq!(client.ask("GET", &path, "").unwrap().json()["status"], "in_progress");
    let ended = client.ask("GET", &path, "").unwrap().json();
    assert_eq!((&ended["status"], &ended["error_file_id"]), (&json!("completed"), &json!(null)));
    let path = format!("/v1/files/{}/content", ended["output_file_id"].as_str().unwrap());
    let file = client.ask("GET", &path, "").unwrap();
    let text = String::from_utf8(file.body).unwrap();
    let live = post(&fake, CHAT, &chat("cough")).unwrap().json();
    let of = |id: &str| {
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["custom_id"] == id).unwrap()
    };
    assert_eq!(of("b")["response"]["body"], live);
    assert_ne!(of("a")["response"]["body"], live);
    assert_eq!((fake.batch_lines(), fake.count()), (2, 6));
    assert_eq!(fake.batch_requests()[1].prompt(), "cough");
}

#[test]
fn a_file_that_is_wrong_fails_as_a_whole() {
    let fake = Fake::start(Script::default());
    let mut client = Client::new(fake.address());
    let batch = begin(&mut client, &[line("a", "fever"), line("a", "cough")]);
    let path = format!("/v1/batches/{}", batch["id"].as_str().unwrap());
    let failed = client.ask("GET", &path, "").unwrap().json();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["errors"]["data"][0]["code"], "duplicate_custom_id");
    assert_eq!((&failed["output_file_id"], fake.batch_lines()), (&json!(null), 0));
}

#[test]
fn message_batches_end_one_after_another_as_the_script_says() {
    let ends = [BatchEnd::Whole, BatchEnd::Expired(1)];
    let fake = Fake::start(Script::always(Action::Text("so".to_owned())).batch_ends(ends));
    let mut client = Client::new(fake.address());
    let requests = ["a", "b"].map(|id| json!({"custom_id": id, "params": body(id)}));
    let asked = json!({"requests": requests}).to_string();
    for (expired, last) in [(0, "succeeded"), (1, "expired")] {
        let batch = client.ask("POST", "/v1/messages/batches", &asked).unwrap().json();
        let path = format!("/v1/messages/batches/{}", batch["id"].as_str().unwrap());
        let ended = client.ask("GET", &path, "").unwrap().json();
        assert_eq!(ended["processing_status"], "ended");
        assert_eq!(ended["request_counts"]["expired"], expired);
        let file = client.ask("GET", &format!("{path}/results"), "").unwrap().body;
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |id: &str| lines.iter().find(|line| line["custom_id"] == id).unwrap();
        assert_eq!(of("a")["result"]["message"]["content"][0]["text"], "so");
        assert_eq!(of("b")["result"]["type"], last);
    }
    let list = client.ask("GET", "/v1/messages/batches?limit=1", "").unwrap().json();
    assert_eq!((&list["has_more"], &list["last_id"]), (&json!(true), &json!("msgbatch_1")));
    let next = "/v1/messages/batches?limit=1&after_id=msgbatch_1";
    let list = client.ask("GET", next, "").unwrap().json();
    assert_eq!((&list["has_more"], &list["last_id"]), (&json!(false), &json!("msgbatch_0")));
}
