//! How to mend a finding, and how to accept it, in lines to copy into a shell.

use std::borrow::Cow;
use std::io;

use textwrap::core::display_width;

use super::{LONGEST, Page};
use crate::finding::{Finding, Rule};
use crate::report::facts::one_line;
use crate::target::Target;
use crate::untrusted::printable;

/// Blanks before a command, which stands further in than the text around it.
const INDENT: &str = "          ";

/// As much of a remedy as is read on a page, in characters.
const MOST: usize = 4 * LONGEST;

/// The remedy of a rule: commands with options, in backticks, stand on lines of their own. What there is no room for is
/// left out from the end, and never a part of a command.
pub(super) fn write(page: &mut Page<'_>, rule: &Rule, target: &Target) -> io::Result<()> {
    let text = one_line(&rule.remediation);
    let (kept, is_whole) = kept(pieces(&text), MOST);
    let mut label = "help";
    let mut prose = String::new();
    for piece in kept {
        match piece {
            Piece::Prose(text) => prose.push_str(&text),
            Piece::Command(command) => {
                label = say(page, label, &prose)?;
                prose.clear();
                let command = filled(command, target);
                let room = page.style.width.saturating_sub(INDENT.len());
                let is_quoted = command.contains(['\'', '"', '\\', '$', '#']);
                let lines = if is_quoted { vec![command] } else { broken(&parts(&command), room) };
                for line in lines {
                    page.line(format!("{INDENT}{line}"))?;
                }
            }
        }
    }
    if !is_whole {
        prose = format!("{} … the rest: `audit explain {}`", prose.trim_end(), rule.id);
    }
    say(page, label, &prose).map(|_| ())
}

/// The pieces that so many characters are enough for, and whether they are all. Where not even the first one is, that
/// is cut, unless it is a command.
fn kept(pieces: Vec<Piece<'_>>, most: usize) -> (Vec<Piece<'_>>, bool) {
    let mut kept = Vec::new();
    let mut room = most;
    for piece in pieces {
        let length = match &piece {
            Piece::Prose(text) => text.chars().count(),
            Piece::Command(text) => text.chars().count(),
        };
        match (room.checked_sub(length), piece) {
            (Some(left), piece) => {
                room = left;
                kept.push(piece);
            }
            (None, Piece::Prose(text)) if kept.is_empty() => {
                kept.push(Piece::Prose(text.chars().take(room).collect::<String>().into()));
                return (kept, false);
            }
            (None, _) => return (kept, false),
        }
    }
    (kept, true)
}

/// What stands between commands, and the label of what follows.
fn say(page: &mut Page<'_>, label: &'static str, prose: &str) -> io::Result<&'static str> {
    // What closes the sentence of a command closes nothing on a line of its own.
    let prose = if label.is_empty() { prose.trim_start_matches(['.', ',', ';', ':']) } else { prose };
    if prose.trim().is_empty() {
        return Ok(label);
    }
    page.part(label, prose)?;
    Ok("")
}

enum Piece<'t> {
    Prose(Cow<'t, str>),
    Command(&'t str),
}

/// The text in order; everything is prose where backticks do not pair.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    if !text.matches('`').count().is_multiple_of(2) {
        return vec![Piece::Prose(text.into())];
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (code, after))) =
        rest.split_once('`').and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    {
        if code.contains(" --") && !code.starts_with('-') {
            pieces.extend([Piece::Prose(before.into()), Piece::Command(code)]);
        } else {
            let whole = rest.len() - after.len();
            pieces.push(Piece::Prose(rest[..whole].into()));
        }
        rest = after;
    }
    pieces.push(Piece::Prose(rest.into()));
    pieces
}

/// The command with the names of the target in place of the words that stand for them.
fn filled(command: &str, target: &Target) -> String {
    let words = command.split(' ').map(|word| {
        let name = match word {
            "APP" => &target.app_id,
            "ENVIRONMENT" => &target.environment,
            "RESOURCE" => &target.resource,
            _ => return printable(word),
        };
        if is_plain(name) { name.as_str().into() } else { word.into() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A command and its options: what it may be broken between.
fn parts(command: &str) -> Vec<String> {
    let parts = command.split(" --").enumerate();
    parts.map(|(index, part)| if index == 0 { part.to_owned() } else { format!("--{part}") }).collect()
}

/// The lines of a command that a shell takes for one: broken between its parts.
fn broken(parts: &[String], room: usize) -> Vec<String> {
    const CONTINUED: &str = " \\";
    let command = parts.join(" ");
    if display_width(&command) <= room {
        return vec![command];
    }
    let mut lines: Vec<String> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let continued = if index + 1 < parts.len() { CONTINUED.len() } else { 0 };
        match lines.last_mut() {
            Some(line) if display_width(line) + 1 + display_width(part) + continued <= room => {
                line.push(' ');
                line.push_str(part);
            }
            Some(line) => {
                line.push_str(CONTINUED);
                lines.push(format!("  {part}"));
            }
            None => lines.push(part.clone()),
        }
    }
    lines
}

/// The commands that tell more of the rule and that accept the finding, where the names in them mean themselves.
/// `config` is the configuration that the command line named.
pub(super) fn commands(page: &mut Page<'_>, finding: &Finding, config: Option<&str>) -> io::Result<()> {
    let (rule, id) = (finding.rule.id.as_str(), finding.target.id.as_str());
    let config = match config.map(argument) {
        None => None,
        Some(Some(config)) => Some(format!("--config {config}")),
        // The nearest audit.toml is another one.
        Some(None) => return Ok(()),
    };
    if !is_plain_path(rule) {
        return Ok(());
    }
    let mut explain = vec![format!("audit explain {rule}")];
    explain.extend(config.clone());
    command(page, "more", &explain)?;
    if !is_plain_path(id) || id.split('/').count() != 3 || finding.path.chars().count() > LONGEST {
        return Ok(());
    }
    // Without a path, it would accept what the rule finds elsewhere in the target, today and later.
    let Some(path) = quoted(&literal(&finding.path)) else { return Ok(()) };
    // As it stands it is refused: the day and the reason are the reader's.
    let mut waive = vec![format!("audit waive {rule}"), id.to_owned(), format!("--path {path}")];
    waive.extend(config);
    waive.extend(["--until DATE", "--reason '…'"].map(str::to_owned));
    command(page, "accept", &waive)
}

fn command(page: &mut Page<'_>, label: &str, parts: &[String]) -> io::Result<()> {
    let room = page.style.width.saturating_sub(super::INDENT.len());
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    broken(parts, room).iter().zip(labels).try_for_each(|(line, label)| page.whole(label, line))
}

/// The glob that a JSON pointer alone matches.
fn literal(pointer: &str) -> String {
    let mut glob = String::with_capacity(pointer.len());
    for character in pointer.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            glob.push('\\');
        }
        glob.push(character);
    }
    glob
}

/// The value of an option as one word of a shell, if it can be printed as it is and is no option itself.
fn argument(text: &str) -> Option<String> {
    let is_plain = text.split('/').all(|name| name.is_empty() || is_plain(name));
    match text {
        "" => None,
        // What is not Unicode is another name here.
        _ if text.starts_with('-') || text.contains(char::REPLACEMENT_CHARACTER) => None,
        _ if is_plain => Some(text.to_owned()),
        _ => quoted(text),
    }
}

/// Text in quotes of a shell; `None` where it cannot be printed as it is.
fn quoted(text: &str) -> Option<String> {
    (printable(text) == text).then(|| format!("'{}'", text.replace('\'', r"'\''")))
}

fn is_plain_path(text: &str) -> bool {
    text.split('/').all(is_plain)
}

/// Whether a name means itself to a shell, to `audit` (it is no glob and no option), and to the reader.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::path_glob;

    /// A word as a shell reads it.
    fn of_shell(word: &str) -> String {
        let mut read = String::new();
        let mut is_quoted = false;
        let mut characters = word.chars();
        while let Some(character) = characters.next() {
            match character {
                '\'' => is_quoted = !is_quoted,
                '\\' if !is_quoted => read.extend(characters.next()),
                other => read.push(other),
            }
        }
        assert!(!is_quoted, "{word}");
        read
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn a_shell_takes_the_lines_of_a_command_for_one(
            words in prop::collection::vec("-{0,2}[a-z=]{1,12}", 1..20),
            room in 10_usize..100,
        ) {
            let command = words.join(" ");
            let lines = broken(&parts(&command), room);
            let joined = lines.join("\n").replace("\\\n  ", "");
            prop_assert_eq!(joined, command);
        }

        #[test]
        fn the_path_of_a_waiver_to_copy_is_that_of_the_finding_alone(
            pointer in r"(/[a-b*?{}\[\]\\!,^~'ö -]{0,4}){0,3}",
            other in r"(/[a-b*?{}\[\]\\!,^~'ö -]{0,4}){0,3}",
        ) {
            let word = quoted(&literal(&pointer)).expect("printable");
            let glob = path_glob(&of_shell(&word)).expect("a glob");
            prop_assert!(glob.is_match(&pointer), "{}", word);
            prop_assert_eq!(glob.is_match(&other), other == pointer, "{}", word);
        }

        #[test]
        fn a_long_remedy_ends_between_its_pieces(text in "([a-z. ]{0,9}(`[a-z]{1,6}( --[a-z]{1,6})?`)?){0,9}", most in 0_usize..60) {
            let (kept, is_whole) = kept(pieces(&text), most);
            let joined: String = kept.into_iter().map(|piece| match piece {
                Piece::Prose(text) => text.into_owned(),
                Piece::Command(command) => format!("`{command}`"),
            }).collect();
            prop_assert!(text.starts_with(&joined));
            prop_assert_eq!(joined == text, is_whole);
        }

        #[test]
        fn nothing_of_a_remedy_is_lost(text in "[a-z`. -]{0,60}") {
            let joined = pieces(&text).into_iter().map(|piece| match piece {
                Piece::Prose(text) => text.into_owned(),
                Piece::Command(command) => format!("`{command}`"),
            });
            prop_assert_eq!(joined.collect::<String>(), text);
        }
    }
}
