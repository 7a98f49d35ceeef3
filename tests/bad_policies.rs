//! Mistakes that people make in policies, each in a file of tests/policies/bad: refused, at its line, with advice. And
//! what must not be refused, in tests/policies/good.
//!
//! A bad policy begins with what is to be said of it, a line each: `# LINE: words of the message or of its help`.

use std::fs;
use std::path::Path;

use crate::common::{Project, Run, compliant};

const CONFIG: &str = "[[source]]\nkind = \"recordings\"\npaths = [\"recordings/*.json\"]\n\n[policies]\nbuiltin = false\npaths = [\"policies\"]\n";

/// The policies of a folder: name and text, in order.
fn policies(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies").join(folder);
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut policies: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rego"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("readable"))
        })
        .collect();
    policies.sort();
    policies
}

/// The lines that a bad policy is refused at, and what is said there.
fn expected(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().map_while(|line| line.strip_prefix("# ")?.split_once(": "));
    lines.map(|(line, words)| (line.parse().expect("a line"), words)).collect()
}

fn project(policies: &[(&str, &str)]) -> Project {
    let project = Project::of_recordings(&[("shop.json", compliant("d1", "prod"))]);
    project.file("audit.toml", CONFIG);
    for (name, text) in policies {
        project.file(&format!("policies/{name}"), text);
    }
    project
}

/// What was said, on one line: it is wrapped for a terminal.
fn said(run: &Run) -> String {
    run.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn each_mistake_is_refused_at_its_line_with_advice() {
    let bad = [policies("bad"), policies("bad/syntax")].concat();
    assert!(bad.len() > 60, "only {} bad policies", bad.len());
    for (name, text) in &bad {
        let expected = expected(text);
        assert!(!expected.is_empty(), "{name} does not say what is wrong with it");
        // Beside the built-in pack, as by default.
        let project = project(&[(name, text)]);
        project.file("audit.toml", &CONFIG.replace("builtin = false\n", ""));
        let run = project.audit(&["check"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {}", run.stderr);
        let said = said(&run);
        for (line, words) in expected {
            let place = format!("policies/{name}:{line}:");
            assert!(said.contains(&place), "nothing is said of {place}\n{}", run.stderr);
            assert!(said.contains(words), "{name}: {words:?} is not said\n{}", run.stderr);
        }
    }
}

#[test]
fn all_mistakes_of_a_pack_are_reported_at_once() {
    // Of a file that cannot be parsed nobody knows what it defines, and what goes round in circles leads nowhere:
    // the rest is not followed then.
    let (circles, others): (Vec<_>, Vec<_>) = policies("bad")
        .into_iter()
        .partition(|(name, _)| name.contains("recursion") || name.contains("chain"));
    let packs = others.chunks(20).map(<[_]>::to_vec).chain([circles, policies("bad/syntax")]);
    for pack in packs {
        // Each in a package of its own, or they would be definitions of the same rules.
        let apart: Vec<(String, String)> = pack
            .into_iter()
            .map(|(name, text)| {
                let package = format!("package acme.{}.", name.trim_end_matches(".rego"));
                (name, text.replace("package acme.", &package))
            })
            .collect();
        let files: Vec<(&str, &str)> =
            apart.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let project = project(&files);
        project.file("audit.toml", &CONFIG.replace("builtin = false\n", ""));
        let run = project.audit(&["check"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        let said = said(&run);
        for (name, text) in &apart {
            for (line, _) in expected(text) {
                assert!(said.contains(&format!("policies/{name}:{line}:")), "{name}:{line}\n{}", run.stderr);
            }
        }
    }
}

#[test]
fn a_pack_that_judges_nothing_is_refused() {
    for (files, said) in [
        (&[("empty.rego", "")][..], "package"),
        (&[("comment.rego", "# nothing yet\n")], "package"),
        (&[("helper.rego", "package acme\n\nis_weak if input.Target.Id == \"\"\n")], "there is no rule here"),
        (&[("only_test.rego", "package acme_test\n\ntest_it if true\n")], "there is no rule here"),
        (&[("README.md", "# Policies\n")], "has neither policies nor data"),
        (&[], "there is no `policies`"),
    ] {
        let run = project(files).audit(&["check"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{said}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{said:?} is not in\n{}", run.stderr);
    }
}

#[test]
fn what_is_right_is_accepted_and_judged() {
    let good = policies("good");
    for (name, text) in &good {
        let project = project(&[(name, text)]);
        let run = project.audit(&["check"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}");
        // Threshold or not: whatever it finds, it must not fail to judge.
        let (run, report) = project.report(&["--fail-on", "none"]);
        assert_eq!(run.code, 0, "{name}: {:#}", report["targets"]);
    }
    let files: Vec<(&str, &str)> = good.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let run = project(&files).audit(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "all together");
}

#[test]
fn the_deepest_that_is_accepted_is_judged() {
    let sum = " + 1".repeat(90);
    let chain: Vec<String> = (0..90).map(|rule| format!("f{rule}(x) := f{}(x){sum}\n", rule + 1)).collect();
    let loops: Vec<String> = (0..90).map(|number| format!("\tsome x{number} in [1]\n")).collect();
    let (chain, loops) = (chain.join("\n"), loops.concat());
    let policy = format!(
        "package acme\n\n{chain}\nf90(x) := x\n\ndeny contains \"deep\" if {{\n{loops}\tf0(1) == 8101\n\tinput.Target.Id != \"\"\n}}\n"
    );
    let (run, report) = project(&[("deep.rego", &policy)]).report(&["--fail-on", "none"]);
    assert_eq!((run.code, &report["findings"][0]["message"]), (0, &"deep".into()), "{}", run.stderr);
}

#[test]
fn problems_of_all_files_stand_below_one_head() {
    let project =
        project(&[("a.rego", "package a\n\ndeny contains x\n"), ("b.rego", "package b\n\ndeny if y(1)\n")]);
    project.file("audit.toml", &format!("[audit]\nfail-on = \"hihg\"\nconcurency = 3\n\n{CONFIG}"));
    let run = project.audit(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    let heads: Vec<&str> = run.stderr.lines().filter(|line| line.contains('×')).collect();
    assert_eq!(heads[0], "  × the configuration and its policies cannot be used");
    let places: Vec<&str> =
        run.stderr.lines().filter_map(|line| line.split_once("─[")).map(|(_, place)| place).collect();
    assert_eq!(heads.len(), 1 + places.len(), "{}", run.stderr);
    for place in ["audit.toml:2:11]", "audit.toml:3:1]"] {
        assert!(places.contains(&place), "no {place}\n{}", run.stderr);
    }
    for file in ["policies/a.rego:", "policies/b.rego:"] {
        assert!(places.iter().any(|place| place.starts_with(file)), "no {file}\n{}", run.stderr);
    }
    assert!(!run.stderr.contains("Error:"), "{}", run.stderr);
}
