//! `audit iam-policy`: docs/security.md shows what the program prints.

use serde_json::Value;

use crate::common::Project;
use crate::common::guide::{blocks, page};

#[test]
fn the_page_on_security_shows_the_policy_of_the_starter() {
    let project = Project::new("");
    assert_eq!(project.audit(&["init", "--force"]).code, 0);
    let run = project.audit(&["iam-policy"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    serde_json::from_str::<Value>(&run.stdout).expect("JSON");

    let page = page("docs/security.md");
    let (_, shown) = blocks(&page).into_iter().find(|(info, _)| *info == "json skip").expect("a policy");
    assert_eq!(shown, run.stdout, "docs/security.md does not show what the program prints");
}

#[test]
fn what_to_know_stays_out_of_the_document() {
    let project = Project::new(
        "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\nrole-arn = \"arn:aws:iam::111122223333:role/auditor\"\n",
    );
    for options in [&["iam-policy"][..], &["iam-policy", "--trust", "arn:aws:iam::444455556666:root"]] {
        let run = project.audit(options);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stderr.is_empty());
        serde_json::from_str::<Value>(&run.stdout).expect("JSON alone");
    }
    let both = project.audit(&["iam-policy", "--caller", "--trust-github", "o/r"]);
    assert_eq!((both.code, both.stdout.as_str()), (2, ""), "one document at a time");
}

#[test]
fn recordings_need_nothing() {
    let run = Project::of_recordings(&[]).audit(&["iam-policy"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("it needs nothing of AWS"), "{}", run.stderr);
}
