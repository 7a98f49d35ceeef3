//! From the raw configuration to the validated one.

mod drift;
mod params;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{DATE, Problem, suggestion};
use super::raw::{RawAudit, RawConfig, RawPolicies, RawStages, RawWaiver};
use super::{Catalogue, Config, Limits, Packs, Policies, Source, Stages, TargetGlob, Waiver};
use crate::finding::{Severity, Threshold};
use crate::location::{LineIndex, Location};
use crate::target::Stage;

/// A glob in which `*` does not cross `/`.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))
}

/// A glob of JSON pointers.
///
/// # Errors
/// What is wrong with the pattern, for people.
pub fn path_glob(pattern: &str) -> Result<GlobMatcher, String> {
    if !pattern.is_empty() && !pattern.starts_with('/') {
        return Err("a path is a JSON pointer and begins with `/`".to_owned());
    }
    glob(pattern)
}

pub(super) struct Validator<'a> {
    pub(super) file: Arc<str>,
    pub(super) lines: LineIndex<'a>,
    pub(super) folder: PathBuf,
    pub(super) catalogue: &'a Catalogue,
    /// The keys that each table was written with, by where it begins.
    pub(super) written: BTreeMap<usize, BTreeSet<String>>,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Validator<'_> {
    /// The configuration as far as it could be validated; `None` where a part could not. Whether it
    /// may be used is a question of `problems`.
    pub(super) fn config(
        mut self,
        raw: RawConfig,
        packs: Packs,
        tree: &Spanned<DeTable<'_>>,
    ) -> Option<Config> {
        let limits = self.limits(&raw.audit);
        let baseline = raw.audit.baseline.as_ref().and_then(|baseline| self.baseline(baseline));
        let stages = self.stages(raw.stages);
        // One that is there and wrong has been reported already.
        let nowhere = match tree.get_ref().get("source") {
            None => Some(0..0),
            Some(list) => list.get_ref().as_array().is_some_and(|list| list.is_empty()).then(|| list.span()),
        };
        if let Some(place) = nowhere {
            self.problem(place, "there is no `[[source]]`: nothing would be audited").help(
                "add one, for example: [[source]] kind = \"recordings\", paths = [\"recordings/**/*.json\"]",
            );
        }
        let mut sources: Vec<Source> = Vec::new();
        for (index, source) in raw.source.into_iter().enumerate() {
            let span = source.span();
            if let Some(source) = self.source(source, index, &stages) {
                if sources.iter().any(|other| other.name == source.name) {
                    self.problem(span, format!("two sources are named `{}`", source.name));
                }
                sources.push(source);
            }
        }
        let policies = self.policies(raw.policies, packs, tree.get_ref());
        let drift = raw.drift.into_iter().filter_map(|drift| self.drift(&drift)).collect();
        let waivers = raw.waiver.into_iter().filter_map(|waiver| self.waiver(&waiver)).collect();
        Some(Config {
            fail_on: raw.audit.fail_on.unwrap_or(Threshold::High).severity(),
            limits: limits?,
            stages,
            sources,
            policies,
            baseline,
            drift,
            waivers,
        })
    }

    fn limits(&mut self, audit: &RawAudit) -> Option<Limits> {
        let concurrency = self.count("concurrency", audit.concurrency.as_ref(), 32, 1..=1024);
        let concurrency_per_region =
            self.count("concurrency-per-region", audit.concurrency_per_region.as_ref(), 8, 1..=1024);
        let max_attempts = self.count("max-attempts", audit.max_attempts.as_ref(), 8, 1..=100);
        let timeout = self.duration(audit.timeout.as_ref(), Duration::from_secs(30));
        let target_timeout = self.duration(audit.target_timeout.as_ref(), Duration::from_mins(5));
        Some(Limits {
            concurrency: usize::try_from(concurrency?).ok()?,
            concurrency_per_region: usize::try_from(concurrency_per_region?).ok()?,
            max_attempts: u32::try_from(max_attempts?).ok()?,
            timeout: timeout?,
            target_timeout: target_timeout?,
        })
    }

    fn count(
        &mut self,
        key: &str,
        given: Option<&Spanned<i64>>,
        default: i64,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let Some(given) = given else { return Some(default) };
        if range.contains(given.get_ref()) {
            return Some(*given.get_ref());
        }
        self.problem(given.span(), format!("`{key}` must be from {} to {}", range.start(), range.end()));
        None
    }

    fn duration(&mut self, given: Option<&Spanned<String>>, default: Duration) -> Option<Duration> {
        let Some(given) = given else { return Some(default) };
        let parsed = given
            .get_ref()
            .parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|long| Duration::try_from(long).ok());
        match parsed {
            Some(long) if (Duration::from_millis(1)..=Duration::from_hours(24)).contains(&long) => Some(long),
            Some(_) | None => {
                self.problem(given.span(), "this is not a duration from 1 ms to 24 h")
                    .help("write it like \"30s\", \"500ms\" or \"5m\"");
                None
            }
        }
    }

    fn stages(&mut self, raw: RawStages) -> Stages {
        let mut stages = Vec::new();
        for (stage, given, defaults) in [
            (Stage::Production, raw.production, &["prod", "prod-*", "production", "main", "live"][..]),
            (Stage::Staging, raw.staging, &["stag*", "uat", "preprod"][..]),
            (Stage::Development, raw.development, &["dev*", "test*", "sandbox*", "feature-*"][..]),
        ] {
            let globs = match given {
                Some(given) => given.iter().filter_map(|pattern| self.name_glob(pattern)).collect(),
                None => defaults.iter().filter_map(|pattern| glob(pattern).ok()).collect(),
            };
            stages.push((stage, globs));
        }
        Stages(stages)
    }

    fn policies(&mut self, raw: RawPolicies, packs: Packs, tree: &DeTable<'_>) -> Policies {
        let profiles = &self.catalogue.profiles;
        if let Some(profile) = raw.profile.filter(|profile| !profiles.contains(profile.get_ref())) {
            let help = suggestion(profile.get_ref(), profiles.iter().map(String::as_str))
                .unwrap_or_else(|| format!("one of {}", profiles.join(", ")));
            self.problem(profile.span(), format!("unknown profile `{}`", profile.get_ref())).help(help);
        }
        let paths = raw.paths.map(Spanned::into_inner).unwrap_or_default();
        for path in &paths {
            self.text(path, "paths");
        }
        for unusable in &self.catalogue.unusable {
            let at = paths.get(unusable.index).map_or(0..0, Spanned::span);
            self.problem(at, unusable.message.clone()).help(unusable.help.clone());
        }
        for rule in raw.disable.iter().chain(raw.severity.keys()) {
            self.rule(rule);
        }
        let severity = raw
            .severity
            .into_iter()
            .filter_map(|(rule, severity)| Some((rule.into_inner(), self.severity(&severity)?)))
            .collect();
        let mut params = self.catalogue.params.clone();
        if let Some(DeValue::Table(given)) = tree
            .get("policies")
            .and_then(|policies| policies.get_ref().as_table())
            .and_then(|policies| policies.get("params"))
            .map(Spanned::get_ref)
        {
            self.params(given, &mut Vec::new(), &mut params);
        }
        Policies {
            packs,
            disable: raw.disable.into_iter().map(Spanned::into_inner).collect(),
            severity,
            params,
        }
    }

    fn waiver(&mut self, raw: &Spanned<RawWaiver>) -> Option<Waiver> {
        let span = raw.span();
        let location = self.location(&span);
        let raw = raw.get_ref();
        match &raw.rule {
            Some(rule) => self.rule(rule),
            None => self.missing("[[waiver]]", "rule", &span),
        }
        let target = match &raw.target {
            Some(target) => self.target_glob(target).map(|glob| (glob, target.get_ref().clone())),
            None => {
                self.missing("[[waiver]]", "target", &span);
                None
            }
        };
        let path = match &raw.path {
            Some(path) => self.path_glob(path).map(Some),
            None => Some(None),
        };
        let reason = match &raw.reason {
            Some(reason) => self.reason(reason),
            None => {
                self.missing("[[waiver]]", "reason", &span);
                None
            }
        };
        let expires = match &raw.expires {
            Some(expires) => self.date(expires),
            None => {
                self.missing("[[waiver]]", "expires", &span);
                None
            }
        };
        let (target, target_pattern) = target?;
        Some(Waiver {
            rule: raw.rule.as_ref()?.get_ref().clone(),
            target,
            target_pattern,
            path: path?,
            reason: reason?,
            owner: raw.owner.as_ref().map(|owner| owner.get_ref().clone()),
            expires: expires?,
            location,
        })
    }

    fn date(&mut self, given: &Spanned<toml::value::Datetime>) -> Option<jiff::civil::Date> {
        let date = match (given.get_ref().date, given.get_ref().time) {
            (Some(date), None) => jiff::civil::Date::new(
                i16::try_from(date.year).unwrap_or(i16::MAX),
                i8::try_from(date.month).unwrap_or(0),
                i8::try_from(date.day).unwrap_or(0),
            )
            .ok(),
            _ => None,
        };
        if date.is_none() {
            self.problem(given.span(), "`expires` must be a date").help(DATE);
        }
        date
    }

    fn rule(&mut self, rule: &Spanned<String>) {
        // One of a policy that could not be read may be there; that problem comes first.
        if !self.catalogue.rules.contains(rule.get_ref()) && !self.catalogue.is_partial {
            let help = suggestion(rule.get_ref(), self.catalogue.rules.iter().map(String::as_str))
                .unwrap_or_else(|| "no rule of the loaded packs has a similar id".to_owned());
            self.problem(rule.span(), format!("there is no rule `{}`", rule.get_ref())).help(help);
        }
    }

    fn severity(&mut self, given: &Spanned<String>) -> Option<Severity> {
        let severity = Severity::parse(given.get_ref());
        if severity.is_none() {
            let known = Severity::ALL.map(Severity::as_str);
            let help =
                suggestion(given.get_ref(), known).unwrap_or_else(|| format!("one of {}", known.join(", ")));
            // Without the value: its key is free text, which may speak of a secret.
            self.problem(given.span(), "this is not a severity").help(help);
        }
        severity
    }

    fn target_glob(&mut self, pattern: &Spanned<String>) -> Option<TargetGlob> {
        let parsed = TargetGlob::parse(pattern.get_ref());
        self.valid(parsed, pattern)
    }

    fn path_glob(&mut self, pattern: &Spanned<String>) -> Option<GlobMatcher> {
        self.valid(path_glob(pattern.get_ref()), pattern)
    }

    fn name_glob(&mut self, pattern: &Spanned<String>) -> Option<GlobMatcher> {
        let parsed = glob(pattern.get_ref());
        self.valid(parsed, pattern)
    }

    fn valid<T>(&mut self, parsed: Result<T, String>, pattern: &Spanned<String>) -> Option<T> {
        match parsed {
            Ok(parsed) => Some(parsed),
            Err(what) => {
                self.problem(pattern.span(), what);
                None
            }
        }
    }

    fn text(&mut self, given: &Spanned<String>, key: &str) -> Option<String> {
        if given.get_ref().trim().is_empty() {
            self.problem(given.span(), format!("`{key}` is empty"));
            return None;
        }
        Some(given.get_ref().clone())
    }

    /// Why a finding is accepted: `…` is what examples have in its place.
    fn reason(&mut self, given: &Spanned<String>) -> Option<String> {
        let text = self.text(given, "reason")?;
        let is_one = text.contains(char::is_alphanumeric);
        if !is_one {
            self.problem(given.span(), "this is no reason")
                .help("write why the finding is accepted, for who reviews it".to_owned());
        }
        is_one.then_some(text)
    }

    fn missing(&mut self, table: &str, key: &str, span: &Range<usize>) {
        if !self.is_written(key, span) {
            self.problem(span.clone(), format!("{table} needs `{key}`"));
        }
    }

    fn misplaced(&mut self, key: &str, used: Option<Range<usize>>, kind: &str) {
        if let Some(used) = used {
            self.problem(used, format!("`{key}` belongs to a source of kind \"{kind}\""));
        }
    }

    fn later(&mut self, key: &str, span: Range<usize>, what: &str) {
        self.problem(span, format!("`{key}`: {what} is not in this version of audit"))
            .help("nothing is ignored silently: take the key out to run without it");
    }

    fn problem(&mut self, span: Range<usize>, message: impl Into<String>) -> Reported<'_> {
        self.problems.push(Problem::new(span, message));
        Reported(self.problems)
    }

    /// Whether the table at `span` has the key in the file. If it cannot be used, that has been reported.
    fn is_written(&self, key: &str, span: &Range<usize>) -> bool {
        self.written.get(&span.start).is_some_and(|keys| keys.contains(key))
    }

    /// Whether a list has no element in the file. One whose elements are all wrong is empty by now as well,
    /// and that has been reported.
    fn is_written_empty<T>(&self, list: &Spanned<Vec<T>>) -> bool {
        list.get_ref().is_empty() && !self.problems.iter().any(|problem| problem.is_within(&list.span()))
    }

    fn location(&self, span: &Range<usize>) -> Location {
        Location { file: Arc::clone(&self.file), region: self.lines.region(span.clone()) }
    }
}

/// The problem that was just reported, to add what to do.
struct Reported<'p>(&'p mut Vec<Problem>);

impl Reported<'_> {
    fn help(self, help: impl Into<String>) {
        if let Some(problem) = self.0.pop() {
            self.0.push(problem.with_help(help));
        }
    }
}
