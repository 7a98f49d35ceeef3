//! `audit targets`: what would be audited, after discovery.

use super::configuration::{self, Loaded};
use super::pipeline::{self, Audited, selection, unmatched};
use super::surroundings::{self, watched};
use super::{CommandError, output};
use crate::cli::TargetsArgs;
use crate::report::Listing;
use crate::source::{Depth, Request};

/// Lists the targets, and returns the exit code.
pub(super) fn targets(args: &TargetsArgs) -> Result<u8, CommandError> {
    let Loaded { config, repository, .. } = configuration::load(args.config.as_deref())?;
    let selection = selection(&args.target, args.shard)?;
    let profile = surroundings::named_profile();
    let (mut audited, interrupted) = watched(&args.talk, |stop, progress| {
        pipeline::list(&Request {
            config: &config,
            repository: &repository,
            selection: &selection,
            depth: Depth::Targets,
            profile: profile.as_deref(),
            stop,
            progress,
        })
    })?;
    let unmatched = unmatched(&args.target, &selection, &audited, &config);
    let pairs = pipeline::pairs(&mut audited, &config.drift, &selection);
    let Audited { targets, mut notices, .. } = audited;
    notices.extend(unmatched);
    let listing = Listing::new(targets, pairs, notices, interrupted);
    let written = output::to_stdout(|style, out| args.format.write(&listing, style, out));
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    Ok(listing.exit_code(args.allow_incomplete))
}
