//! `audit man`: the manual, a page for the program and one for each command.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use clap::builder::Resettable;
use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;

use super::surroundings::meant;
use super::{CommandError, output};
use crate::cli::{Cli, ManArgs};
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
        let meant = meant::commands(program, name);
        let meant: Vec<String> = meant.into_iter().map(|name| format!("`{name}`")).collect();
        CommandError::Usage {
            message: format!("there is no command `{}`", printable(name)),
            help: Some(match meant.as_slice() {
                [] => "`audit help` lists them".to_owned(),
                meant => format!("did you mean {}?", meant.join(" or ")),
            }),
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
    let usage = command.clone().render_usage().to_string();
    // Nothing but the version: the page is the same for every commit of it.
    let command = command
        .clone()
        .override_usage(usage.trim_start_matches("Usage:").to_owned())
        .subcommand_help_heading("COMMANDS")
        .mut_arg("help", |help| help.help("Print help; a summary with -h").long_help(Resettable::Reset))
        .long_version(Resettable::Reset);
    let only = |kept: fn(&Arg) -> bool| {
        let hidden = |argument: Arg| if kept(&argument) { argument } else { argument.hide(true) };
        Man::new(command.clone().mut_args(hidden))
    };
    let has_operands = command.get_positionals().next().is_some();
    let man = Man::new(command.clone()).source(concat!("audit ", env!("CARGO_PKG_VERSION"))).manual("audit");
    let mut page = section(|out| man.render_title(out));
    page.push_str(&section(|out| man.render_name_section(out)));
    page.push_str(&section(|out| man.render_synopsis_section(out)));
    page.push_str(&section(|out| man.render_description_section(out)));
    if has_operands {
        let operands = section(|out| only(Arg::is_positional).render_options_section(out));
        page.push_str(&operands.replacen(".SH OPTIONS", ".SH ARGUMENTS", 1));
    }
    let options = section(|out| only(|argument| !argument.is_positional()).render_options_section(out));
    page.push_str(&grouped(&options, &command));
    if command.has_subcommands() {
        page.push_str(&section(|out| man.render_subcommands_section(out)));
    }
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
    if !command.has_subcommands() {
        page.push_str(".SH \"SEE ALSO\"\n\\fBaudit\\fR(1)\n");
    }
    page
}

/// A part of a page, as clap renders it; what it defines for each is there once.
fn section(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut part = Vec::new();
    // Writing to memory does not fail.
    let _ = render(&mut part);
    // A backtick is a quotation mark to troff.
    let part = String::from_utf8_lossy(&part).replace('`', "\\(ga");
    match part.find(".TH").or_else(|| part.find(".SH")) {
        Some(at) if !part[at..].starts_with(".TH") => part[at..].to_owned(),
        Some(_) | None => part,
    }
}

/// The options with their groups as parts of one section, in place of sections of their own.
fn grouped(options: &str, command: &Command) -> String {
    let headings: BTreeSet<&str> = command.get_arguments().filter_map(Arg::get_help_heading).collect();
    headings.into_iter().fold(options.to_owned(), |page, heading| {
        let section = |name: &str| if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() };
        let theirs = format!(".SH {}\n", section(&heading.to_uppercase()));
        page.replace(&theirs, &format!(".SS {}\n", section(heading)))
    })
}

/// A line whose characters mean themselves, to be copied to a shell.
fn literal(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    // Control lines begin with a dot.
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}
