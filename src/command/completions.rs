//! `audit completions`: what a shell needs to complete a command line.

use clap::builder::PossibleValuesParser;
use clap::{Arg, CommandFactory, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::{CommandError, configuration, output};
use crate::cli::{Cli, CompletionsArgs};
use crate::report::Format;

/// Prints the script for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, CommandError> {
    // The same script wherever it is made: with the built-in rules, and none of a configuration that happens to be near.
    let rules = configuration::built_in()?.catalogue.rules;
    let program = Cli::command();
    let commands: Vec<_> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let (rules, commands) = (one_of(rules), one_of(commands));
    let mut program = program.mut_arg("rule", &rules).mut_args(no_file);
    for name in ["run", "explain", "waive"] {
        program = program.mut_subcommand(name, |command| command.mut_arg("rule", &rules));
    }
    program = program
        .mut_subcommand("man", |command| command.mut_arg("command", commands))
        .mut_subcommands(|command| command.mut_args(no_file));
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "audit", &mut script);
    output::print(&with_reports(args.shell, &String::from_utf8_lossy(&script)))?;
    Ok(0)
}

/// An argument that takes one of these.
fn one_of(values: impl IntoIterator<Item = String>) -> impl Fn(Arg) -> Arg {
    // Clap wants names that live as long as the program, which ends after this.
    let values: Vec<&'static str> = values.into_iter().map(|value| &*value.leak()).collect();
    move |argument| argument.value_parser(PossibleValuesParser::new(values.clone()))
}

/// Shells complete files where they know nothing better; a date, a glob or a number is none.
fn no_file(argument: Arg) -> Arg {
    let is_value = argument.get_action().takes_values() && argument.get_possible_values().is_empty();
    match argument.get_value_hint() {
        ValueHint::Unknown if is_value => argument.value_hint(ValueHint::Other),
        _ => argument,
    }
}

/// The script, which also knows FORMAT=PATH: to clap it is one text.
fn with_reports(shell: Shell, script: &str) -> String {
    let formats = Format::value_variants().iter().filter_map(Format::to_possible_value);
    let formats = formats.map(|format| format!("{}=", format.get_name())).collect::<Vec<_>>().join(" ");
    match shell {
        Shell::Bash => {
            let values = include_str!("completions/values.bash").replace("FORMATS", &formats);
            script.replace("complete -F _audit -o", "complete -F _audit_values -o") + &values
        }
        Shell::Zsh => {
            let action = format!("{{compset -P \"*=\" || compadd -S \"\" -- {formats}; _files}}");
            script.replace(":FORMAT=PATH:_files'", &format!(":FORMAT=PATH:{action}'"))
        }
        // It completes paths behind `=` by itself.
        Shell::Fish => {
            let with_formats = |line: &str| match line.strip_suffix(" -r -F") {
                Some(option) if option.contains(" -l output ") => {
                    format!("{option} -r -F -a \"{formats}\"\n")
                }
                _ => format!("{line}\n"),
            };
            script.lines().map(with_formats).collect()
        }
        _ => script.to_owned(),
    }
}
