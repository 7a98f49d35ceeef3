//! `audit init`: a commented audit.toml to start from, by itself or from what the credentials can see.

mod discover;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{CommandError, output};
use crate::cli::InitArgs;
use crate::untrusted::{printable, shortened};

/// The starter: a valid configuration whose one source ends at the first empty line.
pub(super) const STARTER: &str = include_str!("audit.toml");
const SOURCE: &str = "[[source]]\n";

/// Writes the starter, and says what to do next.
///
/// # Errors
/// Where there is a file already, or none can be written.
pub fn init(args: &InitArgs) -> Result<u8, CommandError> {
    let path = args.config.clone().unwrap_or_else(|| PathBuf::from("audit.toml"));
    if args.discover {
        return discover::discover(args, &path);
    }
    write(&path, &starter(None), args.force)?;
    let next = "next: put your regions into it, then run `audit`; `audit iam-policy` prints what its credentials need";
    output::print(&format!("wrote {}\n{next}\n", printable(&path.to_string_lossy())))?;
    Ok(0)
}

/// Writes a configuration; over an existing file only by `force`.
fn write(path: &Path, text: &str, force: bool) -> Result<(), CommandError> {
    output::save(path, text.as_bytes(), force).map_err(|source| {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::AlreadyExists => CommandError::Exists { path },
            _ => CommandError::Unwritable { name: path.to_string_lossy().into(), source },
        }
    })
}

/// What was discovered, as a source of the starter.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Found {
    /// AWS regions with apps, and those that could not be read.
    regions: Vec<String>,
    /// Profile of the AWS configuration files.
    profile: Option<String>,
    /// What was there, for comments: a new app is audited without a change of the file.
    apps: Vec<FoundApp>,
    /// What could not be read, for comments.
    unread: Vec<String>,
}

/// An app with auth.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundApp {
    id: String,
    name: Option<String>,
    place: String,
    environments: Vec<String>,
}

/// The starter, with what was found in place of its own source.
fn starter(found: Option<&Found>) -> String {
    let example =
        STARTER.split_once(SOURCE).and_then(|(head, rest)| Some((head, rest.split_once("\n\n")?.1)));
    match (example, found) {
        (Some((head, tail)), Some(found)) => format!("{head}{found}\n{tail}"),
        _ => STARTER.to_owned(),
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(SOURCE)?;
        out.write_str("kind = \"amplify\"\n")?;
        let regions: Vec<String> = self.regions.iter().map(|region| string(region)).collect();
        writeln!(out, "regions = [{}]", regions.join(", "))?;
        if let Some(profile) = &self.profile {
            writeln!(out, "profile = {}", string(profile))?;
        }
        out.write_str("# Every app of these regions is audited, new ones too. These were there:\n")?;
        for app in &self.apps {
            let name = app.name.as_deref().map(|name| format!(" ({})", comment(name))).unwrap_or_default();
            let environments: Vec<_> = app.environments.iter().map(|name| comment(name)).collect();
            writeln!(
                out,
                "#   {}{name} in {}: {}",
                comment(&app.id),
                comment(&app.place),
                environments.join(", ")
            )?;
        }
        if !self.unread.is_empty() {
            out.write_str("# Not seen:\n")?;
            for why in &self.unread {
                writeln!(out, "#   {}", comment(why))?;
            }
        }
        Ok(())
    }
}

/// A TOML string.
fn string(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Text that cannot end its comment.
fn comment(text: &str) -> String {
    const LONGEST: usize = 400;
    printable(&shortened(text, LONGEST)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Draft, Packs, SourceKind, Wanted};
    use crate::location::Repository;
    use crate::policy::Library;

    fn parse(text: &str) -> Config {
        let repository = Repository::containing(Path::new("/repository"));
        let catalogue = Library::read(&Packs::embedded(), &repository).catalogue();
        Draft::read(text, Path::new("/repository/audit.toml"), &repository)
            .validate(&catalogue)
            .unwrap_or_else(|error| panic!("{:?}\n{text}", miette::Report::new(error)))
    }

    #[test]
    fn the_starter_is_a_configuration_and_so_is_each_of_its_examples() {
        assert_eq!(parse(STARTER).sources.len(), 1);
        // A comment that is a setting has one `#` and a key, a table or a list's end behind it.
        let setting = |line: &str| {
            let is_key =
                |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_./\"".contains(&byte));
            line.starts_with("[[") || line.split_once(" = ").is_some_and(|(key, _)| is_key(key))
        };
        let all: Vec<&str> = STARTER
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|rest| setting(rest)).unwrap_or(line))
            .collect();
        let config = parse(&all.join("\n"));
        assert_eq!((config.sources.len(), config.waivers.len(), config.drift.len()), (3, 1, 1));
        assert!(config.baseline.is_some());
        assert_eq!(config.policies.disable.len() + config.policies.severity.len(), 2);
    }

    #[test]
    fn what_was_found_takes_the_place_of_the_example() {
        let found = Found {
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
            profile: Some("a \"b\" \\ c".to_owned()),
            apps: vec![
                FoundApp {
                    id: "d1a2b3c4d5e6f7".to_owned(),
                    name: Some("shop".to_owned()),
                    place: "111122223333/eu-west-1".to_owned(),
                    environments: vec!["dev".to_owned(), "prod".to_owned()],
                },
                FoundApp {
                    id: "d2".to_owned(),
                    name: Some("a\n[[waiver]]\u{202e}".to_owned()),
                    place: "us-east-1".to_owned(),
                    environments: vec!["x\ny = 1".to_owned()],
                },
            ],
            unread: vec!["cannot list\nthe apps".to_owned()],
        };
        let text = starter(Some(&found));
        let source = text.split_once("[[source]]").expect("a source").1;
        insta::assert_snapshot!(source.split("# Targets").next().unwrap_or_default(), @r#"

        kind = "amplify"
        regions = ["eu-west-1", "us-east-1"]
        profile = 'a "b" \ c'
        # Every app of these regions is audited, new ones too. These were there:
        #   d1a2b3c4d5e6f7 (shop) in 111122223333/eu-west-1: dev, prod
        #   d2 (a\u{a}[[waiver]]\u{202e}) in us-east-1: x\u{a}y = 1
        # Not seen:
        #   cannot list\u{a}the apps
        "#);
        let config = parse(&text);
        assert_eq!(config.sources.len(), 1);
        let SourceKind::Amplify(source) = &config.sources[0].kind else { panic!("live") };
        assert_eq!(source.access[0].profile.as_deref(), Some("a \"b\" \\ c"));
        assert!(matches!(&source.wanted, Wanted::Discovered(filter) if filter.apps.is_none()));
    }
}
