//! docs/drift.md, carried out (`common::guide`) in a folder with the recordings of examples/drift; and its tables.

use std::fmt::Write;

use amplify_audit::baseline::file_of;
use amplify_audit::drift;
use amplify_audit::target::TargetId;

use crate::common::Project;
use crate::common::guide::{carry_out, lasting, page};

#[test]
fn the_guide_does_what_it_says() {
    let project = Project::new("");
    project.copy("examples/drift/recordings", "recordings");
    let commands = carry_out(&lasting(&page("docs/drift.md")), &project, |_| {});
    assert!(commands >= 15, "only {commands} commands ran");
}

#[test]
fn the_guide_lists_every_change_that_weakens() {
    let mut table = "| place | weakens where |\n|---|---|\n".to_owned();
    for (pointer, words) in drift::table() {
        writeln!(table, "| `{pointer}` | {words} |").expect("writing to a text");
    }
    assert!(table.lines().count() > 20, "{table}");
    assert!(page("docs/drift.md").contains(&table), "docs/drift.md does not have this table:\n{table}");
}

#[test]
fn the_guide_says_which_file_is_whose() {
    let mut table = "| app, environment, resource | file |\n|---|---|\n".to_owned();
    for (names, shown) in [
        (["d1a2b3c4d5e6f7", "prod", "shopauth"], "`d1a2b3c4d5e6f7`, `prod`, `shopauth`"),
        (["d1a2b3c4d5e6f7", "größe", "shop auth"], "`d1a2b3c4d5e6f7`, `größe`, `shop auth`"),
        (["d1a2b3c4d5e6f7", "..", "a/b"], "`d1a2b3c4d5e6f7`, `..`, `a/b`"),
        (["d1a2b3c4d5e6f7", "con", "auth?"], "`d1a2b3c4d5e6f7`, `con`, `auth?`"),
    ] {
        let file = file_of(&TargetId::new(names[0], names[1], names[2]));
        writeln!(table, "| {shown} | `{}` |", file.display()).expect("writing to a text");
    }
    assert!(page("docs/drift.md").contains(&table), "docs/drift.md does not have this table:\n{table}");
}
