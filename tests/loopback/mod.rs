//! A real HTTP server on 127.0.0.1 that speaks to clients of AWS as AWS does, and as AWS does on a bad
//! day.
//!
//! It has a thread and a runtime of its own, listens on a free port and stops when dropped. A file for
//! each service (`amplify`, `amplifybackend`, `sts`) says what a request asks for and what a good answer
//! to it is; `fleet` is what there is to ask for. What all services share has files, too: connections
//! (`http`), signatures (`sigv4`) and the keys that they are made with (`keys`), what comes of calls
//! (`script`, `throttle`), and the record of what was asked (`call`).
//!
//! A call goes through these gates: the signature, the session's age, throttling, the faults, and the
//! script of its app. What passes them all is answered from the fleet.

mod amplify;
mod amplifybackend;
mod call;
mod fleet;
mod http;
mod keys;
mod script;
mod sigv4;
mod sts;
mod throttle;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

pub(crate) use call::Call;
pub(crate) use fleet::{App, Backend, Branch, Meta};
pub(crate) use keys::ACCOUNT;
pub(crate) use script::{Edit, Raw, Reply, Script, Where};
pub(crate) use throttle::{Bucket, Random, Throttle, Tokens};

use call::{Asked, Protocol, Record};
use keys::Keys;
use script::Fault;

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
    /// What a list has on a page at most, where that is less than the API allows.
    pub(crate) most_per_page: Option<usize>,
    /// How long sessions live, where that is not what was asked for.
    pub(crate) session_lifetime: Option<Duration>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) random: Option<Random>,
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
            keys: Mutex::default(),
            throttling: Mutex::default(),
            faults: Mutex::default(),
            scripts: Mutex::default(),
            fleet: Mutex::default(),
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
                        () = http::accept(listener, state) => {}
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

    /// Makes an app known to GetBackendAuth, whoever asks for it, and says what comes of its calls. An
    /// app that has neither a script nor an owner is not found.
    pub(crate) fn script(&self, app: &str, script: Script) {
        locked(&self.state.scripts).insert(app.to_owned(), script);
    }

    /// Gives an app to its account.
    pub(crate) fn own(&self, app: App) {
        let place = (app.account.clone(), app.region.clone());
        locked(&self.state.fleet).entry(place).or_default().push(app);
    }

    /// Says what comes of some calls. Of the faults that are for a call, the first that still has a reply
    /// comes.
    pub(crate) fn fault(&self, place: Where, script: Script) {
        locked(&self.state.faults).push((place, script));
    }

    /// Makes a further access key known, which is good for ever.
    pub(crate) fn key(&self, access_key: &str, secret: &str, account: &str) {
        locked(&self.state.keys).add(access_key, secret, account);
    }

    /// From now on a role can be assumed with this external ID only. Every role can be assumed with a
    /// good key, and those without an external ID with any.
    pub(crate) fn external_id(&self, role: &str, external_id: &str) {
        locked(&self.state.keys).require_external_id(role, external_id);
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

    /// The same of one account in one region.
    pub(crate) fn most_in_flight_of(&self, account: &str, region: &str) -> usize {
        let place = (account.to_owned(), region.to_owned());
        locked(&self.state.record).places.get(&place).map_or(0, |place| place.most)
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

struct State {
    manner: Manner,
    keys: Mutex<Keys>,
    throttling: Mutex<throttle::Memory>,
    faults: Mutex<Vec<(Where, Script)>>,
    /// By app.
    scripts: Mutex<HashMap<String, Script>>,
    /// By account and region.
    fleet: Mutex<HashMap<(String, String), Vec<App>>>,
    record: Mutex<Record>,
    /// Whether `hold_until` calls were once in flight.
    filled: watch::Sender<bool>,
}

impl State {
    /// What a call is told that is not even looked at.
    fn turned_away(&self, asked: &Asked) -> Option<Fault> {
        if asked.expired {
            let why = "The security token included in the request is expired";
            return Some(Fault::new(403, "ExpiredTokenException", why));
        }
        locked(&self.throttling).throttle(asked, self.manner.bucket, self.manner.random)
    }

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

    /// What comes of a call: of a fault, else of the script of its app.
    fn reply(&self, call: &Call) -> Reply {
        let mut faults = locked(&self.faults);
        let fault =
            faults.iter_mut().filter(|(place, _)| place.covers(call)).find_map(|(_, script)| script.next());
        fault
            .or_else(|| {
                let of_an_app = call.operation == "GetBackendAuth";
                locked(&self.scripts).get_mut(&call.app).filter(|_| of_an_app)?.next()
            })
            .unwrap_or_else(Reply::good)
    }

    /// The good answer with its edits; an error where there is none.
    fn answer(&self, asked: &Asked, edits: &[Edit]) -> Raw {
        let call = &asked.call;
        let fleet = locked(&self.fleet);
        let apps =
            fleet.get(&(call.account.clone(), call.region.clone())).map(Vec::as_slice).unwrap_or_default();
        let answer = match call.operation {
            "ListApps" | "ListBackendEnvironments" | "ListBranches" => {
                amplify::answer(asked, apps, &self.manner)
            }
            "GetBackend" | "GetBackendAuth" => {
                amplifybackend::answer(call, apps, locked(&self.scripts).contains_key(&call.app))
            }
            _ => sts::answer(asked, &mut locked(&self.keys), &self.manner),
        };
        match answer {
            Err(fault) => http::spoken(asked.protocol, fault),
            Ok(answer) => {
                let answer = script::edited(answer, edits);
                match asked.protocol {
                    Protocol::Json => Raw::json(200, &answer),
                    Protocol::Query => sts::xml(call.operation, &answer),
                }
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that failed while it held the lock has already said why.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
