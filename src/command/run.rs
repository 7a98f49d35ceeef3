//! `audit run`: the main job, from audit.toml to the exit code.

use std::path::Path;

use jiff::tz::TimeZone;

use super::CommandError;
use super::configuration::{self, Loaded, input_at};
use super::merge;
use super::output::{Outputs, place};
use super::pipeline::{
    self, Audited, DriftRules, Judging, Orphans, Wanted, carry, empty_baseline, folder, no_rules,
    part_of_apps, selection, unmatched,
};
use super::surroundings::{self, afterwards, watched};
use crate::baseline::Folder;
use crate::cli::RunArgs;
use crate::config::{Catalogue, Config};
use crate::finding::{Notice, Threshold, fingerprint};
use crate::report::{self, Format, Report, Stored};
use crate::source::{Depth, Request, Selection};
use crate::target::Shard;
use crate::triage::{Terms, Unseen, ending, triage, unused};
use crate::untrusted::printable;

/// Runs the audit, writes its reports and returns the exit code.
///
/// # Errors
/// What made the audit impossible, or its report.
pub fn run(args: &RunArgs) -> Result<u8, CommandError> {
    let clock = surroundings::now();
    let Loaded { mut config, path, repository, catalogue, library, digest } =
        configuration::load(args.config.as_deref())?;
    let selection = selection(&args.target, args.shard)?;
    select_rules(&args.rule, &catalogue, &mut config)?;
    let pack = library.pack(&config.policies).map_err(|problems| CommandError::unusable(None, problems))?;
    // Before anything is audited: a report that cannot be kept is better known now.
    let outputs = Outputs::open(&args.report, |place, format| {
        input_at(place, &config, &path).or_else(|| history_at(place, format, args.previous.as_deref()))
    })?;
    let asked_for = report::Selection::of(&args.target, &args.rule);
    let previous = args.previous.as_deref().map(|path| previous(path, args.shard, &asked_for)).transpose()?;
    let baseline = folder(&config, &repository)?;
    let profile = surroundings::named_profile();
    let ((mut audited, rules), interrupted) = watched(&args.talk, |stop, progress| {
        let request = Request {
            config: &config,
            repository: &repository,
            selection: &selection,
            depth: Depth::Settings,
            profile: profile.as_deref(),
            stop,
            progress,
        };
        let judging = Judging::new(&pack, &config, baseline.as_ref(), &selection, progress);
        let rules: Vec<_> = judging.rules().cloned().collect();
        pipeline::audit(&request, &judging).map(|audited| (audited, rules))
    })?;
    let is_compared = !interrupted && DriftRules::of(&config).need_the_baseline();
    if let Some(folder) = baseline.as_ref().filter(|_| is_compared) {
        let said = of_baseline(folder, &config, &audited, &selection);
        audited.notices.extend(said);
    }
    // Before: what was asked for and did not come may have been there.
    let unmatched = unmatched(&args.target, &selection, &audited, &config);
    audited.notices.extend(unmatched);
    if let Some(previous) = previous {
        let severities = &config.policies.severity;
        let of_apps = pack.of_apps().map(|rule| rule.id.as_str()).collect();
        let wanted = Wanted { rules: &rules, severities, selection: &selection, of_apps: &of_apps };
        carry(&mut audited, previous, &wanted);
    }
    let Audited { targets, mut findings, mut notices, elsewhere, .. } = audited;
    notices.extend(part_of_apps(&args.target, &pack));

    let fail_on = args.fail_on.map_or(config.fail_on, Threshold::severity);
    let terms = Terms { waivers: &config.waivers, fail_on, today: clock.to_zoned(TimeZone::UTC).date() };
    let used = triage(&mut findings, &terms);
    notices.extend(ending(terms.waivers, terms.today));
    notices.extend(no_rules(&rules, &config));
    let mut report = Report {
        started_at: clock,
        duration: (surroundings::now() - clock).try_into().unwrap_or_default(),
        rules,
        targets,
        findings,
        notices,
        fail_on,
        leniency: args.report.leniency(),
        shard: args.shard,
        unused_here: Vec::new(),
        elsewhere: Vec::new(),
        interrupted,
        selection: asked_for,
        asked: asked(&digest, &args.target),
        config: args.config.as_deref().map(|path| path.to_string_lossy().into()),
    };
    if args.target.is_empty() {
        let unseen = Unseen { shard: args.shard, elsewhere: &elsewhere, ..unseen(&report, &args.rule) };
        let unused = unused(&terms, &used, &report.findings, &unseen);
        report.notices.extend(unused.anywhere);
        report.unused_here = unused.here;
    }
    report.elsewhere = elsewhere;
    report.sort();
    outputs.write(&report, &afterwards(&args.talk))?;
    Ok(report.summary().exit_code)
}

/// What is to be said of the files of the baseline.
fn of_baseline(folder: &Folder, config: &Config, audited: &Audited, selection: &Selection) -> Vec<Notice> {
    let mut notices = Orphans::of(folder, audited, selection).notices(folder);
    notices.extend(empty_baseline(config, folder));
    notices
}

/// A digest of what was asked for, whatever the order.
fn asked(configuration: &str, targets: &[String]) -> String {
    let mut targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    targets.sort_unstable();
    fingerprint(&[&[configuration], &targets[..]].concat())
}

/// Whether the report that findings are carried over from would be lost: the next run has to find one there.
fn history_at(at: &Path, format: Format, previous: Option<&Path>) -> Option<String> {
    let is_lost = previous.is_some_and(|previous| place(previous) == at) && format != Format::Json;
    is_lost.then(|| "it is the JSON report of --previous".to_owned())
}

/// The report that findings are carried over from. One of another part of the targets or of the rules says nothing of
/// most of this run's, and their alerts would close.
fn previous(
    path: &Path,
    shard: Option<Shard>,
    selection: &report::Selection,
) -> Result<Stored, CommandError> {
    let stored = merge::read(path).map_err(|problem| CommandError::Reports { problems: vec![problem] })?;
    let refused = |what: &str, help: &str| {
        let path = path.display().to_string();
        let message = format!("--previous {}: it is the report of {what} alone", printable(&path));
        Err(CommandError::Usage { message, help: Some(help.to_owned()) })
    };
    let earlier = &stored.report;
    if let Some(other) = earlier.shard.filter(|other| shard != Some(*other)) {
        return refused(&format!("shard {other}"), "give the merged report of all shards: `audit merge`");
    }
    match earlier.selection.named() {
        Some(by) if earlier.selection != *selection => refused(
            &format!("what {by} asked for"),
            "give the report of a run of everything, or of one with the same --target and --rule",
        ),
        Some(_) | None => Ok(stored),
    }
}

/// `--rule`: every other rule is disabled.
fn select_rules(wanted: &[String], catalogue: &Catalogue, config: &mut Config) -> Result<(), CommandError> {
    if wanted.is_empty() {
        return Ok(());
    }
    for rule in wanted {
        let refused = |message: String, help| Err(CommandError::Usage { message, help });
        if !catalogue.rules.contains(rule) {
            return refused(format!("--rule {rule}: there is no such rule"), catalogue.nearest_rule(rule));
        }
        let needs = match rule.as_str() {
            "drift/baseline" | "drift/untracked" if config.baseline.is_none() => {
                Some("`baseline` in [audit]")
            }
            "drift/environment" if config.drift.is_empty() => Some("a [[drift]]"),
            _ => None,
        };
        if let Some(needs) = needs {
            return refused(
                format!("--rule {rule}: the configuration gives it nothing to compare with"),
                Some(format!("it needs {needs}")),
            );
        }
        if config.policies.disable.contains(rule) {
            return refused(format!("--rule {rule}: the configuration disables it"), None);
        }
    }
    // A target without a file is compared with nothing, and that is said by a rule of its own.
    let is_implied = |rule: &String| {
        rule == "drift/untracked"
            && wanted.iter().any(|rule| rule == "drift/baseline")
            && !config.policies.disable.contains(rule)
    };
    let others = catalogue.rules.iter().filter(|rule| !wanted.contains(rule) && !is_implied(rule));
    config.policies.disable = others.cloned().collect();
    Ok(())
}

/// Where a waiver may match what is not in the report.
fn unseen<'r>(report: &'r Report, asked: &'r [String]) -> Unseen<'r> {
    let unaudited = report.targets.iter().filter(|outcome| outcome.unaudited.is_some());
    let unread = report.notices.iter().filter_map(|notice| notice.unread.as_ref());
    Unseen {
        asked,
        targets: unaudited.map(|outcome| &*outcome.target).collect(),
        scopes: unread.map(|unread| &unread.scope).collect(),
        ..Unseen::default()
    }
}
