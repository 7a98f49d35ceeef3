//! What a run reads: a report must not take its place.

use std::path::Path;

use crate::config::{Config, SourceKind};

/// What files below the paths of policies are read, by their names.
const OF_POLICIES: [&str; 5] = ["rego", "json", "yaml", "yml", "toml"];

/// What the configuration that stands in `file` reads at an absolute path, or would read there from the next run on.
pub(in crate::command) fn input_at(path: &Path, config: &Config, file: &Path) -> Option<String> {
    if path == file {
        return Some("it is the configuration".to_owned());
    }
    if config.baseline.as_ref().is_some_and(|baseline| path.starts_with(&baseline.path)) {
        return Some("it is in the folder of the baseline".to_owned());
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let may_be_policy = extension.is_some_and(|extension| OF_POLICIES.contains(&extension));
    let mut policies = config.policies.packs.paths.iter();
    if let Some(policies) = policies.find(|policies| may_be_policy && path.starts_with(&policies.path)) {
        return Some(format!("it is read with the policies of `{}`", policies.written));
    }
    let recordings = config.sources.iter().flat_map(|source| match &source.kind {
        SourceKind::Recordings(globs) => &globs[..],
        SourceKind::Amplify(_) => &[],
    });
    let mut recordings =
        recordings.filter(|glob| path.starts_with(&glob.root) && glob.matcher.is_match(path));
    recordings.next().map(|glob| format!("it is read as a recording: `{}` matches it", glob.pattern))
}
