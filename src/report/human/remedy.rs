//! How to mend a finding, and how to accept it, in lines to copy into a shell.

use std::io;

use textwrap::core::display_width;

use super::{LONGEST, Page};
use crate::finding::Rule;
use crate::target::Target;
use crate::untrusted::{printable, shortened};

/// Blanks before a command, which stands further in than the text around it.
const INDENT: &str = "          ";

/// The remedy of a rule: commands with options, in backticks, stand on lines of their own.
pub(super) fn write(page: &mut Page<'_>, remediation: &str, target: &Target) -> io::Result<()> {
    let text = remediation.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut label = "help";
    let mut prose = String::new();
    for piece in pieces(&shortened(&text, 4 * LONGEST)) {
        match piece {
            Piece::Prose(text) => prose.push_str(text),
            Piece::Command(command) => {
                label = say(page, label, &prose)?;
                prose.clear();
                let command = filled(command, target);
                let room = page.style.width.saturating_sub(INDENT.len());
                let is_quoted = command.contains(['\'', '"', '\\', '$', '#']);
                let lines = if is_quoted { vec![command] } else { broken(&command, room) };
                for line in lines {
                    page.line(format!("{INDENT}{line}"))?;
                }
            }
        }
    }
    say(page, label, &prose).map(|_| ())
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
    Prose(&'t str),
    Command(&'t str),
}

/// The text in order; everything is prose where backticks do not pair.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    if !text.matches('`').count().is_multiple_of(2) {
        return vec![Piece::Prose(text)];
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (code, after))) =
        rest.split_once('`').and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    {
        if code.contains(" --") && !code.starts_with('-') {
            pieces.extend([Piece::Prose(before), Piece::Command(code)]);
        } else {
            let whole = rest.len() - after.len();
            pieces.push(Piece::Prose(&rest[..whole]));
        }
        rest = after;
    }
    pieces.push(Piece::Prose(rest));
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

/// The lines of a command that a shell takes for one: broken before options.
fn broken(command: &str, room: usize) -> Vec<String> {
    const CONTINUED: &str = " \\";
    if display_width(command) <= room {
        return vec![command.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for (index, option) in command.split(" --").enumerate() {
        let option = if index == 0 { option.to_owned() } else { format!("--{option}") };
        match lines.last_mut() {
            Some(line) if display_width(line) + 1 + display_width(&option) + CONTINUED.len() <= room => {
                line.push(' ');
                line.push_str(&option);
            }
            Some(line) => {
                line.push_str(CONTINUED);
                lines.push(format!("  {option}"));
            }
            None => lines.push(option),
        }
    }
    lines
}

/// The commands that tell more of the rule and that accept the finding, where the names in them mean themselves.
pub(super) fn commands(page: &mut Page<'_>, rule: &Rule, target: &Target) -> io::Result<()> {
    let id = target.id.as_str();
    if !is_plain_path(&rule.id) {
        return Ok(());
    }
    page.whole("more", &format!("audit explain {}", rule.id))?;
    if !is_plain_path(id) || id.split('/').count() != 3 {
        return Ok(());
    }
    // As it stands it is refused: the day and the reason are the reader's.
    let command = format!("audit waive {} {id} --until DATE --reason '…'", rule.id);
    let room = page.style.width.saturating_sub(super::INDENT.len());
    let lines = broken(&command, room);
    lines
        .iter()
        .zip(std::iter::once("accept").chain(std::iter::repeat("")))
        .try_for_each(|(line, label)| page.whole(label, line))
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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn a_shell_takes_the_lines_of_a_command_for_one(
            words in prop::collection::vec("-{0,2}[a-z=]{1,12}", 1..20),
            room in 10_usize..100,
        ) {
            let command = words.join(" ");
            let lines = broken(&command, room);
            let joined = lines.join("\n").replace("\\\n  ", "");
            prop_assert_eq!(joined, command);
        }

        #[test]
        fn nothing_of_a_remedy_is_lost(text in "[a-z`. -]{0,60}") {
            let joined = pieces(&text).into_iter().map(|piece| match piece {
                Piece::Prose(text) => text.to_owned(),
                Piece::Command(command) => format!("`{command}`"),
            });
            prop_assert_eq!(joined.collect::<String>(), text);
        }
    }
}
