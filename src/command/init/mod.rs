//! `audit init`: a commented audit.toml to start from.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{CommandError, output};
use crate::cli::InitArgs;
use crate::untrusted::printable;

/// The starter: a valid configuration whose one source ends at the first empty line.
const STARTER: &str = include_str!("audit.toml");
const SOURCE: &str = "[[source]]\n";

/// Writes the starter, and says what to do next.
///
/// # Errors
/// Where there is a file already, or none can be written.
pub fn init(args: &InitArgs) -> Result<u8, CommandError> {
    let path = args.config.clone().unwrap_or_else(|| PathBuf::from("audit.toml"));
    write(&path, &starter(&[]), args.force)?;
    let next = "next: put your regions into it, then run `audit`; `audit iam-policy` prints what its credentials need";
    output::print(&format!("wrote {}\n{next}\n", path.display()))?;
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

/// A live source to write into the starter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// AWS regions.
    pub regions: Vec<String>,
    /// The account that it was seen in, for a comment.
    pub account: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Id and name of each app; every app where there is none.
    pub apps: Vec<(String, String)>,
}

/// The starter with these sources in place of its own, which stays where there is none.
#[must_use]
pub fn starter(found: &[Found]) -> String {
    let example =
        STARTER.split_once(SOURCE).and_then(|(head, rest)| Some((head, rest.split_once("\n\n")?.1)));
    let (Some((head, tail)), false) = (example, found.is_empty()) else { return STARTER.to_owned() };
    let sources: Vec<String> = found.iter().map(Found::to_string).collect();
    format!("{head}{}\n{tail}", sources.join("\n"))
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(SOURCE)?;
        out.write_str("kind = \"amplify\"\n")?;
        if let Some(account) = &self.account {
            writeln!(out, "# account {}", comment(account))?;
        }
        let regions: Vec<String> = self.regions.iter().map(|region| string(region)).collect();
        writeln!(out, "regions = [{}]", regions.join(", "))?;
        if let Some(profile) = &self.profile {
            writeln!(out, "profile = {}", string(profile))?;
        }
        if !self.apps.is_empty() {
            out.write_str("apps = [\n")?;
            for (id, name) in &self.apps {
                writeln!(out, "    {},  # {}", string(id), comment(name))?;
            }
            out.write_str("]\n")?;
        }
        Ok(())
    }
}

/// A TOML string.
fn string(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Text that cannot end its comment.
fn comment(text: &str) -> Cow<'_, str> {
    printable(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, SourceKind, Wanted};
    use crate::location::Repository;
    use crate::policy;

    fn parse(text: &str) -> Config {
        let repository = Repository::containing(Path::new("/repository"));
        let catalogue = policy::catalogue().expect("the pack is there");
        Config::parse(text, Path::new("/repository/audit.toml"), &repository, &catalogue)
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
        assert_eq!((config.sources.len(), config.waivers.len()), (3, 1));
        assert_eq!(config.policies.disable.len() + config.policies.severity.len(), 2);
    }

    #[test]
    fn what_was_found_takes_the_place_of_the_example() {
        let found = [
            Found {
                regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
                account: Some("111122223333".to_owned()),
                profile: None,
                apps: vec![
                    ("d1a2b3c4d5e6f7".to_owned(), "shop".to_owned()),
                    ("d2".to_owned(), "a\n[[waiver]]\u{202e}".to_owned()),
                ],
            },
            Found {
                regions: vec!["cn-north-1".to_owned()],
                account: None,
                profile: Some("a \"b\" \\ c".to_owned()),
                apps: vec![],
            },
        ];
        let text = starter(&found);
        let sources = text.split("[[source]]").skip(1).take(2).collect::<String>();
        insta::assert_snapshot!(sources.split("# Targets").next().unwrap_or_default(), @r#"
        kind = "amplify"
        # account 111122223333
        regions = ["eu-west-1", "us-east-1"]
        apps = [
            "d1a2b3c4d5e6f7",  # shop
            "d2",  # a\u{a}[[waiver]]\u{202e}
        ]


        kind = "amplify"
        regions = ["cn-north-1"]
        profile = 'a "b" \ c'
        "#);
        let config = parse(&text);
        assert_eq!(config.sources.len(), 2);
        let SourceKind::Amplify(second) = &config.sources[1].kind else { panic!("live") };
        assert_eq!(second.access[0].profile.as_deref(), Some("a \"b\" \\ c"));
        assert!(matches!(&second.wanted, Wanted::Discovered(filter) if filter.apps.is_none()));
    }
}
