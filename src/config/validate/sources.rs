//! `[[source]]`: recordings, and the live API with explicit or discovered targets.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::{Validator, glob};
use crate::config::raw::{RawKind, RawSource, RawTarget};
use crate::config::{
    Access, Amplify, ExplicitTarget, Filter, Pattern, RecordingGlob, Role, Source, SourceKind, Stages, Wanted,
};

impl Validator<'_> {
    pub(super) fn source(
        &mut self,
        raw: Spanned<RawSource>,
        index: usize,
        stages: &Stages,
    ) -> Option<Source> {
        let span = raw.span();
        let location = self.location(&span);
        let raw = raw.into_inner();
        let Some(kind) = &raw.kind else {
            self.missing("[[source]]", "kind", &span);
            return None;
        };
        let name = match &raw.name {
            Some(name) => self.text(name, "name"),
            None => Some(format!("source {}", index + 1)),
        };
        let kind = match kind.get_ref() {
            RawKind::Recordings => {
                for (key, used) in [
                    ("regions", raw.regions.as_ref().map(Spanned::span)),
                    ("accounts", raw.accounts.as_ref().map(Spanned::span)),
                    ("role-arn", raw.role_arn.as_ref().map(Spanned::span)),
                    ("external-id", raw.external_id.as_ref().map(Spanned::span)),
                    ("profile", raw.profile.as_ref().map(Spanned::span)),
                    ("apps", raw.apps.as_ref().map(Spanned::span)),
                    ("environments", raw.environments.as_ref().map(Spanned::span)),
                    ("exclude", raw.exclude.as_ref().map(Spanned::span)),
                    ("target", raw.target.as_ref().map(Spanned::span)),
                ] {
                    self.misplaced(key, used, "amplify");
                }
                SourceKind::Recordings(self.recordings(&raw, &span)?)
            }
            RawKind::Amplify => {
                self.misplaced("paths", raw.paths.as_ref().map(Spanned::span), "recordings");
                SourceKind::Amplify(self.amplify(raw, &span, stages)?)
            }
            RawKind::AmplifyProject | RawKind::Cognito => {
                self.later("kind", kind.span(), "this kind of source");
                return None;
            }
        };
        Some(Source { name: name?.into(), location, kind })
    }

    fn recordings(&mut self, raw: &RawSource, span: &Range<usize>) -> Option<Vec<RecordingGlob>> {
        let Some(paths) = &raw.paths else {
            self.missing("a source of recordings", "paths", span);
            return None;
        };
        if self.is_written_empty(paths) {
            self.problem(paths.span(), "`paths` is empty: nothing would be read");
        }
        Some(paths.get_ref().iter().filter_map(|pattern| self.recording_glob(pattern)).collect())
    }

    fn recording_glob(&mut self, pattern: &Spanned<String>) -> Option<RecordingGlob> {
        let written = self.text(pattern, "paths")?;
        let fixed: PathBuf = Path::new(&written)
            .components()
            .take_while(|part| !has_wildcard(&part.as_os_str().to_string_lossy()))
            .collect();
        let root = self.folder.join(&fixed);
        let rest: PathBuf = Path::new(&written).components().skip(fixed.components().count()).collect();
        // The folder's own name is no pattern, whatever characters it has.
        let mut anchored = PathBuf::from(globset::escape(&root.to_string_lossy()));
        anchored.extend(&rest);
        match glob(&anchored.to_string_lossy()) {
            Ok(matcher) => {
                let location = self.location(&pattern.span());
                Some(RecordingGlob { pattern: written, root, matcher, location })
            }
            Err(_) => {
                self.problem(pattern.span(), "this is not a glob");
                None
            }
        }
    }

    fn amplify(&mut self, raw: RawSource, span: &Range<usize>, stages: &Stages) -> Option<Amplify> {
        let access = self.access(&raw, span);
        let regions = self.regions(raw.regions.as_ref(), span);
        let filters = [
            ("apps", raw.apps.as_ref().map(Spanned::span)),
            ("environments", raw.environments.as_ref().map(Spanned::span)),
            ("exclude", raw.exclude.as_ref().map(Spanned::span)),
        ];
        let apps = raw.apps.map(|apps| self.filter("apps", apps, Self::name_glob));
        let environments =
            raw.environments.map(|environments| self.filter("environments", environments, Self::name_glob));
        let exclude = raw.exclude.map(Spanned::into_inner).unwrap_or_default();
        let exclude =
            exclude.into_iter().filter_map(|pattern| self.pattern(pattern, Self::target_glob)).collect();
        let Some(targets) = raw.target else {
            // One that is there and wrong has been reported already; it is no reason to discover.
            if self.is_written("target", span) {
                return None;
            }
            let wanted = Wanted::Discovered(Filter { apps, environments, exclude });
            return Some(Amplify { regions: regions?, access: access?, wanted });
        };
        for (key, used) in filters {
            if let Some(used) = used {
                self.problem(
                    used,
                    format!("`{key}` filters what is discovered; this source names its targets"),
                );
            }
        }
        for (key, list, what) in [("regions", &raw.regions, "region"), ("accounts", &raw.accounts, "account")]
        {
            if let Some(list) = list.as_ref().filter(|list| list.get_ref().len() > 1) {
                self.problem(list.span(), format!("a source with explicit targets is in exactly one {what}"))
                    .help(format!("write one source for each of these {key}"));
            }
        }
        if self.is_written_empty(&targets) {
            self.problem(targets.span(), "`target` is empty: nothing would be audited");
        }
        let targets = targets
            .into_inner()
            .into_iter()
            .filter_map(|target| self.explicit_target(target, stages))
            .collect();
        Some(Amplify { regions: regions?, access: access?, wanted: Wanted::Targets(targets) })
    }

    /// The ways in: one for each account, or the one that needs no account.
    fn access(&mut self, raw: &RawSource, span: &Range<usize>) -> Option<Vec<Access>> {
        let profile = match &raw.profile {
            Some(profile) => self.text(profile, "profile").map(Some),
            None => Some(None),
        };
        let external_id = match &raw.external_id {
            Some(id) => self.text(id, "external-id").map(Some),
            None => Some(None),
        };
        let accounts = match &raw.accounts {
            Some(accounts) => self.accounts(accounts).map(Some),
            None => Some(None),
        };
        let Some(arn) = &raw.role_arn else {
            for (key, used, why) in [
                (
                    "external-id",
                    raw.external_id.as_ref().map(Spanned::span),
                    "there is no role to assume with it",
                ),
                ("accounts", raw.accounts.as_ref().map(Spanned::span), "credentials are of one account"),
            ] {
                if let Some(used) = used.filter(|_| !self.is_written("role-arn", span)) {
                    self.problem(used, format!("`{key}` needs `role-arn`: {why}"))
                        .help("for example: role-arn = \"arn:aws:iam::{account}:role/auditor\"");
                }
            }
            return Some(vec![Access { account: None, profile: profile?, role: None }]);
        };
        let roles = self.roles(arn, accounts?.as_deref(), raw)?;
        let (profile, external_id) = (profile?, external_id?);
        let access = |(account, arn)| Access {
            account: Some(account),
            profile: profile.clone(),
            role: Some(Role { arn, external_id: external_id.clone() }),
        };
        Some(roles.into_iter().map(access).collect())
    }

    /// Account and role of each account.
    fn roles(
        &mut self,
        template: &Spanned<String>,
        accounts: Option<&[String]>,
        raw: &RawSource,
    ) -> Option<Vec<(String, String)>> {
        let written = template.get_ref();
        let roles: Vec<(String, String)> = match (accounts, written.contains(ACCOUNT)) {
            (Some(accounts), true) => {
                accounts.iter().map(|account| (account.clone(), written.replace(ACCOUNT, account))).collect()
            }
            (None, true) => {
                let place = template.span();
                if raw.accounts.is_none() {
                    self.problem(
                        place,
                        format!("`role-arn` speaks of `{ACCOUNT}`, and there are no `accounts`"),
                    )
                    .help("list them: accounts = [\"111122223333\"]");
                }
                return None;
            }
            (_, false) => vec![(account_of(written).unwrap_or_default().to_owned(), written.clone())],
        };
        if roles.iter().any(|(_, arn)| account_of(arn).is_none()) {
            self.problem(template.span(), "this is not the ARN of a role")
                .help("for example \"arn:aws:iam::{account}:role/auditor\"");
            return None;
        }
        if let (Some(accounts), false) = (accounts, written.contains(ACCOUNT))
            && accounts != [roles[0].0.clone()]
        {
            let place = raw.accounts.as_ref().map_or(template.span(), Spanned::span);
            self.problem(place, "this role is of another account, or of one among several")
                .help(format!("write `{ACCOUNT}` in `role-arn` where the number stands"));
            return None;
        }
        Some(roles)
    }

    fn accounts(&mut self, accounts: &Spanned<Vec<Spanned<String>>>) -> Option<Vec<String>> {
        if self.is_written_empty(accounts) {
            self.problem(accounts.span(), "`accounts` is empty: nothing would be audited");
        }
        if accounts.get_ref().is_empty() {
            return None;
        }
        self.distinct(accounts, "account", |account| {
            if is_account(account) {
                Ok(())
            } else {
                Err(("an account is a number of twelve digits, in quotes", None))
            }
        })
    }

    fn regions(
        &mut self,
        regions: Option<&Spanned<Vec<Spanned<String>>>>,
        span: &Range<usize>,
    ) -> Option<Vec<String>> {
        let Some(regions) = regions else {
            self.missing("an amplify source", "regions", span);
            return None;
        };
        if self.is_written_empty(regions) {
            self.problem(regions.span(), "`regions` is empty: nothing would be audited");
        }
        if regions.get_ref().is_empty() {
            return None;
        }
        self.distinct(regions, "region", |region| {
            if is_region(region) {
                Ok(())
            } else {
                Err(("this is not an AWS region", Some("for example \"eu-west-1\"")))
            }
        })
    }

    /// The elements of a list, each valid and there once.
    fn distinct(
        &mut self,
        list: &Spanned<Vec<Spanned<String>>>,
        what: &str,
        check: impl Fn(&str) -> Result<(), (&'static str, Option<&'static str>)>,
    ) -> Option<Vec<String>> {
        let mut seen: Vec<String> = Vec::new();
        let mut all_valid = true;
        for element in list.get_ref() {
            if let Err((message, help)) = check(element.get_ref()) {
                all_valid = false;
                let problem = self.problem(element.span(), message);
                if let Some(help) = help {
                    problem.help(help);
                }
            } else if seen.contains(element.get_ref()) {
                all_valid = false;
                self.problem(element.span(), format!("this {what} stands here twice"));
            }
            seen.push(element.get_ref().clone());
        }
        all_valid.then_some(seen)
    }

    /// A filter of names. An empty one would leave nothing.
    fn filter<G>(
        &mut self,
        key: &str,
        patterns: Spanned<Vec<Spanned<String>>>,
        parse: fn(&mut Self, &Spanned<String>) -> Option<G>,
    ) -> Vec<Pattern<G>> {
        if self.is_written_empty(&patterns) {
            self.problem(patterns.span(), format!("`{key}` is empty: nothing would be audited"))
                .help("leave it out to mean all of them");
        }
        patterns.into_inner().into_iter().filter_map(|pattern| self.pattern(pattern, parse)).collect()
    }

    fn pattern<G>(
        &mut self,
        pattern: Spanned<String>,
        parse: fn(&mut Self, &Spanned<String>) -> Option<G>,
    ) -> Option<Pattern<G>> {
        let glob = parse(self, &pattern)?;
        let location = self.location(&pattern.span());
        Some(Pattern { written: pattern.into_inner(), glob, location })
    }

    fn explicit_target(&mut self, raw: Spanned<RawTarget>, stages: &Stages) -> Option<ExplicitTarget> {
        let span = raw.span();
        let location = self.location(&span);
        let raw = raw.into_inner();
        let mut texts = Vec::new();
        for (key, value) in [("app", &raw.app), ("environment", &raw.environment)] {
            match value {
                Some(value) => texts.extend(self.text(value, key)),
                None => self.missing("[[source.target]]", key, &span),
            }
        }
        let resource = match &raw.resource {
            Some(resource) => Some(self.text(resource, "resource")?),
            // One that is there and wrong has been reported already.
            None => None,
        };
        let [app, environment] = <[String; 2]>::try_from(texts).ok()?;
        let stage = raw.stage.unwrap_or_else(|| stages.of(&environment));
        Some(ExplicitTarget { app, environment, resource, stage, labels: raw.labels, location })
    }
}

/// What stands for the account number in `role-arn`.
const ACCOUNT: &str = "{account}";

/// The shape of a region, `eu-west-1` or `us-gov-west-1`: it becomes a part of the endpoint's host name.
/// New regions appear, so there is no list of them; an availability zone such as `eu-west-1a` is none.
fn is_region(text: &str) -> bool {
    let Some((place, number)) = text.rsplit_once('-') else { return false };
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    text.len() <= 32
        && place.split('-').count() >= 2
        && place.split('-').all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The account in the ARN of a role, `arn:PARTITION:iam::ACCOUNT:role/PATH`.
fn account_of(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { return None };
    let role = resource.strip_prefix("role/")?;
    let named = !role.is_empty() && !role.contains(['{', '}']) && !role.contains(char::is_whitespace);
    (partition.starts_with("aws") && is_account(account) && named).then_some(account)
}

fn has_wildcard(part: &str) -> bool {
    part.contains(['*', '?', '[', '{', '\\'])
}
