//! A real HTTP server on 127.0.0.1 that speaks to the AWS SDK as AWS does, and as AWS does on a bad day.
//!
//! It has a thread and a runtime of its own, listens on a free port and stops when dropped. A file for
//! each service (`amplifybackend`) says what a request asks for and what a good answer to it is. What
//! all of them share is here: connections, the check of the signature, the script of each app, and the
//! record of what was asked.

mod amplifybackend;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, oneshot, watch};

/// Connections at once: more than any client under test may open.
const CONNECTIONS: usize = 256;
/// The longest request body.
const LONGEST_BODY: usize = 64 * 1024;
/// Calls in the record: a client that never stops must not fill the memory.
const MOST_CALLS: usize = 100_000;
/// How long calls are held together before they are let go even so.
const LONGEST_HOLD: Duration = Duration::from_secs(10);

/// How the server behaves to every call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// What every call takes.
    pub(crate) latency: Duration,
    /// The first calls are held until so many are in flight, so that a test of concurrency depends on
    /// no one's speed.
    pub(crate) hold_until: usize,
}

/// The running server.
pub(crate) struct Loopback {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    pub(crate) fn start(manner: Manner) -> Self {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State {
            manner,
            scripts: Mutex::default(),
            record: Mutex::default(),
            filled: watch::Sender::new(false),
        });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn({
            let state = Arc::clone(&state);
            move || {
                // Dropping the runtime ends every connection.
                runtime.block_on(async {
                    tokio::select! {
                        () = accept(listener, state) => {}
                        _ = stopped => {}
                    }
                });
            }
        });
        Self { address, state, stop: Some(stop), thread: Some(thread) }
    }

    /// For `AWS_ENDPOINT_URL`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes an app known, and says what comes of calls for it. Apps without a script are not found.
    pub(crate) fn script(&self, app: &str, script: Script) {
        locked(&self.state.scripts).insert(app.to_owned(), script);
    }

    /// Every call that was understood, in the order of arrival.
    pub(crate) fn calls(&self) -> Vec<Call> {
        locked(&self.state.record).calls.clone()
    }

    /// How many of them were for an app.
    pub(crate) fn calls_for(&self, app: &str) -> usize {
        locked(&self.state.record).calls.iter().filter(|call| call.app == app).count()
    }

    /// Requests that no client of AWS sends, and what was wrong with them.
    pub(crate) fn refused(&self) -> Vec<String> {
        locked(&self.state.record).refused.clone()
    }

    /// The most calls that were ever in flight at once.
    pub(crate) fn most_in_flight(&self) -> usize {
        locked(&self.state.record).everywhere.most
    }

    /// The same of one region.
    pub(crate) fn most_in_flight_in(&self, region: &str) -> usize {
        locked(&self.state.record).regions.get(region).map_or(0, |region| region.most)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // The other end is gone where the thread has ended by itself.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// One call that was understood.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) app: String,
    pub(crate) environment: String,
    pub(crate) resource: String,
    /// Of the signature.
    pub(crate) region: String,
    pub(crate) at: Instant,
}

/// What comes of the calls for one app.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    first: VecDeque<Reply>,
    then: Reply,
}

impl Script {
    /// The same for every call.
    pub(crate) fn always(reply: Reply) -> Self {
        Self { first: VecDeque::new(), then: reply }
    }

    /// These replies, one a call, and good answers after them.
    pub(crate) fn first(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { first: replies.into_iter().collect(), then: Reply::good() }
    }

    fn next(&mut self) -> Reply {
        self.first.pop_front().unwrap_or_else(|| self.then.clone())
    }
}

/// What comes of one call.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// The service's good answer, edited.
    Answer(Vec<Edit>),
    /// Any response.
    Raw(Raw),
    /// The connection is reset before a byte of the response.
    Reset,
    /// No byte ever comes.
    Hang,
    /// A good head, half of the body, and the end of the connection.
    CutOff(Vec<u8>),
    /// A good head, half of the body, and nothing more.
    Stall(Vec<u8>),
}

/// A change of a good answer.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Set(&'static str, Value),
    Remove(&'static str),
}

/// Any response.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    delay: Duration,
}

impl Reply {
    pub(crate) fn good() -> Self {
        Self::Answer(Vec::new())
    }

    /// The good answer with another value at a pointer.
    pub(crate) fn with(pointer: &'static str, value: Value) -> Self {
        Self::Answer(vec![Edit::Set(pointer, value)])
    }

    /// The good answer without a member.
    pub(crate) fn without(pointer: &'static str) -> Self {
        Self::Answer(vec![Edit::Remove(pointer)])
    }

    /// An error as AWS sends it: the code in a header, the message in the body.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::Raw(
            Raw::json(status, &json!({"message": "said by the loopback server"}))
                .header("x-amzn-errortype", code),
        )
    }
}

impl Raw {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

struct State {
    manner: Manner,
    scripts: Mutex<HashMap<String, Script>>,
    record: Mutex<Record>,
    /// Whether `hold_until` calls were once in flight.
    filled: watch::Sender<bool>,
}

#[derive(Default)]
struct Record {
    calls: Vec<Call>,
    refused: Vec<String>,
    everywhere: InFlight,
    regions: BTreeMap<String, InFlight>,
}

#[derive(Default)]
struct InFlight {
    now: usize,
    most: usize,
}

impl InFlight {
    fn begin(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that failed while it held the lock has already said why.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<State>) {
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
    let call = match understand(request).await {
        Ok(call) => call,
        Err(refusal) => {
            locked(&state.record).refused.push(refusal.why.clone());
            let said = Raw::json(refusal.status, &json!({"message": refusal.why}));
            return Ok(raw(said.header("x-amzn-errortype", refusal.code)));
        }
    };
    let _in_flight = Counted::new(state, &call);
    state.hold().await;
    tokio::time::sleep(state.manner.latency).await;
    let reply = match locked(&state.scripts).get_mut(&call.app) {
        Some(script) => script.next(),
        None => amplifybackend::not_found(),
    };
    Ok(match reply {
        Reply::Answer(edits) => raw(Raw::json(200, &edited(amplifybackend::answer(&call), &edits))),
        Reply::Raw(response) => {
            tokio::time::sleep(response.delay).await;
            raw(response)
        }
        Reply::Reset => {
            reset.notify_one();
            std::future::pending().await
        }
        Reply::Hang => std::future::pending().await,
        Reply::CutOff(half) => partial(half, Content::BreaksAfter),
        Reply::Stall(half) => partial(half, Content::StallsAfter),
    })
}

/// Why a request is none that a client of AWS sends.
struct Refusal {
    status: u16,
    code: &'static str,
    why: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, why: impl Into<String>) -> Self {
        Self { status, code, why: why.into() }
    }
}

async fn understand(request: Request<Incoming>) -> Result<Call, Refusal> {
    let (head, body) = request.into_parts();
    let authorization =
        head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(scope) = Scope::parse(authorization) else {
        return Err(Refusal::new(
            403,
            "MissingAuthenticationTokenException",
            format!("no signature of version 4 in `{authorization}`"),
        ));
    };
    if !head.headers.contains_key("x-amz-date") {
        return Err(Refusal::new(403, "IncompleteSignatureException", "no x-amz-date"));
    }
    let body = Limited::new(body, LONGEST_BODY)
        .collect()
        .await
        .map_err(|error| Refusal::new(400, "BadRequestException", format!("the body: {error}")))?
        .to_bytes();
    match scope.service {
        "amplifybackend" => amplifybackend::understand(&head.method, head.uri.path(), &body, scope.region),
        other => {
            Err(Refusal::new(403, "InvalidSignatureException", format!("signed for the service `{other}`")))
        }
    }
}

/// What a signature is good for.
struct Scope<'a> {
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    /// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`
    fn parse(authorization: &'a str) -> Option<Self> {
        let mut parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let credential: Vec<_> = credential.split('/').collect();
        let [_key, _date, region, service, "aws4_request"] = credential[..] else { return None };
        let whole = headers.split(';').any(|header| header == "host")
            && signature.len() == 64
            && signature.bytes().all(|digit| digit.is_ascii_hexdigit());
        whole.then_some(Self { region, service })
    }
}

impl State {
    /// Holds the first calls until enough are in flight. The latency that follows lets one too many show.
    async fn hold(&self) {
        if locked(&self.record).everywhere.now >= self.manner.hold_until {
            self.filled.send_replace(true);
            return;
        }
        let mut filled = self.filled.subscribe();
        // Where they do not come, the test's own assertion says so.
        let _ = tokio::time::timeout(LONGEST_HOLD, filled.wait_for(|filled| *filled)).await;
    }
}

/// A call in flight, until it is dropped: answered, or given up by the client.
struct Counted<'s> {
    state: &'s State,
    region: String,
}

impl<'s> Counted<'s> {
    fn new(state: &'s State, call: &Call) -> Self {
        let mut record = locked(&state.record);
        if record.calls.len() < MOST_CALLS {
            record.calls.push(call.clone());
        }
        record.everywhere.begin();
        record.regions.entry(call.region.clone()).or_default().begin();
        Self { state, region: call.region.clone() }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut record = locked(&self.state.record);
        record.everywhere.now -= 1;
        if let Some(region) = record.regions.get_mut(&self.region) {
            region.now -= 1;
        }
    }
}

fn edited(mut answer: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        let (Edit::Set(pointer, _) | Edit::Remove(pointer)) = edit;
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        let members = answer
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap_or_else(|| panic!("the good answer has no object at `{parent}`"));
        match edit {
            Edit::Set(_, value) => members.insert(name.to_owned(), value.clone()),
            Edit::Remove(_) => {
                Some(members.remove(name).unwrap_or_else(|| panic!("the good answer has no `{pointer}`")))
            }
        };
    }
    answer
}

fn raw(response: Raw) -> Response<Content> {
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
