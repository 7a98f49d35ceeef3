//! A page of docs/ or the README, carried out from top to bottom in a folder: files are written, commands run, outputs compared.
//!
//! The info string of a block says what it is: `rego FILE` and `toml FILE` are files, `diff FILE` changes one, `sh` holds
//! commands with `# exit N` behind them where that is not 0, `text` is in what the last command printed, with `[…]` for lines
//! left out, `yaml NAME` is for GitHub, where a test of the page reads it, and `skip` is beyond the folder.

use std::fs;
use std::path::Path;

use jiff::{Span, Timestamp, tz::TimeZone};

use super::{Project, Run};

/// A page of this repository.
pub(crate) fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a page")
}

/// Its fenced blocks: info string and text.
pub(crate) fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, fence)) = rest.split_once("\n```") {
        let (info, body) = fence.split_once('\n').expect("an info string");
        let (text, after) = body.split_once("```").expect("the end of a block");
        blocks.push((info, text));
        rest = after;
    }
    blocks
}

/// The page with another day in place of 2027-03-31: a waiver must end later than today, whenever this runs, and not within
/// thirty days.
#[expect(clippy::disallowed_methods, reason = "the program under test has no other clock than the real one")]
pub(crate) fn lasting(page: &str) -> String {
    let later = Timestamp::now().to_zoned(TimeZone::UTC).date().saturating_add(Span::new().days(90));
    page.replace("2027-03-31", &later.to_string())
}

/// Carries a page out in a folder, and returns how many commands ran. `tidy` is called behind each block of them.
pub(crate) fn carry_out(page: &str, project: &Project, tidy: impl Fn(&Project)) -> usize {
    let mut last: Option<Run> = None;
    let mut commands = 0;
    for (info, text) in blocks(page) {
        match info.split(' ').collect::<Vec<_>>()[..] {
            [_, "skip"] | ["yaml", _] => {}
            ["rego" | "toml", file] => {
                project.file(file, text);
            }
            ["diff", file] => change(&project.path().join(file), text),
            ["sh"] => {
                for line in text.replace("\\\n", " ").lines() {
                    let (command, comment) = line.split_once(" #").unwrap_or((line, " exit 0"));
                    match &words(command)[..] {
                        [program, file] if program == "rm" => {
                            fs::remove_file(project.path().join(file)).expect("it is there");
                        }
                        [program, arguments @ ..] => {
                            assert_eq!(program, "audit", "{line}");
                            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                            let run = project.audit(&arguments);
                            let code = format!(" exit {}", run.code);
                            assert_eq!(code, comment, "{line}\n{}{}", run.stdout, run.stderr);
                            last = Some(run);
                            commands += 1;
                        }
                        [] => panic!("a line without a command: {text}"),
                    }
                }
                tidy(project);
            }
            ["text"] => is_printed(text, last.as_ref().expect("a command before its output")),
            _ => panic!("a block of an unknown kind: {info}"),
        }
    }
    commands
}

/// Sees that a run printed these pieces.
pub(crate) fn is_printed(text: &str, run: &Run) {
    let printed = format!("{}{}", run.stdout, run.stderr);
    for piece in text.split("[…]\n") {
        assert!(printed.contains(piece), "this is not printed:\n{piece}\nbut\n{printed}");
    }
}

/// The words of a command, with quotes as in a shell.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Replaces the lines of a file that a diff takes away, at the one place where they and those around them stand.
fn change(file: &Path, diff: &str) {
    let side = |other: char| -> String {
        let lines = diff.lines().filter(|line| !line.starts_with(other));
        lines.flat_map(|line| [line.get(1..).unwrap_or_default(), "\n"]).collect()
    };
    let (before, after) = (side('+'), side('-'));
    let text = fs::read_to_string(file).expect("readable");
    assert_eq!(text.matches(&before).count(), 1, "{} has not once\n{before}", file.display());
    fs::write(file, text.replace(&before, &after)).expect("written");
}
