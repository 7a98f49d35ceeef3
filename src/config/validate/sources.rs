//! `[[source]]`: recordings, and explicit targets of the live API.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::{Validator, glob};
use crate::config::raw::{RawKind, RawSource, RawTarget};
use crate::config::{Amplify, ExplicitTarget, RecordingGlob, Source, SourceKind, Stages};

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
        if paths.get_ref().is_empty() {
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
        for (key, used, what) in [
            ("accounts", raw.accounts.as_ref().map(Spanned::span), "auditing several accounts"),
            ("role-arn", raw.role_arn.as_ref().map(Spanned::span), "assuming a role"),
            ("external-id", raw.external_id.as_ref().map(Spanned::span), "assuming a role"),
        ] {
            if let Some(used) = used {
                self.later(key, used, what);
            }
        }
        for account in raw.accounts.iter().flat_map(Spanned::get_ref) {
            if account.get_ref().len() != 12 || !account.get_ref().bytes().all(|digit| digit.is_ascii_digit())
            {
                self.problem(account.span(), "an account is a number of twelve digits, in quotes");
            }
        }
        for pattern in raw.exclude.iter().flat_map(Spanned::get_ref) {
            self.target_glob(pattern);
        }
        for pattern in raw.apps.iter().chain(&raw.environments).flat_map(Spanned::get_ref) {
            self.name_glob(pattern);
        }
        let filters = [
            ("apps", raw.apps.as_ref().map(Spanned::span)),
            ("environments", raw.environments.as_ref().map(Spanned::span)),
            ("exclude", raw.exclude.as_ref().map(Spanned::span)),
        ];
        let profile = match &raw.profile {
            Some(profile) => self.text(profile, "profile").map(Some),
            None => Some(None),
        };
        let Some(targets) = raw.target else {
            for (key, used) in filters {
                if let Some(used) = used {
                    self.later(key, used, "discovery");
                }
            }
            if !self.is_written("target", span) {
                self.problem(
                    span.clone(),
                    "this source names no target, and this version does not discover them",
                )
                .help("name each in a [[source.target]] with `app`, `environment` and `resource`");
            }
            return None;
        };
        for (key, used) in filters {
            if let Some(used) = used {
                self.problem(
                    used,
                    format!("`{key}` filters what is discovered; this source names its targets"),
                );
            }
        }
        let region = self.region(raw.regions.as_ref(), span);
        if targets.get_ref().is_empty() {
            self.problem(targets.span(), "`target` is empty: nothing would be audited");
        }
        let targets = targets
            .into_inner()
            .into_iter()
            .filter_map(|target| self.explicit_target(target, stages))
            .collect();
        Some(Amplify { region: region?, profile: profile?, targets })
    }

    fn region(
        &mut self,
        regions: Option<&Spanned<Vec<Spanned<String>>>>,
        span: &Range<usize>,
    ) -> Option<String> {
        let Some(regions) = regions else {
            self.missing("an amplify source", "regions", span);
            return None;
        };
        let valid = |region: &str| {
            // The region becomes a part of the endpoint's host name.
            !region.is_empty()
                && region.len() <= 32
                && region
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let mut all_valid = true;
        for region in regions.get_ref() {
            if !valid(region.get_ref()) {
                self.problem(region.span(), "this is not an AWS region").help("for example \"eu-west-1\"");
                all_valid = false;
            }
        }
        match regions.get_ref().as_slice() {
            [region] => all_valid.then(|| region.get_ref().clone()),
            _ => {
                self.problem(regions.span(), "a source with explicit targets is in exactly one region")
                    .help("write one source for each region");
                None
            }
        }
    }

    fn explicit_target(&mut self, raw: Spanned<RawTarget>, stages: &Stages) -> Option<ExplicitTarget> {
        let span = raw.span();
        let location = self.location(&span);
        let raw = raw.into_inner();
        let mut texts = Vec::new();
        for (key, value) in
            [("app", &raw.app), ("environment", &raw.environment), ("resource", &raw.resource)]
        {
            match value {
                Some(value) => texts.extend(self.text(value, key)),
                None if key == "resource" && !self.is_written(key, &span) => {
                    self.problem(
                        span.clone(),
                        "this target has no `resource`, and this version does not look it up",
                    )
                    .help("name it: the key under `auth` in the app's amplify-meta.json");
                }
                None => self.missing("[[source.target]]", key, &span),
            }
        }
        let [app, environment, resource] = <[String; 3]>::try_from(texts).ok()?;
        let stage = raw.stage.unwrap_or_else(|| stages.of(&environment));
        Some(ExplicitTarget { app, environment, resource, stage, labels: raw.labels, location })
    }
}

fn has_wildcard(part: &str) -> bool {
    part.contains(['*', '?', '[', '{', '\\'])
}
