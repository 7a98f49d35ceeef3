//! `audit explain`: what a rule means, why it matters, and how to fix what it finds.

use super::{CommandError, output, rules};
use crate::cli::ExplainArgs;
use crate::report::{Entry, Standing, unaudited_rule};
use crate::untrusted::printable;

/// Explains a rule.
///
/// # Errors
/// Where there is no such rule.
pub(super) fn explain(args: &ExplainArgs) -> Result<u8, CommandError> {
    let (mut book, mut catalogue) = rules::load(args.config.as_deref())?;
    // Code scanning shows it as a rule like any other.
    let unaudited = unaudited_rule().into();
    book.rules.push(Entry {
        rule: unaudited,
        severity: None,
        standing: Standing::Fixed,
        parameters: Vec::new(),
    });
    let Some(entry) = book.rules.iter().find(|entry| entry.rule.id == args.rule) else {
        catalogue.rules.extend(book.rules.iter().map(|entry| entry.rule.id.clone()));
        let nearest = catalogue.nearest_rule(&args.rule);
        return Err(CommandError::Usage {
            message: format!("there is no rule `{}`", printable(&args.rule)),
            help: Some(nearest.unwrap_or_else(|| "`audit rules` lists them".to_owned())),
        });
    };
    let written = output::to_stdout(|style, out| args.format.write(entry, style, out));
    written.map_err(|source| CommandError::Unwritable { name: "standard output".into(), source })?;
    Ok(0)
}
