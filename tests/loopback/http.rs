//! Connections, and what a request and its response look like on them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::CONTENT_LENGTH;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use percent_encoding::percent_decode_str;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use super::call::{Asked, Call, Counted, MOST_CALLS, Protocol};
use super::script::{Fault, Raw, Reply};
use super::sigv4::{self, Authorization, Signed};
use super::{State, amplify, amplifybackend, locked, sts};

/// Connections at once: more than any client under test may open.
const CONNECTIONS: usize = 256;
/// The longest request body.
const LONGEST_BODY: usize = 64 * 1024;
/// How far the clock of a client may be off.
const SKEW: Duration = Duration::from_mins(5);

pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
        // A client may be gone before it is accepted.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            serve(stream, &state).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, state: &State) {
    let reset = Notify::new();
    // Small writes go out at once: latency is what the manner says, and no more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, state, &reset));
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let reset_by_script = tokio::select! {
        // How a connection ends is for the client to say.
        _ = &mut connection => false,
        () = reset.notified() => true,
    };
    if reset_by_script {
        // Closing with a linger of zero sends RST in place of FIN.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

async fn respond(
    request: Request<Incoming>,
    state: &State,
    reset: &Notify,
) -> Result<Response<Content>, Infallible> {
    // Only STS is called there.
    let protocol = if request.uri().path() == "/" { Protocol::Query } else { Protocol::Json };
    let asked = match understand(request, protocol, state).await {
        Ok(asked) => asked,
        Err(refusal) => {
            let mut record = locked(&state.record);
            if record.refused.len() < MOST_CALLS {
                record.refused.push(refusal.message.clone());
            }
            return Ok(whole(spoken(protocol, refusal)));
        }
    };
    let in_flight = Counted::new(state, &asked.call);
    let turned_away = state.turned_away(&asked);
    state.hold().await;
    tokio::time::sleep(state.manner.latency).await;
    let reply = turned_away.map_or_else(|| state.reply(&asked.call), Reply::Error);
    let response = match reply {
        Reply::Answer(edits) => whole(state.answer(&asked, &edits)),
        Reply::Truncated => {
            let mut answer = state.answer(&asked, &[]);
            answer.body.truncate(answer.body.len() / 2);
            whole(answer)
        }
        Reply::Error(fault) => whole(spoken(protocol, fault)),
        Reply::Raw(response) => {
            tokio::time::sleep(response.delay).await;
            whole(response)
        }
        Reply::Reset => {
            reset.notify_one();
            std::future::pending().await
        }
        Reply::Hang => std::future::pending().await,
        Reply::CutOff(half) => partial(half, Content::BreaksAfter),
        Reply::Stall(half) => partial(half, Content::StallsAfter),
    };
    in_flight.answered(response.status().as_u16());
    Ok(response)
}

/// The call that a request makes; or why no client of AWS makes it.
async fn understand(request: Request<Incoming>, protocol: Protocol, state: &State) -> Result<Asked, Fault> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_BODY)
        .collect()
        .await
        .map_err(|error| Fault::new(400, "BadRequestException", format!("the body: {error}")))?
        .to_bytes();
    let mut head = Head {
        protocol,
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        signer: None,
    };
    let authorization = sigv4::header(&parts.headers, "authorization");
    let Some(authorization) = Authorization::parse(authorization) else {
        if protocol == Protocol::Query {
            // One action needs no signature.
            return sts::understand(&head, &body);
        }
        let why = format!("no signature of version 4 in `{authorization}`");
        return Err(Fault::new(403, "MissingAuthenticationTokenException", why));
    };
    in_time(sigv4::header(&parts.headers, "x-amz-date"))?;
    let token = parts.headers.get("x-amz-security-token").map(|token| token.to_str().unwrap_or_default());
    let key = locked(&state.keys).with_token(authorization.key, token).cloned().ok_or_else(|| {
        let why = "The security token included in the request is invalid.";
        Fault::new(403, "UnrecognizedClientException", why)
    })?;
    let signed = Signed {
        method: &head.method,
        path: &head.path,
        query: &head.query,
        headers: &parts.headers,
        body: &body,
    };
    let wrong = |why: String| Fault::new(403, "InvalidSignatureException", why);
    authorization.verify(&key.secret, &signed).map_err(wrong)?;
    head.signer = Some(Signer {
        access_key: authorization.key.to_owned(),
        account: key.account,
        region: authorization.region.to_owned(),
        expired: key.expires.is_some_and(|expires| expires <= Instant::now()),
    });
    match authorization.service {
        "amplify" => amplify::understand(&head),
        "amplifybackend" => amplifybackend::understand(&head, &body),
        "sts" if protocol == Protocol::Query && head.method == "POST" => sts::understand(&head, &body),
        other => Err(wrong(format!("signed for the service `{other}`"))),
    }
}

/// Whether a request was signed now.
fn in_time(date: &str) -> Result<(), Fault> {
    let signed =
        DateTime::strptime("%Y%m%dT%H%M%SZ", date).and_then(|date| Offset::UTC.to_timestamp(date)).map_err(
            |_| Fault::new(403, "IncompleteSignatureException", format!("x-amz-date is `{date}`")),
        )?;
    if now().duration_since(signed).unsigned_abs() <= SKEW {
        return Ok(());
    }
    let why = format!("Signature expired: {date} is not within 5 minutes of {}", now());
    Err(Fault::new(403, "InvalidSignatureException", why))
}

#[expect(clippy::disallowed_methods, reason = "the server is a clock of its own")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// A request before its service has read it.
pub(super) struct Head {
    protocol: Protocol,
    pub(super) method: String,
    /// As on the wire.
    pub(super) path: String,
    /// As on the wire.
    pub(super) query: String,
    pub(super) signer: Option<Signer>,
}

/// Who signed a request.
pub(super) struct Signer {
    access_key: String,
    account: String,
    region: String,
    /// Whether the session was over.
    expired: bool,
}

impl Head {
    /// A call of an operation, by whoever signed it.
    pub(super) fn asked(&self, operation: &'static str) -> Asked {
        let signer = self.signer.as_ref();
        let of = |part: fn(&Signer) -> &String| signer.map(part).cloned().unwrap_or_default();
        Asked {
            call: Call {
                operation,
                account: of(|signer| &signer.account),
                region: of(|signer| &signer.region),
                app: String::new(),
                environment: String::new(),
                resource: String::new(),
                access_key: of(|signer| &signer.access_key),
                at: Instant::now(),
                status: None,
            },
            protocol: self.protocol,
            input: BTreeMap::new(),
            expired: signer.is_some_and(|signer| signer.expired),
        }
    }

    /// A label of the path, decoded.
    pub(super) fn label(&self, label: &str) -> Result<String, Fault> {
        percent_decode_str(label).decode_utf8().map(String::from).map_err(|_| {
            let why = format!("`{label}` in {} is not encoded UTF-8", self.path);
            Fault::new(400, "BadRequestException", why)
        })
    }

    pub(super) fn unknown(&self) -> Fault {
        let why = format!("no operation has {} {}", self.method, self.path);
        Fault::new(404, "UnknownOperationException", why)
    }
}

/// An error in the words of a service.
pub(super) fn spoken(protocol: Protocol, fault: Fault) -> Raw {
    match protocol {
        Protocol::Json => fault.json(),
        Protocol::Query => sts::error(&fault),
    }
}

fn whole(response: Raw) -> Response<Content> {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Content::Whole(response.body.into())).expect("a script has valid headers")
}

fn partial(half: Vec<u8>, content: impl FnOnce(Bytes) -> Content) -> Response<Content> {
    Response::builder()
        .header("content-type", "application/json")
        .header(CONTENT_LENGTH, 2 * half.len())
        .body(content(half.into()))
        .expect("the headers are valid")
}

/// The body of a response.
enum Content {
    Whole(Bytes),
    BreaksAfter(Bytes),
    StallsAfter(Bytes),
    /// All bytes were handed on; they go out before the next poll.
    Breaking,
    Broken,
    Stalled,
}

impl Body for Content {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let (next, polled) = match std::mem::replace(&mut *self, Self::Broken) {
            Self::Whole(bytes) if bytes.is_empty() => (Self::Whole(bytes), Poll::Ready(None)),
            Self::Whole(bytes) => (Self::Whole(Bytes::new()), Poll::Ready(Some(Ok(Frame::data(bytes))))),
            Self::BreaksAfter(bytes) => (Self::Breaking, Poll::Ready(Some(Ok(Frame::data(bytes))))),
            Self::StallsAfter(bytes) => (Self::Stalled, Poll::Ready(Some(Ok(Frame::data(bytes))))),
            Self::Breaking => {
                context.waker().wake_by_ref();
                (Self::Broken, Poll::Pending)
            }
            Self::Broken => (Self::Broken, Poll::Ready(Some(Err("the script breaks this response")))),
            Self::Stalled => (Self::Stalled, Poll::Pending),
        };
        *self = next;
        polled
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::BreaksAfter(_) | Self::StallsAfter(_) | Self::Breaking | Self::Broken | Self::Stalled => {
                SizeHint::default()
            }
        }
    }
}
