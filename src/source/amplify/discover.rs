//! From an account to its targets: apps, their backend environments, the auth resources of each. What
//! is none, or cannot be told, is said; nothing is passed over in silence.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::answers::{Apps, Backend, Branches, Environments, Unusable};
use super::failure::Failure;
use super::lane::{Answer, App, Job, Lane, Work};
use crate::config::{ExplicitTarget, Filter, Wanted};
use crate::finding::{Notice, NoticeKind};
use crate::source::Order;
use crate::target::{Cause, Target, TargetId};
use crate::untrusted::shortened;

impl<'l> Lane<'l> {
    /// Follows an answer up. Where it is of no use, the call has failed after all.
    pub(super) async fn take(&self, job: &Job<'l>, answer: Answer) -> Result<(), Failure> {
        match (job.work(), answer) {
            (Work::Apps { .. }, Answer::Apps(page)) => self.apps(page),
            (Work::Environments { app, .. }, Answer::Environments(page)) => self.environments(app, page),
            (Work::Branches { app, .. }, Answer::Branches(page)) => self.branches(app, page),
            (Work::Backend { app, environment }, Answer::Backend(backend)) => {
                self.backend(app, environment, &backend).await
            }
            (Work::Lookup { order, explicit }, Answer::Backend(backend)) => {
                self.looked_up(*order, explicit, &backend).await
            }
            (Work::Settings { order, target }, Answer::Settings(bytes)) => {
                self.settings(*order, target, bytes, job.attempts()).await;
                Ok(())
            }
            _ => Err(Failure::unusable("it answers another call")),
        }
    }

    fn apps(&self, page: Apps) -> Result<(), Failure> {
        if !page.apps.is_empty() {
            self.fleet.inhabited.borrow_mut().insert(self.region.to_owned());
        }
        for app in page.apps {
            if let Some(account) = app.account() {
                self.learn_account(account);
            }
            let beginning = TargetId::beginning(&app.app_id, None);
            let tally = &self.live.tally;
            // Every filter is asked, so that each one of use is known.
            let taken = tally.takes_app(self.filter(), &app.app_id, app.name.as_deref())
                & !tally.leaves_out(self.filter(), &beginning);
            if taken && self.fleet.may_take(&app.app_id, None) && self.is_new(&["app", &app.app_id]) {
                let app = Rc::new(App {
                    id: app.app_id,
                    name: app.name,
                    has_backend: Cell::new(false),
                    lists: Cell::new(2),
                });
                self.push(Work::Environments { app: Rc::clone(&app), token: None });
                // An app may have backends of both generations.
                self.push(Work::Branches { app, token: None });
            }
        }
        if let Some(token) = self.next_page("apps", "", page.next_token)? {
            self.push(Work::Apps { token: Some(token) });
        }
        Ok(())
    }

    fn environments(&self, app: &Rc<App>, page: Environments) -> Result<(), Failure> {
        for environment in page.backend_environments {
            app.has_backend.set(true);
            self.environment(app, &environment.environment_name);
        }
        match self.next_page("environments", &app.id, page.next_token)? {
            Some(token) => self.push(Work::Environments { app: Rc::clone(app), token: Some(token) }),
            None => self.listed(app),
        }
        Ok(())
    }

    fn environment(&self, app: &Rc<App>, name: &str) {
        let beginning = TargetId::beginning(&app.id, Some(name));
        let tally = &self.live.tally;
        let taken =
            tally.takes_environment(self.filter(), name) & !tally.leaves_out(self.filter(), &beginning);
        if taken && self.fleet.may_take(&app.id, Some(name)) && self.is_new(&["environment", &app.id, name]) {
            self.push(Work::Backend { app: Rc::clone(app), environment: name.to_owned() });
        }
    }

    fn branches(&self, app: &Rc<App>, page: Branches) -> Result<(), Failure> {
        for arn in page.branches.iter().filter_map(|branch| branch.backend_environment_arn.as_deref()) {
            // A list of environments may leave one out, and an app without any is called one without auth.
            let Some((_, name)) = arn.split_once("/backendenvironments/") else {
                let why = format!("`{}` is no backend environment", shortened(arn, 200));
                return Err(Failure::refused(Cause::BadResponse, why));
            };
            app.has_backend.set(true);
            self.environment(app, name);
        }
        for branch in page.branches.iter().filter(|branch| branch.is_gen2()) {
            app.has_backend.set(true);
            let beginning = TargetId::beginning(&app.id, Some(&branch.branch_name));
            // The filter of environments is none of branches: nobody agreed to leave this one out.
            if !self.live.tally.leaves_out(self.filter(), &beginning)
                && self.fleet.request.selection.may_want(&beginning)
            {
                let message = format!(
                    "{beginning}{} in {} is of Amplify Gen 2, whose settings GetBackendAuth does not have: nothing of it was audited; if that is agreed, leave it out: exclude = [\"{beginning}\"]",
                    shown_name(app),
                    self.caller().place
                );
                self.say(NoticeKind::Gen2App, message);
            }
        }
        match self.next_page("branches", &app.id, page.next_token)? {
            Some(token) => self.push(Work::Branches { app: Rc::clone(app), token: Some(token) }),
            None => self.listed(app),
        }
        Ok(())
    }

    /// One of the lists of an app came to its end.
    fn listed(&self, app: &App) {
        app.lists.set(app.lists.get() - 1);
        if app.lists.get() == 0 && !app.has_backend.get() {
            let id = TargetId::beginning(&app.id, None);
            let message =
                format!("{id}{} in {} has no backend environment", shown_name(app), self.caller().place);
            self.say(NoticeKind::NoAuth, message);
        }
    }

    async fn backend(&self, app: &Rc<App>, environment: &str, backend: &Backend) -> Result<(), Failure> {
        check_identity(&app.id, environment, backend)?;
        // The list of environments has been seen to leave one out that GetBackend names.
        for name in backend.environments.iter().flatten() {
            self.environment(app, name);
        }
        let beginning = TargetId::beginning(&app.id, Some(environment));
        let resources = resources(backend)?;
        if resources.is_empty() {
            let message = format!("{beginning} in {} has no auth resource", self.caller().place);
            self.say(NoticeKind::NoAuth, message);
        }
        let config = self.fleet.request.config;
        for (resource, imported) in resources {
            let target = Target {
                id: TargetId::new(&app.id, environment, &resource),
                account: self.account(),
                region: Some(self.region.to_owned()),
                app_id: app.id.clone(),
                app_name: app.name.clone(),
                environment: environment.to_owned(),
                resource,
                stage: config.stages.of(environment),
                labels: std::collections::BTreeMap::new(),
                source: Arc::clone(&self.live.source.name),
                declared: self.live.source.location.clone(),
            };
            if !self.live.tally.leaves_out(self.filter(), target.id.as_str()) {
                self.imported(&target, imported);
                self.found((self.live.index, 0), target).await;
            }
        }
        Ok(())
    }

    async fn looked_up(
        &self,
        order: Order,
        explicit: &ExplicitTarget,
        backend: &Backend,
    ) -> Result<(), Failure> {
        check_identity(&explicit.app, &explicit.environment, backend)?;
        let resources = resources(backend)?;
        if resources.is_empty() {
            return Err(Failure::refused(Cause::NoConfig, "the environment has no auth resource"));
        }
        for (resource, imported) in resources {
            let target = self.live.target(explicit, self.account(), Some(self.region), Some(&resource));
            self.imported(&target, imported);
            self.found(order, target).await;
        }
        Ok(())
    }

    /// What `GetBackendAuth` has of an imported pool is Amplify's copy.
    fn imported(&self, target: &Target, imported: bool) {
        if imported && self.fleet.request.selection.wants(&target.id) {
            let message = format!(
                "the auth resource of {} was imported: its pool is managed elsewhere, and may differ from what is judged here",
                target.id
            );
            self.say(NoticeKind::ImportedAuth, message);
        }
    }

    fn say(&self, kind: NoticeKind, message: String) {
        self.fleet.say(Notice::new(kind, message).at(self.live.source.location.clone()));
    }

    fn filter(&self) -> &'l Filter {
        const ALL: &Filter = &Filter { apps: None, environments: None, exclude: Vec::new() };
        match &self.live.amplify.wanted {
            Wanted::Discovered(filter) => filter,
            Wanted::Targets(_) => ALL,
        }
    }

    /// The token of the next page. Pages that lead in a circle would never end, nor would always new ones.
    fn next_page(&self, list: &str, app: &str, token: Option<String>) -> Result<Option<String>, Failure> {
        const MOST_PAGES: usize = 10_000;
        let token = token.filter(|token| !token.is_empty());
        if token.is_some() {
            let mut pages = self.pages.borrow_mut();
            let count = pages.entry(format!("{list} {app}")).or_default();
            *count += 1;
            if *count > MOST_PAGES {
                return Err(Failure::refused(Cause::BadResponse, "its pages have no end"));
            }
        }
        match token {
            Some(token) if !self.is_new(&["page", list, app, &token]) => {
                Err(Failure::refused(Cause::BadResponse, "its pages lead in a circle"))
            }
            token => Ok(token),
        }
    }

    /// Whether this is seen for the first time.
    fn is_new(&self, parts: &[&str]) -> bool {
        // As written in Rust: whatever is in a part, it cannot be taken for another one.
        self.seen.borrow_mut().insert(format!("{parts:?}"))
    }
}

/// The name of an app, in brackets, where it has one.
fn shown_name(app: &App) -> String {
    app.name.as_deref().map(|name| format!(" ({})", shortened(name, 80))).unwrap_or_default()
}

/// An answer for another environment than the one that was asked for is none.
fn check_identity(app: &str, environment: &str, backend: &Backend) -> Result<(), Failure> {
    for (what, named, asked) in
        [("app", &backend.app_id, app), ("environment", &backend.environment, environment)]
    {
        if let Some(named) = named.as_ref().filter(|named| *named != asked) {
            let why = format!("it is for the {what} `{}`", shortened(named, 80));
            return Err(Failure::refused(Cause::BadResponse, why));
        }
    }
    Ok(())
}

/// The auth resources of an environment.
fn resources(backend: &Backend) -> Result<Vec<(String, bool)>, Failure> {
    let found = backend.auth_resources().map_err(|unusable| match unusable {
        Unusable::Backend(said) => Failure::refused(Cause::BackendError, said),
        Unusable::NoMeta => Failure::refused(Cause::NoConfig, "the backend has no amplify-meta.json"),
        Unusable::Malformed(why) => {
            Failure::refused(Cause::BadResponse, format!("its amplify-meta.json: {why}"))
        }
    })?;
    match found.others.first() {
        None => Ok(found.cognito),
        Some((name, service)) => Err(Failure::refused(
            Cause::BadResponse,
            format!(
                "the auth resource `{}` is of the service `{}`, which is not known",
                shortened(name, 80),
                shortened(service, 80)
            ),
        )),
    }
}
