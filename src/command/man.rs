//! `audit man`: the manual, a page for the program and one for each command.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use clap::builder::Resettable;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{CommandError, output};
use crate::cli::{Cli, ManArgs};
use crate::suggestion::nearest;
use crate::untrusted::printable;

/// Prints a page, or writes all of them.
pub(super) fn man(args: &ManArgs) -> Result<u8, CommandError> {
    // Each command has `--help`, so no page is needed for `help`.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    if let Some(folder) = &args.folder {
        write(&program, folder)?;
    } else {
        output::print(&page(named(&program, args.command.as_deref())?))?;
    }
    Ok(0)
}

fn named<'p>(program: &'p Command, name: Option<&str>) -> Result<&'p Command, CommandError> {
    let Some(name) = name else { return Ok(program) };
    program.find_subcommand(name).ok_or_else(|| {
        let nearest = nearest(name, program.get_subcommands().map(Command::get_name));
        CommandError::Usage {
            message: format!("there is no command `{}`", printable(name)),
            help: Some(nearest.map_or_else(
                || "`audit help` lists them".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            )),
        }
    })
}

fn write(program: &Command, folder: &Path) -> Result<(), CommandError> {
    let lost = |path: &Path, source: io::Error| CommandError::Unwritable {
        name: Arc::from(path.to_string_lossy()),
        source,
    };
    fs::create_dir_all(folder).map_err(|source| lost(folder, source))?;
    for command in [program].into_iter().chain(program.get_subcommands()) {
        let path = folder.join(format!("{}.1", command.get_display_name().unwrap_or("audit")));
        output::save(&path, page(command).as_bytes(), true).map_err(|source| lost(&path, source))?;
    }
    Ok(())
}

/// A page of man(7).
fn page(command: &Command) -> String {
    let rest = command.get_after_long_help().or_else(|| command.get_after_help()).map(ToString::to_string);
    // What stands behind the options has sections of its own, and the page is the same for every commit of a version.
    let command = command
        .clone()
        .after_help(Resettable::Reset)
        .after_long_help(Resettable::Reset)
        .long_version(Resettable::Reset);
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = Man::new(command)
        .source(concat!("audit ", env!("CARGO_PKG_VERSION")))
        .manual("audit")
        .render(&mut page);
    let mut page = String::from_utf8_lossy(&page).into_owned();
    for section in rest.iter().flat_map(|rest| rest.split("\n\n")) {
        let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
        let heading = match heading.trim_end_matches(':') {
            "Exit codes" => "EXIT STATUS".to_owned(),
            heading => heading.to_uppercase(),
        };
        // As it stands: its columns are columns here, too.
        let _ = writeln!(page, ".SH \"{heading}\"\n.nf");
        for line in text.lines() {
            let _ = writeln!(page, "{}", literal(line));
        }
        page.push_str(".fi\n");
    }
    page
}

/// A line whose characters mean themselves, to be copied to a shell.
fn literal(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    // Control lines begin with a dot.
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}
