//! What words that no command line has may have meant: slips of the hand, and the words of other tools.

use clap::builder::StyledStr;
use clap::{Arg, Command};

use crate::suggestion::{likeness, nearest};

/// Words of other tools, and the commands that do here what they do there.
const COMMANDS: [(&[&str], &[&str]); 10] = [
    (&["analyze", "audit", "report", "scan", "start"], &["run"]),
    (&["eval", "lint", "validate", "verify"], &["run", "check"]),
    (&["list", "ls"], &["targets", "rules"]),
    (&["apps", "environments"], &["targets"]),
    (&["configure", "create", "new", "setup"], &["init"]),
    (&["accept", "allow", "except", "ignore", "skip", "suppress"], &["waive"]),
    (&["describe", "docs", "fix", "info", "remediate", "show", "why"], &["explain"]),
    (&["baseline", "record", "save"], &["snapshot"]),
    (&["compare", "drift"], &["diff"]),
    (&["combine", "join"], &["merge"]),
];

/// The same of options; the first that the command has.
const OPTIONS: [(&[&str], &[&str]); 6] = [
    (&["-c", "--file"], &["--config"]),
    (&["-f"], &["--format"]),
    (&["-o"], &["--output"]),
    (&["--level", "--min-severity", "--severity", "--threshold"], &["--fail-on"]),
    (&["--only", "--select"], &["--rule", "--target"]),
    (&["--diff", "--dry-run"], &["--check"]),
];

/// The same of values.
const VALUES: [(&[&str], &[&str]); 4] = [
    (&["human", "console", "plain", "pretty", "text", "tty"], &["human", "table"]),
    (&["xml"], &["junit"]),
    (&["moderate"], &["medium"]),
    (&["never", "off"], &["none"]),
];

/// The commands of `program` that a word may have meant, the likeliest first.
pub(in crate::command) fn commands<'p>(program: &'p Command, word: &str) -> Vec<&'p str> {
    let names = || program.get_subcommands().map(Command::get_name);
    let words = COMMANDS.iter().flat_map(|(words, _)| words.iter().copied());
    let Some(nearest) = nearest(word, words.chain(names())) else { return Vec::new() };
    // A command goes by its own name in the first place.
    let meant = match COMMANDS.iter().find(|(words, _)| words.contains(&nearest)) {
        Some((_, commands)) if !names().any(|name| name == nearest) => commands,
        _ => &[nearest][..],
    };
    meant.iter().filter_map(|meant| names().find(|name| name == meant)).collect()
}

/// What to type in place of a word that is no command.
pub(super) fn command(program: &Command, word: &str) -> Vec<String> {
    if word.eq_ignore_ascii_case("version") {
        return vec!["the version is told by 'audit --version'".to_owned()];
    }
    if is_rule(word) {
        return vec![format!("a rule is explained by 'audit explain {word}'")];
    }
    match commands(program, word).as_slice() {
        [name] if likeness(word, name).is_some() => vec![format!("a similar subcommand exists: '{name}'")],
        names => names
            .iter()
            .filter_map(|name| {
                Some(format!("to {}, use 'audit {name}'", purpose(program.find_subcommand(name)?)))
            })
            .collect(),
    }
}

/// What to type in place of an option that `command` does not have.
pub(super) fn option(program: &Command, command: &Command, option: &str) -> Option<String> {
    if let Some(known) = of_other_tools(&OPTIONS, option, |known| has(command, known)) {
        return Some(format!("a similar argument exists: '{known}'"));
    }
    let formats = command.get_arguments().find(|argument| argument.get_long() == Some("format"));
    let formats = formats.map(Arg::get_possible_values).unwrap_or_default();
    if let Some(format) = formats.iter().find(|format| option.strip_prefix("--") == Some(format.get_name())) {
        return Some(format!("a format is chosen with '--format {}'", format.get_name()));
    }
    // The audit itself goes by the name of `run`.
    let mut others = program.get_subcommands().filter(|other| has(other, option)).map(Command::get_name);
    let first = others.next()?;
    Some(match others.collect::<Vec<_>>().as_slice() {
        [] => format!("'{option}' is an option of 'audit {first}'"),
        more => format!("'{option}' is an option of other commands: {first}, {}", more.join(", ")),
    })
}

/// An option of some command that is as good as the same.
pub(super) fn misspelt<'p>(program: &'p Command, option: &str) -> Option<String> {
    /// Less is likely to be something else.
    const LIKE: f64 = 0.85;
    let given = option.strip_prefix("--")?;
    let known = |command: &'p Command| command.get_arguments().filter_map(Arg::get_long);
    let nearest = nearest(given, program.get_subcommands().flat_map(known))?;
    likeness(given, nearest).filter(|likeness| *likeness >= LIKE).map(|_| format!("--{nearest}"))
}

fn has(command: &Command, option: &str) -> bool {
    command.get_arguments().any(|argument| match option.strip_prefix("--") {
        Some(long) => argument.get_long() == Some(long),
        None => {
            argument.get_short().is_some_and(|short| option.strip_prefix('-') == Some(&*short.to_string()))
        }
    })
}

/// The value that is meant, of those that there are.
pub(super) fn value<'k>(known: &'k [String], value: &str) -> Option<&'k str> {
    let is_known = |meant: &str| known.iter().any(|known| known == meant);
    let meant = of_other_tools(&VALUES, value, is_known)?;
    known.iter().find(|known| *known == meant).map(String::as_str)
}

fn of_other_tools(
    table: &[(&[&str], &[&'static str])],
    word: &str,
    is_known: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let (_, meant) = table.iter().find(|(words, _)| words.contains(&word))?;
    meant.iter().copied().find(|meant| is_known(meant))
}

/// Whether a word has the shape of a rule's id, and not that of a target or of a file.
fn is_rule(word: &str) -> bool {
    let mut names = word.split('/');
    let is_name = |name: &str, digits: bool| {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || (digits && byte.is_ascii_digit());
        !name.is_empty() && name.bytes().all(is_plain)
    };
    // The id of an app has digits, a file a dot.
    names.next().is_some_and(|pack| is_name(pack, false))
        && names.next().is_some_and(|name| is_name(name, true))
        && names.all(|name| is_name(name, true))
}

/// What a command is there for, to follow `to`: the first words that are said of it.
fn purpose(command: &Command) -> String {
    let about = command.get_about().map(StyledStr::to_string).unwrap_or_default();
    let about = about.split([',', ':', '(']).next().unwrap_or_default().trim();
    let mut letters = about.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn what_stands_for_a_word_of_other_tools_is_there() {
        let mut program = Cli::command();
        program.build();
        for command in COMMANDS.iter().flat_map(|(_, commands)| *commands) {
            let command = program.find_subcommand(command).expect("a command");
            assert!(!purpose(command).is_empty(), "{command}");
        }
        let all = || [&program].into_iter().chain(program.get_subcommands());
        for (words, options) in OPTIONS {
            assert!(options.iter().all(|option| all().any(|command| has(command, option))), "{options:?}");
            assert!(!words.iter().any(|word| has(&program, word)), "{words:?}");
        }
        let values = all().flat_map(Command::get_arguments).flat_map(Arg::get_possible_values);
        let values: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
        for (_, meant) in VALUES {
            assert!(meant.iter().all(|value| values.iter().any(|known| known == value)), "{meant:?}");
        }
    }

    #[test]
    fn a_slip_is_of_a_command_or_of_a_word_that_stands_for_one() {
        let program = Cli::command();
        for (word, expected) in [
            ("rnu", &["run"][..]),
            ("chekc", &["check"]),
            ("Check", &["check"]),
            ("validte", &["run", "check"]),
            ("supress", &["waive"]),
            ("ls", &["targets", "rules"]),
            ("xyzzy", &[]),
            ("", &[]),
        ] {
            assert_eq!(commands(&program, word), expected, "{word}");
        }
    }

    #[test]
    fn a_rule_is_no_target_and_no_file() {
        for (word, expected) in [
            ("mfa/off", true),
            ("lifecycle/gen1_end_of_life", true),
            ("mine/mfa/off", true),
            ("d1a2b3/prod", false),
            ("recordings/a.json", false),
            ("./mfa/off", false),
            ("/mfa", false),
            ("mfa", false),
            ("mfa/", false),
            ("mfa/\u{1b}[31m", false),
        ] {
            assert_eq!(is_rule(word), expected, "{word}");
        }
    }
}
