//! Where a waiver goes, that nothing else changes, and that it says what was asked for.

use clap::Parser;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::cli::{Cli, Command};
use crate::config::{Catalogue, Draft};
use crate::location::Repository;

const SOURCE: &str = "[[source]]\nkind = \"recordings\"\npaths = [\"a.json\"]\n";
const SOURCE_INLINE: &str = "source = [{ kind = \"recordings\", paths = [\"a.json\"] }]\n";
const TABLE: &str = "[[waiver]]\nrule = \"mfa/off\"\ntarget = \"d1\"\nreason = 'r'\nexpires = 2027-01-01";
const INLINE: &str = "{ rule = \"mfa/off\", target = \"d1\", reason = 'r', expires = 2027-01-01 }";

fn waivers(text: &str) -> Vec<Waiver> {
    let folder = Path::new("/repository");
    let catalogue = Catalogue { rules: ["mfa/off".to_owned()].into(), ..Catalogue::default() };
    let draft = Draft::read(text, &folder.join("audit.toml"), &Repository::containing(folder));
    let config = draft.validate(&catalogue);
    config.unwrap_or_else(|error| panic!("{:?}\n{text}", error.messages())).waivers
}

fn of_target(target: &str) -> Entry<'_> {
    Entry { rule: "mfa/off", target, path: None, reason: "new", owner: None, until: date(2027, 3, 31) }
}

/// The text with a waiver more, the new one cut short.
fn shortened(text: &str) -> String {
    let entry = of_target("d2");
    let appended = appended(text, &entry);
    assert_eq!(waivers(&appended).len(), waivers(text).len() + 1, "{appended}");
    let table = entry.table("\n");
    let inline = format!("{{ {} }}", table.lines().skip(1).collect::<Vec<_>>().join(", "));
    appended
        .replace(&entry.table("\r\n"), "NEW\r\n")
        .replace(&table, "NEW\n")
        .replace(&inline, "NEW")
        .replace(INLINE, "OLD")
        .replace(TABLE, "OLD")
        .replace(&TABLE.replace('\n', "\r\n"), "OLD")
        .replace(SOURCE, "SOURCE\n")
        .replace(SOURCE_INLINE, "SOURCE\n")
        .replace(&SOURCE.replace('\n', "\r\n"), "SOURCE\r\n")
}

#[test]
fn a_waiver_goes_behind_the_last_one_else_to_the_end() {
    for (given, expected) in [
        (SOURCE.to_owned(), "SOURCE\n\nNEW\n"),
        (SOURCE.trim_end().to_owned(), "SOURCE\n\nNEW\n"),
        (format!("{SOURCE}# the end"), "SOURCE\n# the end\n\nNEW\n"),
        (format!("{SOURCE}\n\n"), "SOURCE\n\n\nNEW\n"),
        (format!("{SOURCE}{TABLE}\n"), "SOURCE\nOLD\n\nNEW\n"),
        (format!("{SOURCE}{TABLE}"), "SOURCE\nOLD\n\nNEW\n"),
        (format!("{TABLE} # why\n{SOURCE}"), "OLD # why\n\nNEW\n\nSOURCE\n"),
        (format!("{TABLE}\n\n{SOURCE}"), "OLD\n\nNEW\n\nSOURCE\n"),
        (format!("{TABLE}\n\n{TABLE}\n\n\n{SOURCE}"), "OLD\n\nOLD\n\nNEW\n\n\nSOURCE\n"),
        (format!("{TABLE}\n{SOURCE}\n{TABLE}\n[policies]\n"), "OLD\nSOURCE\n\nOLD\n\nNEW\n\n[policies]\n"),
        // A comment belongs to what it touches.
        (format!("{TABLE}\n  # of old\n\n{SOURCE}"), "OLD\n  # of old\n\nNEW\n\nSOURCE\n"),
        (format!("{TABLE}\n# of a\n# source\n{SOURCE}"), "OLD\n\nNEW\n\n# of a\n# source\nSOURCE\n"),
        (format!("{TABLE}\n\n# of a source\n{SOURCE}"), "OLD\n\nNEW\n\n# of a source\nSOURCE\n"),
        (format!("{SOURCE}{TABLE}\n# of old"), "SOURCE\nOLD\n# of old\n\nNEW\n"),
        // What ends the waiver is not what its last line seems to be.
        (
            format!("{TABLE}\nowner = \"\"\"\n# no comment\n\n[policies]\n\"\"\"\n{SOURCE}"),
            "OLD\nowner = \"\"\"\n# no comment\n\n[policies]\n\"\"\"\n\nNEW\n\nSOURCE\n",
        ),
        (
            format!("[[  'waiver'  ]]{}\n{SOURCE}", TABLE.trim_start_matches("[[waiver]]")),
            "[[  'waiver'  ]]\nrule = \"mfa/off\"\ntarget = \"d1\"\nreason = 'r'\nexpires = 2027-01-01\n\nNEW\n\nSOURCE\n",
        ),
        // Line endings of the place, and a byte order mark.
        (format!("{SOURCE}{TABLE}\n").replace('\n', "\r\n"), "SOURCE\r\nOLD\r\n\r\nNEW\r\n"),
        (SOURCE.trim_end().replace('\n', "\r\n"), "SOURCE\r\n\r\nNEW\r\n"),
        (
            format!("{SOURCE}{}\r\n[policies]\n", TABLE.replace('\n', "\r\n")),
            "SOURCE\nOLD\r\n\r\nNEW\r\n\r\n[policies]\n",
        ),
        (format!("\u{feff}{SOURCE}{TABLE}\n"), "\u{feff}SOURCE\nOLD\n\nNEW\n"),
        // A list in brackets.
        (format!("waiver = []\n{SOURCE_INLINE}"), "waiver = [NEW]\nSOURCE\n"),
        (format!("waiver = [ # none, yet\n]\n{SOURCE_INLINE}"), "waiver = [NEW # none, yet\n]\nSOURCE\n"),
        (format!("waiver = [{INLINE}]\n{SOURCE_INLINE}"), "waiver = [OLD, NEW]\nSOURCE\n"),
        (
            format!("waiver = [ {INLINE}, {INLINE} ] # a\n{SOURCE}"),
            "waiver = [ OLD, OLD, NEW ] # a\nSOURCE\n",
        ),
        (format!("waiver = [ {INLINE}, ]\n{SOURCE}"), "waiver = [ OLD, NEW, ]\nSOURCE\n"),
        (format!("waiver = [\n  {INLINE}\n]\n{SOURCE}"), "waiver = [\n  OLD,\n  NEW\n]\nSOURCE\n"),
        (
            format!("waiver = [\n\t{INLINE}, # a, b\n]\n{SOURCE}"),
            "waiver = [\n\tOLD, # a, b\n\tNEW,\n]\nSOURCE\n",
        ),
        (
            format!("waiver = [\n  {INLINE} # a, b\n]\n{SOURCE}"),
            "waiver = [\n  OLD, # a, b\n  NEW\n]\nSOURCE\n",
        ),
        (
            format!("waiver = [\n  {INLINE} # a, b\n  ,]\n{SOURCE}"),
            "waiver = [\n  OLD # a, b\n  ,\n  NEW,]\nSOURCE\n",
        ),
        (format!("waiver = [\n  {INLINE}, {INLINE}]\n{SOURCE}"), "waiver = [\n  OLD, OLD,\n  NEW]\nSOURCE\n"),
        (
            format!("waiver = [\r\n  {INLINE}, # a\r\n]\r\n{SOURCE}"),
            "waiver = [\r\n  OLD, # a\r\n  NEW,\r\n]\r\nSOURCE\n",
        ),
        (format!("waiver = [{INLINE}, # a\n]\n{SOURCE}"), "waiver = [OLD, NEW, # a\n]\nSOURCE\n"),
    ] {
        assert_eq!(shortened(&given), expected);
    }
}

/// Texts in which something may hide, end a string or begin a key, with something to read in them.
fn text() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "\"",
        "'",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\"\"\"",
        "'''",
        " }",
        "]",
        ",",
        "#",
        "= 1",
        "\\u0041",
        "[[waiver]]\n",
        "\nrule = \"x\"\n",
        "\0",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\u{e0041}",
        "ä",
        "😀",
        "##[error]",
    ]);
    (proptest::collection::vec(
        prop_oneof![pieces.prop_map(str::to_owned), any::<char>().prop_map(String::from)],
        0..8,
    ))
    .prop_map(|pieces| format!("{}x", pieces.concat()))
}

proptest! {
    #[test]
    fn what_is_asked_for_is_what_is_read_and_nothing_else_changes(
        (reason, owner) in (text(), proptest::option::of(text())),
        target in select(vec!["d1", "d1/größe/*", "*/\"/{a,b}", "d1/[!\u{202e}]"]),
        path in select(vec![None, Some(""), Some("/ResourceConfig/**"), Some("/\"\n/*")]),
        before in select(vec![
            format!("{SOURCE}\n# a\n"), format!("{TABLE}\n\n# b\n{SOURCE}"), format!("{SOURCE}{TABLE} # c"),
            format!("waiver = []\n{SOURCE}"), format!("waiver = [\n  {INLINE}, # d\n]\n{SOURCE}"),
            format!("waiver = [{INLINE}]\n{SOURCE}"),
        ]),
        is_crlf in any::<bool>(),
    ) {
        let before = if is_crlf { before.replace('\n', "\r\n") } else { before };
        let entry = Entry {
            rule: "mfa/off", target, path, reason: &reason, owner: owner.as_deref(), until: date(2027, 3, 31),
        };
        let after = appended(&before, &entry);
        let old = waivers(&before);
        let new = waivers(&after);
        prop_assert_eq!(new.len(), old.len() + 1);
        prop_assert!(new.last().is_some_and(|waiver| entry.is(waiver)));
        // Every byte is there still, in its order; what comes from outside hides nothing.
        let mut rest = after.bytes();
        prop_assert!(before.bytes().all(|byte| rest.any(|other| other == byte)));
        prop_assert!(!after.contains(|c| crate::untrusted::is_unprintable(c) && !"\r\n".contains(c)));
        prop_assert_eq!(after.contains('\r'), is_crlf);
        prop_assert_eq!(after.matches('\n').count() == after.matches("\r\n").count(), is_crlf);
    }
}

#[test]
fn a_waiver_holds_from_today_on_or_is_refused() {
    let text = format!("{SOURCE}{TABLE}\npath = \"/a\"\n");
    let folder = tempfile::tempdir().expect("a folder");
    let loaded = configuration::of_file(&text, &folder.path().join("audit.toml")).expect("valid");
    for (given, until, today, expected) in [
        (&["mfa/off", "d1"][..], "2027-03-31", date(2027, 3, 31), None),
        (
            &["mfa/off", "d1"],
            "2027-03-30",
            date(2027, 3, 31),
            Some("--until 2027-03-30: that day has passed"),
        ),
        (
            &["mfa/off", "d1/*", "--path", "/a"],
            "2027-03-31",
            date(2026, 1, 1),
            Some(
                "there is a waiver of mfa/off for `d1` already: that of audit.toml:4 holds until 2027-01-01",
            ),
        ),
        (
            &["mfa/off", "d1", "--path", "/a"],
            "2027-03-31",
            date(2027, 1, 2),
            Some("there is a waiver of mfa/off for `d1` already: that of audit.toml:4 expired on 2027-01-01"),
        ),
        (&["mfa/off", "d1/dev", "--path", "/a"], "2027-03-31", date(2027, 1, 2), None),
        (&["mfa/off", "d1", "--path", "/b"], "2027-03-31", date(2027, 1, 2), None),
        (&["mfa/on", "d1"], "2027-03-31", date(2027, 1, 2), Some("there is no rule `mfa/on`")),
        (
            &["audit/unaudited", "d1"],
            "2027-03-31",
            date(2027, 1, 2),
            Some("what was not audited cannot be waived"),
        ),
        (
            &["mfa/off", "d1//x"],
            "2027-03-31",
            date(2027, 1, 2),
            Some("`d1//x`: a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out"),
        ),
        (
            &["mfa/off", "d1", "--path", "a"],
            "2027-03-31",
            date(2027, 1, 2),
            Some("--path: a path is a JSON pointer and begins with `/`"),
        ),
        (&["mfa/off", "d1", "--owner", " "], "2027-03-31", date(2027, 1, 2), Some("--owner is empty")),
    ] {
        let arguments = [&["audit", "waive", "--reason", "r", "--until", until], given].concat();
        let Some(Command::Waive(args)) = Cli::try_parse_from(arguments).expect("arguments").command else {
            panic!("another command")
        };
        let said = entry(&args, &loaded, today).err().map(|error| error.to_string());
        assert_eq!(said.as_deref(), expected, "{given:?} {until} {today}");
    }
}

#[test]
fn a_last_day_is_a_day() {
    for wrong in [
        "",
        "tomorrow",
        "2027-02-30",
        "2027-3-31",
        "20270331",
        "2027-03-31T00:00",
        "31.03.2027",
        "-000001-01-01",
    ] {
        let until = format!("--until={wrong}");
        let parsed = Cli::try_parse_from(["audit", "waive", "mfa/off", "d1", "--reason", "r", &until]);
        assert!(parsed.is_err_and(|error| error.exit_code() == 2), "{wrong}");
    }
}
