//! `audit completions`: what a shell needs to complete a command line.

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;

use super::{CommandError, configuration, output};
use crate::cli::{Cli, CompletionsArgs};

/// Prints the script for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, CommandError> {
    // The same script wherever it is made: with the built-in rules, and none of a configuration that happens to be near.
    let rules = configuration::built_in()?.catalogue.rules;
    // Clap wants names that live as long as the program, which ends after this.
    let rules: Vec<&'static str> = rules.into_iter().map(|rule| &*rule.leak()).collect();
    let with_rules = |argument: clap::Arg| argument.value_parser(PossibleValuesParser::new(rules.clone()));
    let mut command = Cli::command().mut_arg("rule", with_rules);
    for name in ["run", "explain", "waive"] {
        command = command.mut_subcommand(name, |command| command.mut_arg("rule", with_rules));
    }
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "audit", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
