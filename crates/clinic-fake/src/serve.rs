//! The server's thread: one task a connection, each a loop of request, rule, action.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time;
use tokio_rustls::TlsAcceptor;

use crate::answer::{self, Delivery};
use crate::batch::Batches;
use crate::http::{Connection, End, Response};
use crate::seen::{Log, Ticket};
use crate::stream::Stream;
use crate::{Action, Script};

/// Connections that may wait to be accepted: more than any benchmark opens at once.
const BACKLOG: u32 = 1024;

/// Pieces that a trickled body is cut into.
const PIECES: u32 = 10;

/// What is held at a time of a body that is too long to hold.
static PIECE: [u8; 64 << 10] = [b'x'; 64 << 10];

/// Serves until told to stop, having said where it listens; inside TLS where there is an acceptor.
pub(crate) fn run(
    address: SocketAddr,
    script: Script,
    tls: Option<TlsAcceptor>,
    log: Arc<Log>,
    tell: &mpsc::Sender<io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(tell.send(Err(error))),
    };
    runtime.block_on(async {
        let bound = listen(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let listener = match bound {
            Ok((address, listener)) => {
                let _ = tell.send(Ok(address));
                listener
            }
            Err(error) => return drop(tell.send(Err(error))),
        };
        tokio::select! {
            () = accept(listener, Arc::new(script), tls, log) => {}
            _ = stopped => {}
        }
    });
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // A server that was killed leaves its port in TIME_WAIT; elsewhere than on Unix this option
    // would share the port with a living one.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(
    listener: TcpListener,
    script: Arc<Script>,
    tls: Option<TlsAcceptor>,
    log: Arc<Log>,
) {
    let batches = Arc::new(Batches::default());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Only a delay is lost where this fails.
                let _ = stream.set_nodelay(true);
                let (script, tls, log) = (Arc::clone(&script), tls.clone(), Arc::clone(&log));
                let batches = Arc::clone(&batches);
                tokio::spawn(async move {
                    let stream = match tls {
                        None => Stream::Plain(stream),
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Stream::Tls(Box::new(stream)),
                            // The client does not trust the certificate, or speaks no TLS.
                            Err(_) => return,
                        },
                    };
                    converse(stream, script, log, batches).await;
                });
            }
            // Out of file descriptors, say: some come back as connections end.
            Err(_) => time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Answers one client until it leaves or an action ends the connection.
async fn converse(stream: Stream, script: Arc<Script>, log: Arc<Log>, batches: Arc<Batches>) {
    let mut connection = Connection::new(stream);
    loop {
        let incoming = match connection.next().await {
            Ok(incoming) => incoming,
            Err(End::Gone) => return,
            Err(End::Refused(status, why)) => {
                let refusal = answer::error(status, why);
                let _ = send(&mut connection, &refusal, false).await;
                return;
            }
        };
        let keep_alive = incoming.keep_alive;
        let seen = Arc::new(incoming.seen);
        let goes_on = if seen.method == "GET" && seen.route() == "/count" {
            let counts = Response::json(200, &log.tally().to_json());
            send(&mut connection, &counts, keep_alive).await.is_ok()
        } else {
            let (nth, ticket) = log.arrive(&seen, &incoming.raw);
            let mut action = (script.rule)(&seen, nth);
            let mut wait = script.latency;
            while let Action::After(longer, then) = action {
                wait += longer;
                action = *then;
            }
            if !connection.pause(wait).await {
                return;
            }
            let delivery = match batches.serve(&seen, &incoming.raw, &action, &script, &log) {
                Some(response) => answer::dress(&action, response),
                None => answer::deliver(action, &seen),
            };
            perform(&mut connection, delivery, keep_alive, ticket).await
        };
        if !goes_on || !keep_alive {
            return;
        }
    }
}

/// Sends what is to be sent; says whether the connection can be used again.
async fn perform(
    connection: &mut Connection,
    delivery: Delivery,
    keep_alive: bool,
    ticket: Ticket,
) -> bool {
    match delivery {
        Delivery::Whole(response) => {
            let settled = ticket.settle();
            let sent = send(connection, &response, keep_alive).await;
            if sent.is_err() {
                settled.take_back();
            }
            sent.is_ok()
        }
        Delivery::Half(response) => {
            let mut bytes = response.head(keep_alive);
            bytes.extend_from_slice(&response.body[..response.body.len() / 2]);
            let _ = connection.send(&bytes).await;
            false
        }
        Delivery::Slow(response, time) => {
            if connection.send(&response.head(keep_alive)).await.is_err() {
                return false;
            }
            let size = response.body.len().div_ceil(PIECES as usize).max(1);
            let pieces: Vec<&[u8]> = response.body.chunks(size).collect();
            let Some((last, before)) = pieces.split_last() else { return true };
            let pause = time / u32::try_from(pieces.len()).unwrap_or(PIECES);
            for piece in before {
                if !connection.pause(pause).await || connection.send(piece).await.is_err() {
                    return false;
                }
            }
            if !connection.pause(pause).await {
                return false;
            }
            let settled = ticket.settle();
            let sent = connection.send(last).await;
            if sent.is_err() {
                settled.take_back();
            }
            sent.is_ok()
        }
        Delivery::Endless(response, mut left) => {
            let mut head = response.endless_head();
            head.extend_from_slice(&response.body);
            let mut sent = connection.send(&head).await;
            while left > 0 && sent.is_ok() {
                let piece = &PIECE[..PIECE.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
                sent = connection.send(piece).await;
                left -= piece.len() as u64;
            }
            false
        }
        Delivery::HalfHead(response) => {
            let head = response.head(keep_alive);
            let _ = connection.send(&head[..head.len() / 2]).await;
            false
        }
        Delivery::Close => false,
        Delivery::Reset => {
            connection.reset();
            false
        }
        Delivery::HalfClose => {
            connection.half_close().await;
            false
        }
        Delivery::Hang => {
            connection.gone().await;
            false
        }
    }
}

/// A whole response in one write, so that it is one packet where it fits.
async fn send(connection: &mut Connection, response: &Response, keep: bool) -> io::Result<()> {
    let mut bytes = response.head(keep);
    bytes.extend_from_slice(&response.body);
    connection.send(&bytes).await
}
