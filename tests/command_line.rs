//! What the program says of itself, and how it takes the words of whoever types.

use std::collections::BTreeSet;
use std::process::Command;

use amplify_audit::cli::Cli;
use clap::CommandFactory;
use serde_json::json;

use crate::common::{Project, Run, audit, compliant, with};

/// Every subcommand.
fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn a_mistyped_command_line_is_answered_with_the_right_one() {
    let project = Project::of_recordings(&[]);
    std::fs::create_dir_all(project.path().join("recordings/good")).expect("a folder");
    for (args, tip) in [
        (&["chekc"][..], "a similar subcommand exists: 'check'"),
        (&["rnu"], "a similar subcommand exists: 'run'"),
        (&["help", "chekc"], "a similar subcommand exists: 'check'"),
        (&["--config", "audit.toml", "chekc"], "a similar subcommand exists: 'check'"),
        // The words of other tools.
        (
            &["lint"],
            "to run the audit, use 'audit run'\n  tip: to validate the configuration, use 'audit check'",
        ),
        (&["report"], "to run the audit, use 'audit run'"),
        (&["recordings/good"], "what is audited stands in audit.toml, as a [[source]]"),
        (&["list"], "to list what would be audited, use 'audit targets'"),
        (&["new"], "to write a commented audit.toml to start from, use 'audit init'"),
        (&["suppress", "mfa/off"], "to append a waiver to audit.toml, use 'audit waive'"),
        (&["help", "ignore"], "to append a waiver to audit.toml, use 'audit waive'"),
        (&["fix", "mfa/off"], "to explain a rule, use 'audit explain'"),
        (&["help", "mfa/off"], "a rule is explained by 'audit explain mfa/off'"),
        (&["version"], "'audit --version'"),
        (&["-c", "audit.toml"], "a similar argument exists: '--config'"),
        (&["--json"], "'--format json'"),
        (&["rules", "--severity", "low"], "'--severity' found\n\nUsage: audit rules [OPTIONS]"),
        (&["--severity", "low"], "a similar argument exists: '--fail-on'"),
        (&["--format", "text"], "a similar value exists: 'human'"),
        (&["rules", "--format", "human"], "a similar value exists: 'table'"),
        // Options of other commands.
        (&["--prune"], "'--prune' is an option of 'audit snapshot'\n\nUsage: audit [OPTIONS]"),
        (&["rules", "--outptu", "a.sarif"], "'--output' is an option of other commands: run, merge"),
        (&["merge", "--config", "x", "a.json"], "'--config' is an option of other commands: check, init"),
        (&["--fail-on", "high", "check"], "'--fail-on' is an option of 'audit run'"),
        (&["-q", "check"], "'-q' is an option of other commands: init, targets"),
        (&["--fromat", "sarif"], "'--format'"),
        (&["--format", "sarfi"], "a similar value exists: 'sarif'"),
        (&["rules", "--formt", "json"], "'--format'"),
        (&["explain", "mfa/of"], "did you mean `mfa/off`?"),
        (&["man", "snapsot"], "did you mean `snapshot`?"),
        (&["man", "chekc"], "did you mean `check`?"),
        (&["man", "lint"], "did you mean `run` or `check`?"),
        (&["man", "xyzzy"], "`audit help` lists them"),
        (&["audit.toml"], "'--config audit.toml'"),
        (&["check", "other/Audit.TOML"], "'--config other/Audit.TOML'"),
    ] {
        let run = project.audit(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(run.stderr.contains(tip), "no {tip:?} in\n{}", run.stderr);
        // One tip for one mistake: clap's own is in the way of a better one.
        let tips = run.stderr.matches("similar").count();
        assert!(tips <= 1, "{args:?}: {}", run.stderr);
    }
}

#[test]
fn options_may_stand_in_front_of_the_command_that_has_them() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    let config = std::fs::read_to_string(project.path().join("audit.toml")).expect("a configuration");
    project.file("check", &config);
    for (given, plain) in [
        (&["--config", "check", "check"][..], &["check", "--config", "check"][..]),
        (&["--color=always", "rules"], &["rules", "--color=always"]),
        (&["--color", "never", "--format", "json", "rules"], &["rules", "--format", "json"]),
        (
            &["--target", "d1/*", "targets", "--format", "json"],
            &["targets", "--format=json", "--target=d1/*"],
        ),
        (&["--no-progress", "--rule=mfa/off", "run", "--quiet"], &["run", "-q", "--rule", "mfa/off"]),
        (&["--config", "check", "--", "check"], &["check", "--config", "check"]),
        (&["--config", "x", "help", "check"], &["help", "check"]),
        (&["--config", "x", "check", "-h"], &["check", "-h"]),
        // It is none of them that decides: what is given twice stays a mistake.
        (&["--config", "a", "check", "--config", "b"], &["check", "--config", "a", "--config", "b"]),
    ] {
        let (given, plain) = (project.audit(given), project.audit(plain));
        assert_eq!((given.code, given.stdout, given.stderr), (plain.code, plain.stdout, plain.stderr));
    }
}

#[test]
fn help_has_examples_of_every_command_and_fits_eighty_columns() {
    for name in commands() {
        let mut command = Cli::command().max_term_width(80).term_width(80);
        command.build();
        let command = command.find_subcommand_mut(&name).expect("itself");
        for help in [command.render_help(), command.render_long_help()] {
            let help = help.to_string();
            let widest = help.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(80), "{name}\n{help}");
        }
        let help = command.render_long_help().to_string();
        assert!(help.contains("\nExamples:\n") && help.contains("\n  audit "), "{name}\n{help}");
    }
    let whole = Cli::command().term_width(80).render_long_help().to_string();
    assert!(whole.contains("\nExamples:\n") && whole.contains("\nExit codes:\n"));
    // A screen of a laptop shows it at once.
    let short = Cli::command().term_width(80).render_help().to_string();
    assert!(short.lines().count() < 64, "{short}");
}

#[test]
fn every_example_of_the_help_is_a_command_line() {
    let mut program = Cli::command();
    program.build();
    let mut seen = 0;
    for command in [&program].into_iter().chain(program.get_subcommands()) {
        let help = command.get_after_long_help().or_else(|| command.get_after_help());
        let help = help.map(ToString::to_string).unwrap_or_default().replace(" \\\n    ", " ");
        let examples = help.split_once("Examples:\n").map_or("", |(_, examples)| examples);
        // What only a shell can put together is left out.
        let examples = examples.lines().filter(|line| line.starts_with("  audit") && !line.contains("<("));
        for example in examples {
            // A remark stands behind two spaces; what the shell does, behind a mark of its own.
            let line = example.trim_start().split("  ").next().unwrap_or_default();
            let line = line.split(['>', '|']).next().unwrap_or_default();
            let words = words(line);
            assert!(program.clone().try_get_matches_from(&words).is_ok(), "{line}: {words:?}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// As a shell splits them.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn the_version_is_short_or_has_the_commit() {
    let project = Project::of_recordings(&[]);
    let short = format!("audit {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(project.audit(&["-V"]).stdout.trim_end(), short);
    let long = project.audit(&["--version"]).stdout;
    let commit = long.trim_end().strip_prefix(&short).expect("the version");
    // A build for tests does not ask for the commit; `.ci/run` sees it in that of a release.
    assert!(commit.is_empty() || (commit.starts_with(" (") && commit.ends_with(')')), "{long}");
}

#[test]
fn colors_are_where_the_user_the_environment_or_a_terminal_wants_them() {
    let project = Project::of_recordings(&[("off.json", with(compliant("d1", "prod"), MODE, json!("OFF")))]);
    // In front of the others: what a command line, the environment or a terminal says.
    for (variables, flag, elsewhere, on_a_terminal) in [
        (&[][..], None, false, true),
        (&[("NO_COLOR", "1")], None, false, false),
        (&[("NO_COLOR", "")], None, false, true),
        (&[("CLICOLOR", "0")], None, false, false),
        (&[("TERM", "dumb")], None, false, false),
        (&[("CLICOLOR_FORCE", "1")], None, true, true),
        (&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")], None, true, true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], None, false, false),
        (&[("NO_COLOR", "1"), ("TERM", "dumb")], Some("--color=always"), true, true),
        (&[("CLICOLOR_FORCE", "1")], Some("--color=never"), false, false),
    ] {
        // A report, an error, a mistyped command line and help.
        for args in [
            &["run", "--no-progress"][..],
            &["check", "--config", "missing.toml"],
            &["rules", "--formt"],
            &["targets", "-h"],
        ] {
            let args = [args, flag.as_slice()].concat();
            let run = Run::of(
                environment(audit(project.path()).args(&args), variables).output().expect("it starts"),
            );
            let is_colored = format!("{}{}", run.stdout, run.stderr).contains("\u{1b}[");
            assert_eq!(is_colored, elsewhere, "{args:?} with {variables:?}: {run:?}");
            if cfg!(target_os = "linux") {
                let mut script = Command::new("script");
                let line = [&[env!("CARGO_BIN_EXE_audit")], &args[..]].concat().join(" ");
                script.current_dir(project.path()).env_clear().env("PATH", "/usr/bin:/bin");
                script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
                let run = Run::of(environment(&mut script, variables).output().expect("there is `script`"));
                assert!(!run.stdout.trim().is_empty(), "{line}");
                assert_eq!(
                    run.stdout.contains("\u{1b}["),
                    on_a_terminal,
                    "{line} with {variables:?}: {}",
                    run.stdout
                );
            }
        }
    }
}

const MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";

fn environment<'c>(command: &'c mut Command, variables: &[(&str, &str)]) -> &'c mut Command {
    command.env("TERM", "xterm").envs(variables.iter().copied())
}

#[test]
fn a_shell_completes_commands_options_formats_and_rules() {
    let project = Project::of_recordings(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = project.audit(&["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.stderr);
        // Elvish and PowerShell are told of no values.
        let values = if ["elvish", "powershell"].contains(&shell) { &[][..] } else { &["mfa/off", "sarif"] };
        for word in commands().iter().map(String::as_str).chain(values.iter().copied()) {
            assert!(script.stdout.contains(word), "{shell} does not know {word}");
        }
        project.file(&format!("completions.{shell}"), &script.stdout);
    }
    // To zsh and fish, the value is one text; they are told what it is made of.
    for (shell, knows) in [("zsh", "FORMAT=PATH:{compset -P \"*=\""), ("fish", "-r -F -a \"human= sarif=")] {
        let script = std::fs::read_to_string(project.path().join(format!("completions.{shell}")));
        assert_eq!(script.expect("a script").matches(knows).count(), 3, "{shell}: audit, run and merge");
    }
    // Where they are there, other shells read their scripts, too.
    for (shell, check) in [("zsh", "zsh -n completions.zsh"), ("fish", "fish --no-execute completions.fish")]
    {
        let is_there = Command::new(shell).arg("--version").output().is_ok();
        let bash = || Command::new("bash").current_dir(project.path()).args(["-c", check]).status();
        assert!(!is_there || bash().is_ok_and(|status| status.success()), "{shell} does not read its script");
    }
}

/// Typed at a prompt, with a tabulator at the end: readline has its own mind on words, quotes and files.
#[cfg(target_os = "linux")]
#[test]
fn bash_completes_what_is_typed() {
    use std::io::Write;
    use std::process::Stdio;

    let project = Project::of_recordings(&[]);
    project.file("completions.bash", &project.audit(&["completions", "bash"]).stdout);
    project.file("audit one.toml", "");
    project.file("last.json", "");
    project.file("pages/audit.1", "");
    let cases = [
        ("che", "check"),
        ("--form", "--format"),
        ("--format sa", "--format sarif"),
        ("--format=sa", "--format=sarif"),
        ("run --rule=oauth/implicit", "run --rule=oauth/implicit_grant"),
        ("explain mfa/opt", "explain mfa/optional"),
        ("waive drift/b", "waive drift/baseline"),
        ("rules --color=al", "rules --color=always"),
        ("completions ba", "completions bash"),
        ("man snap", "man snapshot"),
        ("--config audit.toml che", "--config audit.toml check"),
        // Files, and folders, which are not the end of a path.
        ("--config audit.t", "--config audit.toml"),
        ("check --config=audit.t", "check --config=audit.toml"),
        ("--config audit\\ o", "--config audit one.toml"),
        ("--config=\"audit o", "--config=audit one.toml"),
        ("--config pag", "--config pages/"),
        ("--previous=la", "--previous=last.json"),
        ("merge la", "merge last.json"),
        ("man --folder pag", "man --folder pages/"),
        ("man --folder=pag", "man --folder=pages/"),
        // FORMAT=PATH, or a path that tells the format.
        ("--output sar", "--output sarif="),
        ("--output=sar", "--output=sarif="),
        ("merge --output json=la", "merge --output json=last.json"),
        ("run --output=json=la", "run --output=json=last.json"),
        ("--output la", "--output last.json"),
        // A date or a glob is no file.
        ("--target la", "--target la"),
        ("--shard=la", "--shard=la"),
    ];
    let mut typed = String::from(
        "source completions.bash; audit() { printf '%s\\n' \"$*\" >> typed; }; bind 'set bell-style none'\r",
    );
    typed.extend(cases.map(|(line, _)| format!("audit {line}\t\r")));
    typed.push_str("exit\r");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", "bash --norc --noprofile -i", "/dev/null"]);
    script.current_dir(project.path()).env_clear().envs([("PATH", "/usr/bin:/bin"), ("TERM", "dumb")]);
    let script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut script = script.expect("there is `script`");
    script.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("it reads");
    let seen = script.wait_with_output().expect("it ends").stdout;
    let completed = std::fs::read_to_string(project.path().join("typed")).unwrap_or_default();
    let completed: Vec<&str> = completed.lines().collect();
    assert_eq!(completed, cases.map(|(_, expected)| expected), "{}", String::from_utf8_lossy(&seen));
}

#[test]
fn the_manual_has_a_page_of_each_command_that_groff_reads() {
    let project = Project::of_recordings(&[]);
    let run = project.audit(&["man", "--folder", "share/man1"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let folder = project.path().join("share/man1");
    let pages: BTreeSet<String> =
        crate::common::files(&folder).into_keys().map(|page| page.to_string_lossy().into_owned()).collect();
    let expected = commands().into_iter().map(|command| format!("audit-{command}.1"));
    assert_eq!(pages, expected.chain(["audit.1".to_owned()]).collect());
    let groff = Command::new("groff").arg("--version").output().is_ok();
    for page in &pages {
        let text = std::fs::read_to_string(folder.join(page)).expect("a page");
        let command = page.trim_end_matches(".1").split_once('-').map(|(_, command)| command);
        assert_eq!(text, project.audit(&[&["man"][..], command.as_slice()].concat()).stdout, "{page}");
        let end = if page == "audit.1" { "COMMANDS" } else { "SEE ALSO" };
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", end] {
            let has = |title: &str| text.contains(&format!("\n.SH {title}\n"));
            assert!(has(section) || has(&format!("\"{section}\"")), "{page} has no {section}");
        }
        // What the generator leaves is for programmers: sections beside the options that hold options, values that
        // have no name, the advice to ask for what is there already.
        for artefact in ["(see ", "[subcommands]", "SUBCOMMANDS", ".SH DISPLAY", ".SH VERSION", "<\\fB", "`"]
        {
            assert!(!text.contains(artefact), "{artefact} in {page}");
        }
        let synopsis = command
            .map_or("\\fBaudit\\fR [OPTIONS]\n.br\n\\fBaudit\\fR <COMMAND>\n".to_owned(), |name| {
                format!("\\fBaudit {}\\fR", name.replace('-', "\\-"))
            });
        assert!(text.contains(&format!(".SH SYNOPSIS\n{synopsis}")), "{page}");
        if groff {
            let read =
                Command::new("groff").args(["-man", "-ww", "-Tutf8", "-P-c"]).arg(folder.join(page)).output();
            let read = Run::of(read.expect("groff starts"));
            assert_eq!((read.code, read.stderr.as_str()), (0, ""), "{page}");
            assert!(read.stdout.contains("  audit "), "{page}");
        }
    }
}
