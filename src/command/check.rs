//! `audit check`: whether the configuration, its policies and its waivers can be used, without a network.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::configuration::{self, Loaded};
use super::output::{self, notices};
use super::pipeline::{DriftRules, empty_baseline, folder, no_rules};
use super::{CommandError, surroundings};
use crate::baseline::Folder;
use crate::cli::CheckArgs;
use crate::config::{Config, SourceKind};
use crate::finding::Notice;
use crate::policy::Library;
use crate::source;
use crate::triage;
use crate::untrusted::printable;

/// The exit code of a run that could not be complete.
const INCOMPLETE: u8 = 3;

/// Says what a run would be made of, and what it would say before it fetches anything.
pub(super) fn check(args: &CheckArgs) -> Result<u8, CommandError> {
    let Loaded { config, library, repository, .. } = configuration::load(args.config.as_deref())?;
    let pack = library.pack(&config.policies).map_err(|problems| CommandError::unusable(None, problems))?;
    let folder = folder(&config, &repository)?;
    let rules: Vec<_> = pack.rules().chain(DriftRules::of(&config).iter()).cloned().collect();
    let mut packs: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in &rules {
        *packs.entry(&rule.pack).or_default() += 1;
    }
    let today = surroundings::now().to_zoned(TimeZone::UTC).date();
    let mut said = triage::ending(&config.waivers, today);
    said.extend(no_rules(&rules, &config));
    said.extend(source::empty_recordings(&config));
    let is_compared = DriftRules::of(&config).need_the_baseline();
    said.extend(folder.as_ref().filter(|_| is_compared).and_then(|folder| empty_baseline(&config, folder)));
    output::print(&text(&config, folder.as_ref(), &library, &packs, &said))?;
    let is_complete = !said.iter().any(|notice| notice.kind.makes_incomplete());
    Ok(if is_complete { 0 } else { INCOMPLETE })
}

fn text(
    config: &Config,
    baseline: Option<&Folder>,
    library: &Library,
    packs: &BTreeMap<&str, usize>,
    said: &[Notice],
) -> String {
    let mut text = notices::text(said);
    if !said.is_empty() {
        text.push('\n');
    }
    let amplify =
        config.sources.iter().filter(|source| matches!(source.kind, SourceKind::Amplify(_))).count();
    let disabled = config.policies.disable.len();
    let rules: Vec<String> =
        packs.iter().map(|(pack, rules)| format!("{rules} of {}", printable(pack))).collect();
    let mut rules = if rules.is_empty() { "none".to_owned() } else { rules.join(", ") };
    if disabled > 0 {
        let _ = write!(rules, " ({disabled} disabled)");
    }
    let lines = [
        ("sources", kinds(amplify, config.sources.len() - amplify)),
        ("rules", rules),
        ("profile", config.policies.packs.profile.clone()),
        ("data", counted(library.data_files(), "file", "files")),
        ("tests", counted(library.tests(), "test of your own", "tests of your own")),
        (
            "baseline",
            baseline.map_or_else(
                || "none".to_owned(),
                |folder| match folder.contents().documents.len() {
                    1 => "1 document".to_owned(),
                    documents => format!("{documents} documents"),
                },
            ),
        ),
        ("drift", counted(config.drift.len(), "[[drift]]", "[[drift]]")),
        ("waivers", config.waivers.len().to_string()),
    ];
    for (name, what) in lines {
        let _ = writeln!(text, "{name:<8} {what}");
    }
    text.push_str("The configuration and its policies can be used.\n");
    text
}

fn kinds(amplify: usize, recordings: usize) -> String {
    let kinds = [(amplify, "amplify"), (recordings, "recordings")];
    let kinds = kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}"));
    kinds.collect::<Vec<_>>().join(", ")
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => "none".to_owned(),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}
