use super::*;

fn module(text: &str) -> Module {
    Module::parse("a.rego", text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn blocks(text: &str) -> Vec<Block> {
    let (blocks, problems) = read(&module(text));
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    blocks
}

#[test]
fn a_block_belongs_to_the_first_statement_below_it() {
    let rule = "deny contains \"x\" if true\n";
    for (text, expected) in [
        (format!("# METADATA\n# title: T\npackage a\n\n{rule}"), vec![(Reach::Package, None)]),
        (
            format!("# METADATA\n# scope: subpackages\n# title: T\npackage a\n{rule}"),
            vec![(Reach::Subpackages, None)],
        ),
        (format!("package a\n\n# METADATA\n# title: T\n{rule}"), vec![(Reach::Rule, Some(0))]),
        (
            format!("package a\n{rule}\n# METADATA\n# title: T\n\n# a comment\n\n{rule}"),
            vec![(Reach::Rule, Some(1))],
        ),
        (
            format!("package a\n# METADATA\n# scope: document\n# title: T\n{rule}"),
            vec![(Reach::Document, Some(0))],
        ),
        (format!("package a\n# METADATA\n# entrypoint: true\n{rule}"), vec![(Reach::Document, Some(0))]),
        (format!("package a\n# METADATA\n# title: T\ndefault x := 1\n{rule}"), vec![(Reach::Rule, Some(0))]),
        // Two blocks, of different scopes, above one statement.
        (
            format!("package a\n# METADATA\n# scope: document\n# title: D\n\n# METADATA\n# title: T\n{rule}"),
            vec![(Reach::Document, Some(0)), (Reach::Rule, Some(0))],
        ),
        // What is in a string is no comment.
        (format!("package a\nx := `\n# METADATA\n# severity: [\n`\ny := \"# METADATA\"\n{rule}"), vec![]),
        (
            format!("package a\nx := \"\\\\\\\"\\n# METADATA\" # x\n# METADATA\n# title: T\n{rule}"),
            vec![(Reach::Rule, Some(1))],
        ),
        (format!("package a\nx := `\\` # x `\n# METADATA\n# title: T\n{rule}"), vec![(Reach::Rule, Some(1))]),
        (format!("package a\r\n# METADATA\r\n# title: T\r\n{rule}"), vec![(Reach::Rule, Some(0))]),
        (format!("package a\n# about METADATA\n{rule}"), vec![]),
    ] {
        let found: Vec<_> = blocks(&text).iter().map(|block| (block.reach, block.rule)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_opa_knows_is_read_and_given_back_in_its_form() {
    let text = "package a\n\n# METADATA\n# title: T\n# description: |\n#   one\n#   two\n# related_resources:\n#   - https://a.example/\n#   - ref: https://b.example/\n#     description: B\n# authors:\n#   - Jane Doe <jane@example.com>\n#   - name: John\n# organizations: [Acme]\n# schemas:\n#   - input: schema.x\n# custom:\n#   severity: high\n#   team: {name: auth}\ndeny contains 1 if true\n";
    let blocks = blocks(text);
    assert_eq!(
        blocks[0].to_opa(),
        json!({
            "scope": "rule", "title": "T", "description": "one\ntwo",
            "related_resources": [{"ref": "https://a.example/"}, {"ref": "https://b.example/", "description": "B"}],
            "authors": [{"name": "Jane Doe", "email": "jane@example.com"}, {"name": "John"}],
            "organizations": ["Acme"], "schemas": [{"input": "schema.x"}],
            "custom": {"severity": "high", "team": {"name": "auth"}},
        })
    );
}

#[test]
fn what_cannot_be_used_is_refused_at_its_line() {
    let rule = "deny contains \"x\" if true\n";
    for (text, line, said, help) in [
        (format!("package a\n{rule}# METADATA\n# title: T\n"), 3, "belongs to nothing", "directly above"),
        (
            format!("package a\n# METADATA\n# title: T\nimport data.b\n{rule}"),
            2,
            "above an import",
            "directly above",
        ),
        (format!("package a\n# METADATA\n\n# title: T\n{rule}"), 2, "without metadata", "first column"),
        (format!("package a\n# METADATA\n# - title\n{rule}"), 3, "a list of keys", "title:"),
        (format!("package a\n# METADATA\n# title: a: b\n{rule}"), 3, "not YAML", "quotes"),
        (format!("package a\n# METADATA\n# title: T\n# title: U\n{rule}"), 4, "title", "quotes"),
        (
            format!("package a\n# METADATA\n# title: T\n# severity: high\n{rule}"),
            4,
            "no `severity`",
            "below `custom`",
        ),
        (format!("package a\n# METADATA\n# titel: T\n{rule}"), 3, "no `titel`", "did you mean `title`?"),
        (format!("package a\n# METADATA\n# owner: me\n{rule}"), 3, "no `owner`", "below `custom`"),
        (
            format!("package a\n# METADATA\n# title: [a]\n{rule}"),
            3,
            "`title` of the metadata is no text",
            "write it",
        ),
        (format!("package a\n# METADATA\n# custom: high\n{rule}"), 3, "no table", "write it"),
        (
            format!("package a\n# METADATA\n# scope: package\n# title: T\n{rule}"),
            3,
            "does not go with a rule",
            "`rule`",
        ),
        (
            format!("package a\n# METADATA\n# title: T\n# scope: app\n{rule}"),
            4,
            "scope `app`",
            "below `custom`",
        ),
        (
            format!("# METADATA\n# scope: rule\npackage a\n{rule}"),
            2,
            "does not go with a package",
            "subpackages",
        ),
        (
            format!("package a\n# METADATA\n# title: T\n\n# METADATA\n# title: U\n{rule}"),
            5,
            "a second METADATA block",
            "one block",
        ),
    ] {
        let (_, problems) = read(&module(&text));
        assert_eq!(problems.len(), 1, "{problems:?}\n{text}");
        let problem = &problems[0];
        assert_eq!(problem.line(), Some(line), "{problem:?}");
        assert!(problem.to_string().contains(said), "{problem}");
        assert!(problem.advice().is_some_and(|advice| advice.contains(help)), "{problem:?}");
    }
}
