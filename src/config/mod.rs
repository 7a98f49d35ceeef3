//! audit.toml: read strictly, validated once, every problem reported at its line.
//!
//! `raw` mirrors the file; [`Config`] is what the other rooms use, with every default decided here
//! and nowhere else. Keys of the contract that this version cannot honour are refused, because a
//! setting that is ignored is a false green.

mod masked;
mod problem;
mod raw;
mod reference;
mod schema;
mod target_glob;
mod tree;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use globset::GlobMatcher;
use jiff::civil::Date;

pub use problem::ConfigError;
pub use reference::reference;
pub use schema::schema;
pub use target_glob::TargetGlob;
pub use validate::path_glob;

use crate::document::Outline;
use crate::finding::Severity;
use crate::location::{Location, Repository};
use crate::target::Stage;

/// A validated configuration.
#[derive(Debug)]
pub struct Config {
    /// The severity from which a finding fails the run; `None` means that none does.
    pub fail_on: Option<Severity>,
    /// Limits of fetching.
    pub limits: Limits,
    /// Which environment is for what.
    pub stages: Stages,
    /// Where documents come from, in the order of the file. At least one.
    pub sources: Vec<Source>,
    /// Which rules are judged, and how.
    pub policies: Policies,
    /// The folder of documents that tell what was agreed.
    pub baseline: Option<Baseline>,
    /// Environments that must agree.
    pub drift: Vec<Drift>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

/// The folder of documents that tell what was agreed.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// As written.
    pub written: String,
    /// Absolute. It may not be there yet.
    pub path: PathBuf,
    /// Its place in the configuration.
    pub location: Location,
}

/// Targets that must agree with others.
#[derive(Debug)]
pub struct Drift {
    /// Those that are as they should be.
    pub expected: Pattern<TargetGlob>,
    /// Those that are compared with them.
    pub actual: Pattern<TargetGlob>,
    /// What may differ.
    pub ignore: Vec<PointerGlob>,
    /// Its place in the configuration.
    pub location: Location,
}

/// A glob of JSON pointers that stands for everything below what it matches, too.
#[derive(Debug, Clone)]
pub struct PointerGlob(GlobMatcher);

impl PointerGlob {
    /// Parses a pattern.
    ///
    /// # Errors
    /// What is wrong with the pattern, for people.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        if !pattern.starts_with('/') {
            return Err("a path is a JSON pointer and begins with `/`".to_owned());
        }
        validate::glob(pattern).map(Self)
    }

    /// Whether some cover all settings that are documented, so that nothing is left to compare.
    #[must_use]
    pub fn cover_everything(globs: &[Self]) -> bool {
        fn are_covered(outline: &Outline, at: &str, globs: &[PointerGlob]) -> bool {
            globs.iter().any(|glob| glob.covers(at))
                || matches!(outline, Outline::Object(members) if members
                    .iter()
                    .all(|(name, member)| are_covered(member, &format!("{at}/{name}"), globs)))
        }
        const SETTINGS: &str = "/ResourceConfig";
        !globs.is_empty()
            && Outline::document().at(SETTINGS).is_some_and(|settings| are_covered(settings, SETTINGS, globs))
    }

    /// Whether it matches a pointer, or an ancestor of it.
    #[must_use]
    pub fn covers(&self, pointer: &str) -> bool {
        let ends = pointer.match_indices('/').map(|(at, _)| at).skip(1).chain([pointer.len()]);
        ends.into_iter().any(|end| self.0.is_match(&pointer[..end]))
    }
}

/// What the configuration may refer to: the rules there are, and the parameters they read.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Ids of all rules.
    pub rules: BTreeSet<String>,
    /// The profile's parameters: a tree of tables whose leaves are values.
    pub params: serde_json::Value,
    /// The parameters that the user's own policies read, each as far as it is constant: what is below one of
    /// them may be read, too.
    pub read: BTreeSet<Vec<String>>,
    /// The profiles that there are.
    pub profiles: Vec<String>,
    /// Paths of `[policies]` that bring nothing of use.
    pub unusable: Vec<UnusablePath>,
    /// Whether some policies could not be read, so that there may be more rules and parameters.
    pub is_partial: bool,
}

/// A path of `[policies]` that cannot be used, or a file below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusablePath {
    /// Its place in the list.
    pub index: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Which policies are to be read.
#[derive(Debug, Clone)]
pub struct Packs {
    /// audit.toml itself, which is no part of a pack.
    pub file: PathBuf,
    /// Whether the embedded pack is used.
    pub builtin: bool,
    /// The name of the profile.
    pub profile: String,
    /// Files and folders of the user's own.
    pub paths: Vec<PolicyPath>,
}

impl Packs {
    /// The profile of who names none.
    pub const PROFILE: &str = "recommended";

    /// The embedded pack with its first profile, and nothing else.
    #[must_use]
    pub fn embedded() -> Self {
        Self { file: PathBuf::new(), builtin: true, profile: Self::PROFILE.to_owned(), paths: Vec::new() }
    }
}

/// A file or folder of policies.
#[derive(Debug, Clone)]
pub struct PolicyPath {
    /// As written.
    pub written: String,
    /// Absolute.
    pub path: PathBuf,
}

impl Catalogue {
    /// What a mistyped rule id may have meant, as a question.
    #[must_use]
    pub fn nearest_rule(&self, given: &str) -> Option<String> {
        problem::suggestion(given, self.rules.iter().map(String::as_str))
    }
}

/// Limits of fetching.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Calls in flight, over everything.
    pub concurrency: usize,
    /// Calls in flight for one account and region.
    pub concurrency_per_region: usize,
    /// One attempt of one call, its body included.
    pub timeout: Duration,
    /// Attempts of one call.
    pub max_attempts: u32,
    /// One target, with retries and waiting.
    pub target_timeout: Duration,
}

/// Globs of environment names.
#[derive(Debug)]
pub struct Stages(Vec<(Stage, Vec<GlobMatcher>)>);

impl Stages {
    /// The stage of an environment: the first that names it, in the order production, staging, development.
    #[must_use]
    pub fn of(&self, environment: &str) -> Stage {
        self.0
            .iter()
            .find(|(_, globs)| globs.iter().any(|glob| glob.is_match(environment)))
            .map_or(Stage::Unknown, |(stage, _)| *stage)
    }
}

/// Where documents come from.
#[derive(Debug)]
pub struct Source {
    /// For messages: the given name, or the kind and its place in the file.
    pub name: Arc<str>,
    /// Its place in the configuration.
    pub location: Location,
    /// What it is.
    pub kind: SourceKind,
}

/// The kinds of source.
#[derive(Debug)]
pub enum SourceKind {
    /// Files that hold an answer each.
    Recordings(Vec<RecordingGlob>),
    /// The live API.
    Amplify(Amplify),
}

/// A pattern of recordings.
#[derive(Debug)]
pub struct RecordingGlob {
    /// As written.
    pub pattern: String,
    /// The folder to walk, or the file itself where the pattern has no wildcard.
    pub root: PathBuf,
    /// Matches paths below the configuration's folder, absolute.
    pub matcher: GlobMatcher,
    /// Its place in the configuration.
    pub location: Location,
}

/// Live targets: of every access in every region.
#[derive(Debug)]
pub struct Amplify {
    /// AWS regions, each once; at least one.
    pub regions: Vec<String>,
    /// Whose apps, and by which credentials; at least one.
    pub access: Vec<Access>,
    /// Which targets.
    pub wanted: Wanted,
}

/// A way in: the ambient credentials or a profile's, and the role that they assume.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Access {
    /// AWS account number, where the configuration tells.
    pub account: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// The role to assume.
    pub role: Option<Role>,
}

/// A role to assume.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role {
    /// `arn:aws:iam::111122223333:role/auditor`
    pub arn: String,
    /// What its trust policy may ask for.
    pub external_id: Option<String>,
}

/// Which targets a live source brings.
#[derive(Debug)]
pub enum Wanted {
    /// Those that it names; one access, one region.
    Targets(Vec<ExplicitTarget>),
    /// Those that are there.
    Discovered(Filter),
}

/// What discovery looks for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Apps by id or name; every app where it is absent.
    pub apps: Option<Vec<Pattern<GlobMatcher>>>,
    /// Environments by name; every one where it is absent.
    pub environments: Option<Vec<Pattern<GlobMatcher>>>,
    /// What is left out.
    pub exclude: Vec<Pattern<TargetGlob>>,
}

/// A glob of a filter.
#[derive(Debug)]
pub struct Pattern<G> {
    /// As written.
    pub written: String,
    /// The glob.
    pub glob: G,
    /// Its place in the configuration.
    pub location: Location,
}

/// A target that the configuration names.
#[derive(Debug)]
pub struct ExplicitTarget {
    /// Amplify app id.
    pub app: String,
    /// Backend environment name.
    pub environment: String,
    /// Auth resource name; looked up where it is absent.
    pub resource: Option<String>,
    /// Given, or from `[stages]`.
    pub stage: Stage,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
    /// Its place in the configuration.
    pub location: Location,
}

/// Which rules are judged, and how.
#[derive(Debug)]
pub struct Policies {
    /// Which policies were read.
    pub packs: Packs,
    /// Rules that are not judged.
    pub disable: BTreeSet<String>,
    /// Severities that replace the rules' own, whatever a rule says of a single finding.
    pub severity: BTreeMap<String, Severity>,
    /// The profile's parameters with the configuration's on top.
    pub params: serde_json::Value,
}

/// An accepted finding.
#[derive(Debug)]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// The targets.
    pub target: TargetGlob,
    /// As written.
    pub target_pattern: String,
    /// Only at these places; everywhere where it is absent.
    pub path: Option<GlobMatcher>,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Date,
    /// Its place in the configuration.
    pub location: Location,
}

/// audit.toml, read and not yet validated: which rules it may speak of is known when the policies that it asks
/// for have been read.
pub struct Draft<'t> {
    text: &'t str,
    file: Arc<str>,
    path: PathBuf,
    reading: tree::Reading<'t>,
}

impl<'t> Draft<'t> {
    /// Reads the text of the file at `path`, an absolute path.
    #[must_use]
    pub fn read(text: &'t str, path: &Path, repository: &Repository) -> Self {
        let reading = tree::read(text);
        Self { text, file: repository.name(path), path: path.to_path_buf(), reading }
    }

    /// Which policies it asks for.
    #[must_use]
    pub fn packs(&self) -> Packs {
        let folder = self.folder();
        let raw = &self.reading.raw.policies;
        let paths = raw.paths.iter().flat_map(toml::Spanned::get_ref);
        Packs {
            file: self.path.clone(),
            builtin: raw.builtin.unwrap_or(true),
            profile: raw
                .profile
                .as_ref()
                .map_or_else(|| Packs::PROFILE.to_owned(), |profile| profile.get_ref().clone()),
            paths: paths
                .map(|path| PolicyPath { written: path.get_ref().clone(), path: folder.join(path.get_ref()) })
                .collect(),
        }
    }

    /// The configuration.
    ///
    /// # Errors
    /// Every problem of the file, each at its place.
    pub fn validate(self, catalogue: &Catalogue) -> Result<Config, ConfigError> {
        let (packs, folder) = (self.packs(), self.folder().to_path_buf());
        let is_partial = self.reading.is_partial();
        let Self { text, file, reading: tree::Reading { text: read, raw, mut problems }, .. } = self;
        let known = problems.len();
        // A table of which nothing is known may name policies.
        let catalogue = &Catalogue { is_partial: catalogue.is_partial || is_partial, ..catalogue.clone() };
        let tree = tree::parse(&read);
        let validator = validate::Validator {
            file: Arc::clone(&file),
            lines: crate::location::LineIndex::new(text),
            folder,
            catalogue,
            written: tree::written(&tree),
            problems: &mut problems,
        };
        let config = validator.config(raw, packs, &tree);
        if is_partial {
            // What is missing may be in it.
            let found = problems.split_off(known);
            problems.extend(found.into_iter().filter(|problem| !problem.is_of_file()));
        }
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            Some(_) | None => Err(ConfigError::new(file, text, problems)),
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

#[cfg(test)]
mod tests;
