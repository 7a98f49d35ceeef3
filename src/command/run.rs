//! `audit run`: the main job, from audit.toml to the exit code.

use std::path::Path;

use jiff::tz::TimeZone;

use super::CommandError;
use super::carry::{Wanted, carry};
use super::configuration::{self, Loaded};
use super::merge;
use super::output::Outputs;
use super::pipeline::{self, Audited};
use super::{interrupt, surroundings};
use crate::cli::RunArgs;
use crate::config::{Catalogue, Config, TargetGlob, Waiver};
use crate::finding::{Notice, NoticeKind, Threshold};
use crate::policy::Pack;
use crate::progress::{Progress, Verbosity};
use crate::report::{Outcome, Report, Stored};
use crate::source::{Depth, Request, Selection};
use crate::stop::Stop;
use crate::target::Shard;
use crate::triage::{Terms, triage};

/// Runs the audit, writes its reports and returns the exit code.
///
/// # Errors
/// What made the audit impossible, or its report.
pub fn run(args: &RunArgs) -> Result<u8, CommandError> {
    let clock = surroundings::now();
    let Loaded { mut config, repository, catalogue } = configuration::load(args.config.as_deref())?;
    let selection = selection(&args.target, args.shard)?;
    select_rules(&args.rule, &catalogue, &mut config)?;
    let pack = Pack::load(&config.policies).map_err(|problems| CommandError::Policies { problems })?;
    // Before anything is audited: a report that cannot be kept is better known now.
    let outputs = Outputs::open(&args.report)?;
    let previous = args.previous.as_deref().map(|path| previous(path, args.shard)).transpose()?;
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, 1) => Verbosity::Verbose,
        (false, _) => Verbosity::Trace,
    };
    let progress =
        Progress::new(verbosity, surroundings::display(verbosity, args.no_progress, args.report.color));
    // Before, and where it is not the audit that takes time, a signal ends the process as ever.
    let stop = Stop::default();
    let said = progress.clone();
    interrupt::listen(stop.clone(), move || {
        said.say("interrupted: finishing the report; once more to end at once");
    })
    .map_err(|source| CommandError::Runtime { source })?;
    let request = Request {
        config: &config,
        repository: &repository,
        selection: &selection,
        depth: Depth::Settings,
        stop: &stop,
        progress: &progress,
    };
    let audited = pipeline::audit(&request, &pack);
    let interrupted = stop.finish();
    progress.finish();
    let mut audited = audited.map_err(|source| CommandError::Runtime { source })?;
    let rules: Vec<_> = pack.rules().cloned().collect();
    if let Some(previous) = previous {
        let severities = &config.policies.severity;
        let wanted = Wanted { rules: &rules, severities, selection: &selection };
        carry(&mut audited, previous, &wanted);
    }
    let Audited { targets, mut findings, mut notices, elsewhere, .. } = audited;

    let fail_on = args.fail_on.map_or(config.fail_on, Threshold::severity);
    let terms = Terms { waivers: &config.waivers, fail_on, today: clock.to_zoned(TimeZone::UTC).date() };
    let (expired, used) = triage(&mut findings, &terms);
    notices.extend(expired);
    notices.extend(unmatched(&args.target, &selection, &targets, elsewhere));
    if rules.is_empty() {
        notices.push(Notice::new(NoticeKind::NoRules, "no rule is enabled: nothing can be found"));
    }
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
        interrupted,
    };
    if args.target.is_empty() {
        let unused = unused_waivers(&config.waivers, &used, &report, &args.rule);
        report.notices.extend(unused);
    }
    report.sort();
    outputs.write(&report)?;
    Ok(report.summary().exit_code)
}

/// The report that findings are carried over from. One of another part of the targets says nothing of
/// most of this run's, and their alerts would close.
fn previous(path: &Path, shard: Option<Shard>) -> Result<Stored, CommandError> {
    let stored = merge::read(path).map_err(|problem| CommandError::Reports { problems: vec![problem] })?;
    match stored.report.shard {
        Some(other) if shard != Some(other) => Err(CommandError::Usage {
            message: format!("--previous {}: it is the report of shard {other} alone", path.display()),
            help: Some("give the merged report of all shards: `audit merge`".to_owned()),
        }),
        Some(_) | None => Ok(stored),
    }
}

/// What was asked for and is not there: any target, or one for each `--target`. A file that names no
/// target may hold the one that was meant.
fn unmatched(given: &[String], selection: &Selection, targets: &[Outcome], elsewhere: usize) -> Vec<Notice> {
    if let (Some(shard), true) = (selection.shard, targets.is_empty() && elsewhere > 0) {
        let message = format!("shard {shard} has none of the {elsewhere} targets");
        return vec![Notice::new(NoticeKind::EmptyShard, message)];
    }
    let notice = |message| Notice::new(NoticeKind::NoTarget, message);
    if given.is_empty() && targets.is_empty() {
        return vec![notice("there is no target: nothing was audited".to_owned())];
    }
    // What a shard does not have, another one may.
    if elsewhere > 0 {
        return Vec::new();
    }
    given
        .iter()
        .zip(&selection.globs)
        .filter(|(_, glob)| !targets.iter().any(|outcome| glob.is_match(&outcome.target.id)))
        .map(|(given, _)| notice(format!("no target matches --target {given}")))
        .collect()
}

fn selection(globs: &[String], shard: Option<Shard>) -> Result<Selection, CommandError> {
    globs
        .iter()
        .map(|glob| {
            TargetGlob::parse(glob).map_err(|what| CommandError::Usage {
                message: format!("--target {glob}: {what}"),
                help: None,
            })
        })
        .collect::<Result<_, _>>()
        .map(|globs| Selection { globs, shard })
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
        if config.policies.disable.contains(rule) {
            return refused(format!("--rule {rule}: the configuration disables it"), None);
        }
    }
    config.policies.disable = catalogue.rules.iter().filter(|rule| !wanted.contains(rule)).cloned().collect();
    Ok(())
}

/// Waivers that match nothing. One whose rule was not asked for, or whose target could not be, may yet
/// match: nothing is said of it.
fn unused_waivers(waivers: &[Waiver], used: &[bool], report: &Report, selected: &[String]) -> Vec<Notice> {
    let may_match =
        |waiver: &Waiver| {
            (!selected.is_empty() && !selected.contains(&waiver.rule))
                || report.targets.iter().filter(|outcome| outcome.unaudited.is_some()).any(|outcome| {
                    outcome.target.app_id.is_empty() || waiver.target.is_match(&outcome.target.id)
                })
        };
    waivers
        .iter()
        .zip(used)
        .filter(|(waiver, used)| !**used && !may_match(waiver))
        .map(|(waiver, _)| {
            let message =
                format!("the waiver of {} for `{}` matches no finding", waiver.rule, waiver.target_pattern);
            Notice::new(NoticeKind::WaiverUnused, message).at(waiver.location.clone())
        })
        .collect()
}
