//! The live API: every way in, every region, concurrently; explicit targets, and those that discovery
//! finds. Finding and fetching overlap: an app's settings are read while later apps are listed.
//!
//! One lane works on each access in each region. What lanes share is here: the places whose limits
//! they keep, the credentials, and what is to be said in the end.

mod answers;
mod attempt;
mod backoff;
mod call;
mod discover;
mod failure;
mod lane;
mod pace;
mod queue;
mod sdk_error;
mod session;
mod tally;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use aws_sdk_amplify::config::SharedHttpClient;
use futures_util::future::join_all;
use tokio::sync::mpsc::Sender;
use tokio::sync::{OnceCell, Semaphore};

use lane::Lane;
use pace::Pace;
use session::{NotAssumed, Session};
use tally::Tally;

use super::{Answered, Arrival, Depth, Order, Origin, Request, Streamed};
use crate::config::{Access, Amplify, ExplicitTarget, Source, SourceKind, Wanted};
use crate::finding::Notice;
use crate::progress::Event;
use crate::target::{Cause, Scope, Target, TargetId, Unaudited};

/// The regions where AmplifyBackend is offered, as botocore 1.44.5 lists them (`endpoints.json`).
pub const REGIONS: [&str; 19] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// A source of live targets.
struct Live<'a> {
    index: usize,
    source: &'a Source,
    amplify: &'a Amplify,
    tally: Tally,
}

/// One account and region, whose limits all lanes there keep together.
struct Place {
    permits: Semaphore,
    pace: RefCell<Pace>,
}

/// What all lanes share.
struct Fleet<'a> {
    request: &'a Request<'a>,
    arrivals: &'a Sender<Arrival>,
    http: SharedHttpClient,
    everywhere: Semaphore,
    /// Whether there is more than one way in.
    several_ways: bool,
    /// Ambient credentials, by profile.
    ambient: HashMap<Option<&'a str>, OnceCell<Result<Session, Unaudited>>>,
    /// By owner and region.
    places: RefCell<HashMap<(String, String), Rc<Place>>>,
    notices: RefCell<Vec<Notice>>,
    /// Targets of other shards.
    elsewhere: RefCell<Vec<TargetId>>,
    /// Targets, environments and apps that nobody asked for.
    unasked: RefCell<Vec<TargetId>>,
    /// Regions that have apps.
    inhabited: RefCell<BTreeSet<String>>,
}

/// Visits everything that the live sources name, and sends what came of each target.
pub(super) async fn stream(request: &Request<'_>, arrivals: &Sender<Arrival>) -> Streamed {
    let sources = request.config.sources.iter().enumerate();
    let live: Vec<Live<'_>> = sources
        .filter_map(|(index, source)| match &source.kind {
            SourceKind::Amplify(amplify) => {
                Some(Live { index, source, amplify, tally: Tally::new(&amplify.wanted) })
            }
            SourceKind::Recordings(_) => None,
        })
        .collect();
    if live.is_empty() {
        return Streamed::default();
    }
    let ways = || live.iter().flat_map(|live| live.amplify.access.iter().map(move |access| (live, access)));
    let fleet = Fleet {
        request,
        arrivals,
        http: session::http_client(),
        everywhere: Semaphore::new(request.config.limits.concurrency),
        several_ways: ways().map(|(_, access)| access).collect::<HashSet<_>>().len() > 1,
        ambient: ways().map(|(_, access)| (access.profile.as_deref(), OnceCell::new())).collect(),
        places: RefCell::default(),
        notices: RefCell::default(),
        elsewhere: RefCell::default(),
        unasked: RefCell::default(),
        inhabited: RefCell::default(),
    };
    join_all(ways().map(|(live, access)| fleet.visit(live, access))).await;
    let mut notices = fleet.notices.into_inner();
    // Of what was not asked for, nothing is missing.
    if request.selection.globs.is_empty() {
        notices.extend(live.iter().flat_map(|live| live.tally.notices(live.source, &live.amplify.wanted)));
    }
    Streamed {
        notices,
        elsewhere: fleet.elsewhere.into_inner(),
        unasked: fleet.unasked.into_inner(),
        inhabited: fleet.inhabited.into_inner(),
    }
}

impl<'a> Fleet<'a> {
    /// All regions of one access.
    async fn visit(&'a self, live: &'a Live<'a>, access: &'a Access) {
        let session = tokio::select! {
            () = self.request.stopped() => {
                Err(Unaudited::new(Cause::Interrupted, "the run was stopped before there were credentials"))
            }
            session = self.open(access, &live.amplify.regions) => session,
        };
        let session = match session {
            Ok(session) => session,
            Err(why) => return self.shut_out(live, access, &why).await,
        };
        let lanes = live.amplify.regions.iter().map(|region| {
            let place = self.place(&session, region);
            async { Lane::new(self, live, &session, region, place).run().await }
        });
        join_all(lanes).await;
    }

    async fn open(&'a self, access: &'a Access, regions: &[String]) -> Result<Session, Unaudited> {
        let limits = &self.request.config.limits;
        let first = regions.first().map(String::as_str).unwrap_or_default();
        // Asking for credentials is a call, too. The semaphore is never closed.
        let _permit = self.everywhere.acquire().await;
        let profile = access.profile.as_deref();
        let base = self.ambient[&profile]
            .get_or_init(|| async {
                let ambient = self.request.profile;
                let session = session::ambient(profile, ambient, first, limits, self.http.clone()).await?;
                // Where there are other ways in, they may lead to the same account.
                Ok(if self.several_ways { session.with_account().await } else { session })
            })
            .await
            .clone()?;
        let Some(role) = &access.role else { return Ok(base) };
        // A region that is broken, or not enabled, must not take the others along.
        let mut failure = None;
        for region in regions {
            match session::assumed(role, &base, region, access, limits).await {
                Ok(session) => return Ok(session),
                Err(NotAssumed { why, elsewhere }) => {
                    let why = failure.get_or_insert(why);
                    if !elsewhere {
                        return Err(why.clone());
                    }
                }
            }
        }
        Err(failure
            .unwrap_or_else(|| Unaudited::new(Cause::Credentials, "there is no region to assume a role in")))
    }

    fn place(&self, session: &Session, region: &str) -> Rc<Place> {
        let mut places = self.places.borrow_mut();
        let place = places.entry((session.owner.clone(), region.to_owned())).or_insert_with(|| {
            Rc::new(Place {
                permits: Semaphore::new(self.request.config.limits.concurrency_per_region),
                pace: RefCell::new(Pace::new(Instant::now())),
            })
        });
        Rc::clone(place)
    }

    /// Nothing of an access can be read.
    async fn shut_out(&self, live: &Live<'_>, access: &Access, why: &Unaudited) {
        match &live.amplify.wanted {
            Wanted::Targets(targets) => {
                for (item, explicit) in targets.iter().enumerate() {
                    let region = live.amplify.regions.first().map(String::as_str);
                    let target =
                        live.target(explicit, access.account.clone(), region, explicit.resource.as_deref());
                    self.lost((live.index, item), live, target, why.clone()).await;
                }
            }
            Wanted::Discovered(_) => {
                let regions = live.amplify.regions.join(", ");
                let account = access
                    .account
                    .as_ref()
                    .map(|account| format!("account {account} in "))
                    .unwrap_or_default();
                let message = format!("cannot read {account}{regions}: {}", why.message);
                let scope = Scope { account: access.account.clone(), ..Scope::default() };
                self.unreadable(live, scope, Unaudited { message, ..why.clone() });
            }
        }
    }

    /// A target that the configuration names, and whose settings will not come.
    async fn lost(&self, order: Order, live: &Live<'_>, target: Target, why: Unaudited) {
        let selection = self.request.selection;
        if !selection.may_be_wanted(&target) {
            return;
        }
        if selection.is_in_shard(&target.id) {
            self.discovered();
            self.deliver(order, Arc::new(target), Err(why)).await;
            return;
        }
        self.elsewhere.borrow_mut().push(target.id.clone());
        if target.resource.is_empty() {
            // It is another shard's under this name; those that it hides may be of any.
            let scope = Scope {
                account: target.account,
                region: target.region,
                app_id: Some(target.app_id),
                environment: Some(target.environment),
            };
            self.unreadable(live, scope, why);
        }
    }

    /// Whether a target is this run's: wanted, and of its shard.
    fn takes(&self, id: &TargetId) -> bool {
        let selection = self.request.selection;
        let wanted = selection.wants(id);
        if wanted && !selection.is_in_shard(id) {
            self.elsewhere.borrow_mut().push(id.clone());
            return false;
        }
        if !wanted {
            self.unasked.borrow_mut().push(id.clone());
        }
        wanted
    }

    /// Whether a target of this app, or of this environment of it, may be wanted.
    fn may_take(&self, app: &str, environment: Option<&str>) -> bool {
        let is_wanted = self.request.selection.may_want(&TargetId::beginning(app, environment));
        if !is_wanted {
            self.unasked.borrow_mut().push(TargetId::new(app, environment.unwrap_or_default(), ""));
        }
        is_wanted
    }

    fn discovered(&self) {
        self.request.progress.event(&Event::Discovered { targets: 1 });
    }

    async fn deliver(&self, order: Order, target: Arc<Target>, answer: Result<Answered, Unaudited>) {
        if self.request.depth == Depth::Settings {
            self.request
                .progress
                .event(&Event::Fetched { target: &target.id, failure: answer.as_ref().err() });
        }
        // Where nobody receives any more, the run has failed elsewhere, and says so there.
        let _ = self.arrivals.send(Arrival { order, origin: Origin::Call(target), answer }).await;
    }

    fn unreadable(&self, live: &Live<'_>, scope: Scope, why: Unaudited) {
        live.tally.is_partial();
        // Of an app that was not seen to its end, one list is as good as two.
        let is_said = |notice: &Notice| {
            notice
                .unread
                .as_ref()
                .is_some_and(|said| said.why.kind == Cause::Interrupted && said.scope == scope)
        };
        if why.kind == Cause::Interrupted && self.notices.borrow().iter().any(is_said) {
            return;
        }
        self.say(Notice::unreadable(scope, why).at(live.source.location.clone()));
    }

    fn say(&self, notice: Notice) {
        self.notices.borrow_mut().push(notice);
    }
}

impl Live<'_> {
    /// A target that the configuration names; its resource is empty where it has still to be looked up.
    fn target(
        &self,
        explicit: &ExplicitTarget,
        account: Option<String>,
        region: Option<&str>,
        resource: Option<&str>,
    ) -> Target {
        let resource = resource.unwrap_or_default();
        Target {
            id: TargetId::new(&explicit.app, &explicit.environment, resource),
            account,
            region: region.map(str::to_owned),
            app_id: explicit.app.clone(),
            app_name: None,
            environment: explicit.environment.clone(),
            resource: resource.to_owned(),
            stage: explicit.stage,
            labels: explicit.labels.clone(),
            source: Arc::clone(&self.source.name),
            declared: explicit.location.clone(),
        }
    }
}
