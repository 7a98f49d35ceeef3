//! One access in one region: its calls, made as fast as the limits and the region allow, each repeated
//! where a further attempt may mend it. Waiting between attempts holds no place of other calls.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::answers::{self, Apps, Backend, Branches, Environments};
use super::attempt::Clients;
use super::backoff::wait;
use super::call::Call;
use super::failure::{Caller, Failure};
use super::queue::Queue;
use super::session::Session;
use super::{Fleet, Live, Place};
use crate::config::{ExplicitTarget, Wanted};
use crate::progress::Event;
use crate::source::{AnswerBytes, Answered, Depth, Order};
use crate::target::{Cause, Scope, Target, Unaudited};

/// Added to the rank of a further attempt.
const FURTHER: u8 = 8;

/// One access in one region.
pub(super) struct Lane<'l> {
    pub(super) fleet: &'l Fleet<'l>,
    pub(super) live: &'l Live<'l>,
    pub(super) region: &'l str,
    pub(super) queue: Queue<Job<'l>>,
    /// Apps, environments and pages that were seen: AWS may list one twice.
    pub(super) seen: RefCell<HashSet<String>>,
    /// How many pages each list had so far.
    pub(super) pages: RefCell<HashMap<String, usize>>,
    who: &'l str,
    account: RefCell<Option<String>>,
    clients: Clients,
    place: Rc<Place>,
}

/// An app that discovery found.
#[derive(Debug)]
pub(super) struct App {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// Whether it has a backend, of either generation.
    pub(super) has_backend: Cell<bool>,
    /// The lists of it that have not come to their end: environments, and branches.
    pub(super) lists: Cell<u8>,
}

/// A call to make, and what became of it so far.
pub(super) struct Job<'l> {
    work: Work<'l>,
    attempts: u32,
    /// When its first attempt began.
    began: Option<Instant>,
    /// What came of its last attempt.
    failure: Option<Failure>,
}

/// What a call is for.
#[derive(Clone)]
pub(super) enum Work<'l> {
    /// A page of apps.
    Apps { token: Option<String> },
    /// A page of an app's environments.
    Environments { app: Rc<App>, token: Option<String> },
    /// A page of an app's branches.
    Branches { app: Rc<App>, token: Option<String> },
    /// The auth resources of an environment.
    Backend { app: Rc<App>, environment: String },
    /// The auth resources of a target that the configuration names without.
    Lookup { order: Order, explicit: &'l ExplicitTarget },
    /// The settings of a target.
    Settings { order: Order, target: Arc<Target> },
}

/// What a call answered.
pub(super) enum Answer {
    Apps(Apps),
    Environments(Environments),
    Branches(Branches),
    Backend(Backend),
    Settings(Vec<u8>),
}

impl Work<'_> {
    fn call(&self) -> Call {
        match self {
            Self::Apps { token } => Call::ListApps { token: token.clone() },
            Self::Environments { app, token } => {
                Call::ListBackendEnvironments { app: app.id.clone(), token: token.clone() }
            }
            Self::Branches { app, token } => Call::ListBranches { app: app.id.clone(), token: token.clone() },
            Self::Backend { app, environment } => {
                Call::GetBackend { app: app.id.clone(), environment: environment.clone() }
            }
            Self::Lookup { explicit, .. } => {
                Call::GetBackend { app: explicit.app.clone(), environment: explicit.environment.clone() }
            }
            Self::Settings { target, .. } => Call::GetBackendAuth {
                app: target.app_id.clone(),
                environment: target.environment.clone(),
                resource: target.resource.clone(),
            },
        }
    }

    /// Pages of apps come one after the other, so the next one is never kept waiting; apart from them,
    /// what was begun is finished first. A further attempt comes before every first one: the time of its
    /// target runs, and that of the others has not begun.
    fn rank(&self) -> u8 {
        match self {
            Self::Apps { .. } => 4,
            Self::Settings { .. } => 3,
            Self::Backend { .. } | Self::Lookup { .. } => 2,
            Self::Environments { .. } | Self::Branches { .. } => 1,
        }
    }

    /// Reads the answer. One that is not what it should be may be better the next time.
    fn read(&self, bytes: Vec<u8>) -> Result<Answer, Failure> {
        match self {
            Self::Apps { .. } => answers::read(&bytes).map(Answer::Apps),
            Self::Environments { .. } => answers::read(&bytes).map(Answer::Environments),
            Self::Branches { .. } => answers::read(&bytes).map(Answer::Branches),
            Self::Backend { .. } | Self::Lookup { .. } => answers::read(&bytes).map(Answer::Backend),
            // Only whether it is whole: what stands in it is read where it is judged.
            Self::Settings { .. } => answers::whole(&bytes).map(|()| Answer::Settings(bytes)),
        }
        .map_err(Failure::unusable)
    }
}

impl<'l> Lane<'l> {
    pub(super) fn new(
        fleet: &'l Fleet<'l>,
        live: &'l Live<'l>,
        session: &'l Session,
        region: &'l str,
        place: Rc<Place>,
    ) -> Self {
        Self {
            fleet,
            live,
            region,
            queue: Queue::new(),
            seen: RefCell::default(),
            pages: RefCell::default(),
            who: &session.who,
            account: RefCell::new(session.account.clone()),
            clients: session.clients(region),
            place,
        }
    }

    /// Makes all calls, and those that they lead to.
    pub(super) async fn run(&self) {
        match &self.live.amplify.wanted {
            Wanted::Targets(targets) => {
                for (item, explicit) in targets.iter().enumerate() {
                    self.named((self.live.index, item), explicit).await;
                }
            }
            Wanted::Discovered(_) => self.push(Work::Apps { token: None }),
        }
        let limits = &self.fleet.request.config.limits;
        let workers = limits.concurrency_per_region.min(limits.concurrency);
        let work = join_all((0..workers).map(|_| self.work()));
        let close = async {
            self.fleet.request.stopped().await;
            self.queue.close();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = work => {}
            () = close => {}
        }
        for job in self.queue.drain() {
            self.give_up(job, &Failure::interrupted()).await;
        }
    }

    pub(super) fn push(&self, work: Work<'l>) {
        if !matches!(work, Work::Settings { .. }) {
            self.fleet.request.progress.event(&Event::Looking { begun: true });
        }
        self.queue.push(work.rank(), Job { work, attempts: 0, began: None, failure: None });
    }

    async fn work(&self) {
        while let Some(mut job) = self.queue.next().await {
            let looking = !matches!(job.work, Work::Settings { .. });
            let answer = tokio::select! {
                biased;
                () = self.fleet.request.stopped() => {
                    self.queue.later(0, Instant::now(), job);
                    return;
                }
                answer = self.attempt(&mut job) => answer,
            };
            match answer {
                Ok(answer) => {
                    if let Err(failure) = self.take(&job, answer).await {
                        self.give_up(job, &failure).await;
                    }
                }
                Err(failure) => match self.next_attempt(&job, &failure) {
                    Some(due) => {
                        job.failure = Some(failure);
                        self.queue.later(FURTHER + job.work.rank(), due, job);
                        continue;
                    }
                    None => self.give_up(job, &failure).await,
                },
            }
            if looking {
                self.fleet.request.progress.event(&Event::Looking { begun: false });
            }
            self.queue.done();
        }
    }

    /// One attempt, when the limits and the pace of the region allow it.
    async fn attempt(&self, job: &mut Job<'l>) -> Result<Answer, Failure> {
        let limits = &self.fleet.request.config.limits;
        // The region's permit comes first: waiting for a slow region holds no place of the others.
        // Neither semaphore is ever closed.
        let _here = self.place.permits.acquire().await;
        self.keep_pace().await;
        let _everywhere = self.fleet.everywhere.acquire().await;
        let started = Instant::now();
        let deadline = *job.began.get_or_insert(started) + limits.target_timeout;
        if let Some(last) = job.failure.take_if(|_| started >= deadline) {
            return Err(last.for_good());
        }
        let call = job.work.call();
        job.attempts += 1;
        let attempt = self.clients.attempt(&call);
        let answer = tokio::time::timeout_at(deadline, attempt).await.unwrap_or(Err(Failure::timeout()));
        self.learn_pace(started, answer.as_ref().err());
        let status = match &answer {
            Ok(_) => Some(200),
            Err(failure) => failure.status,
        };
        let answer = answer.and_then(|bytes| job.work.read(bytes));
        let what = format!("{call} in {}", self.caller().place);
        let why = answer.as_ref().err().map(Failure::brief);
        let attempt = Event::Attempt { what: &what, number: job.attempts, status, failure: why.as_deref() };
        self.fleet.request.progress.event(&attempt);
        answer
    }

    async fn keep_pace(&self) {
        loop {
            let started = self.place.pace.borrow_mut().start(Instant::now().into_std());
            match started {
                Ok(()) => return,
                Err(later) => tokio::time::sleep_until(later.into()).await,
            }
        }
    }

    fn learn_pace(&self, started: Instant, failure: Option<&Failure>) {
        let (started, now) = (started.into_std(), Instant::now().into_std());
        let mut pace = self.place.pace.borrow_mut();
        let before = pace.rate();
        match failure {
            Some(failure) if failure.cause == Cause::Throttled => pace.throttled(started, now, failure.wait),
            // Without an answer, nothing is known of the region.
            Some(failure) if failure.status.is_none() => {}
            Some(_) | None => pace.accepted(started, now),
        }
        let rate = pace.rate();
        if rate != before {
            let region = self.caller().place;
            self.fleet.request.progress.event(&Event::Pace { place: &region, rate });
        }
    }

    /// When to try again; `None` where that is of no use, or not allowed.
    fn next_attempt(&self, job: &Job<'l>, failure: &Failure) -> Option<Instant> {
        let limits = &self.fleet.request.config.limits;
        if !failure.passing || job.attempts >= limits.max_attempts {
            return None;
        }
        let wait = wait(job.attempts).max(failure.wait.unwrap_or_default());
        // Whatever a service asks for.
        let due = Instant::now().checked_add(wait)?;
        (due < job.began? + limits.target_timeout).then_some(due)
    }

    async fn give_up(&self, job: Job<'l>, failure: &Failure) {
        let why = failure.unaudited(&job.work.call().deed(), &self.caller(), job.attempts);
        let scope = |app: Option<&str>, environment: Option<&str>| Scope {
            account: self.account.borrow().clone(),
            region: Some(self.region.to_owned()),
            app_id: app.map(str::to_owned),
            environment: environment.map(str::to_owned),
        };
        let scope = match job.work {
            Work::Settings { order, target } => return self.fleet.deliver(order, target, Err(why)).await,
            Work::Lookup { order, explicit } => return self.unknown(order, explicit, why).await,
            Work::Apps { .. } => scope(None, None),
            Work::Environments { app, .. } | Work::Branches { app, .. } => scope(Some(&app.id), None),
            Work::Backend { app, environment } => scope(Some(&app.id), Some(&environment)),
        };
        self.fleet.unreadable(self.live, scope, why);
    }

    /// A target whose resource could not be looked up.
    pub(super) async fn unknown(&self, order: Order, explicit: &ExplicitTarget, why: Unaudited) {
        let target = self.live.target(explicit, self.account(), Some(self.region), None);
        self.fleet.lost(order, self.live, target, why).await;
    }

    /// A target that the configuration names.
    async fn named(&self, order: Order, explicit: &'l ExplicitTarget) {
        match &explicit.resource {
            Some(resource) => {
                let target = self.live.target(explicit, self.account(), Some(self.region), Some(resource));
                self.found(order, target).await;
            }
            None if self.fleet.may_take(&explicit.app, Some(&explicit.environment)) => {
                self.push(Work::Lookup { order, explicit });
            }
            None => {}
        }
    }

    /// A target whose settings are to be read, where it is this run's.
    pub(super) async fn found(&self, order: Order, target: Target) {
        self.live.tally.found();
        if !self.fleet.takes(&target.id) {
            return;
        }
        self.fleet.discovered();
        let target = Arc::new(target);
        match self.fleet.request.depth {
            Depth::Settings => self.push(Work::Settings { order, target }),
            Depth::Targets | Depth::Recorded => self.fleet.deliver(order, target, Ok(Answered::Listed)).await,
        }
    }

    pub(super) async fn settings(&self, order: Order, target: &Arc<Target>, bytes: Vec<u8>, attempts: u32) {
        let answer = Ok(Answered::Settings(AnswerBytes { bytes, attempts }));
        self.fleet.deliver(order, Arc::clone(target), answer).await;
    }

    /// The account, where the credentials, the role or the apps tell.
    pub(super) fn account(&self) -> Option<String> {
        self.account.borrow().clone()
    }

    pub(super) fn learn_account(&self, account: &str) {
        self.account.borrow_mut().get_or_insert_with(|| account.to_owned());
    }

    pub(super) fn caller(&self) -> Caller {
        let place = match &*self.account.borrow() {
            Some(account) => format!("{account}/{}", self.region),
            None => self.region.to_owned(),
        };
        Caller { who: self.who.to_owned(), place, region: self.region.to_owned() }
    }
}

impl<'l> Job<'l> {
    pub(super) fn work(&self) -> &Work<'l> {
        &self.work
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }
}
