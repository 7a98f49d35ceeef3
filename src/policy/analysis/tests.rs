//! What is refused, at which line and with which advice; what must not be; and what rules read.

use serde_json::json;

use super::*;
use crate::policy::{builtin, tree};

/// A rule of an own pack with this body, and whatever stands beside it.
fn rule(body: &str) -> String {
    format!("package acme.rule\n\n{body}\n")
}

fn analysed(files: &[(&str, &str)]) -> Result<Vec<Reads>, Vec<PolicyError>> {
    let embedded = builtin::policies().filter(|(name, _)| name.starts_with("lib/"));
    let mut all: Vec<(&str, &str)> = embedded.collect();
    all.extend(files);
    let modules: Vec<Module> =
        all.iter().map(|(name, text)| Module::parse(name, text).expect(text)).collect();
    let data =
        json!({"audit": {"params": {"password": {"min_length": 12}}}, "acme": {"owners": {"shop": "team"}}});
    let is_rule = |module: &&Module| {
        let mut heads = module.tree.policy.iter().map(|rule| tree::root(tree::head(rule)));
        !module.is_test() && heads.any(|name| name == Some("deny"))
    };
    let places: Vec<(Vec<String>, Scope)> = modules
        .iter()
        .filter(is_rule)
        .map(|module| {
            let scope = if module.text.contains("scope: app") { Scope::App } else { Scope::Document };
            (module.package.iter().cloned().chain(["deny".to_owned()]).collect(), scope)
        })
        .collect();
    let roots: Vec<Root<'_>> = places.iter().map(|(place, scope)| Root { place, scope: *scope }).collect();
    let modules: Vec<&Module> = modules.iter().collect();
    let analysed = analyse(&modules, &data, &roots);
    if let Ok(known) = &analysed {
        assert_eq!(known, &super::reads(&modules, &data, &roots));
    }
    analysed
}

/// The problems of one file: `LINE: message (advice)`.
fn problems(text: &str) -> Vec<String> {
    let problems = analysed(&[("acme/rule.rego", text)]).err().unwrap_or_default();
    problems
        .iter()
        .map(|problem| {
            format!("{}: {problem} ({})", problem.line().unwrap_or(0), problem.advice().unwrap_or_default())
        })
        .collect()
}

/// What the `deny` of one file reads; presences with a `?`, helpers with what they read.
fn reads(text: &str) -> Vec<String> {
    let reads =
        analysed(&[("acme/rule.rego", text)]).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let [reads] = &reads[..] else { panic!("one rule") };
    let shown = |place: &Place| if place.is_empty() { "input".to_owned() } else { place.join(".") };
    let values = |reads: &Reads| reads.values.iter().map(shown).collect::<Vec<_>>();
    let mut all = values(reads);
    all.extend(
        reads
            .helpers
            .iter()
            .map(|(helper, read)| format!("{} by {}", helper.join("."), values(read).join(" "))),
    );
    all.extend(reads.choices.iter().map(|(place, of)| {
        format!("{} of {}", shown(place), of.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }));
    all.extend(reads.presences.iter().map(|place| shown(place) + "?"));
    all.extend(reads.unbounded.then(|| "unbounded".to_owned()));
    all
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_would_never_fire_or_fail_in_a_run_is_refused_at_its_line() {
    const POOL: &str = "input.ResourceConfig.UserPoolConfigs";
    for (body, line, said) in [
        // Places that no document has.
        (
            "deny contains \"x\" if {\n\tinput.ResourceConfig.UserPoolConfigs.Mffa.MFAMode != \"ON\"\n}",
            4,
            "did you mean `Mfa`?",
        ),
        ("deny contains \"x\" if not input.nope", 3, "`input.nope` is in no document"),
        (
            "deny contains \"x\" if input.ResourceConfig[\"userpoolconfigs\"]",
            3,
            "did you mean `UserPoolConfigs`?",
        ),
        (
            "import input.ResourceConfig.UserPoolConfig as pool\n\ndeny contains \"x\" if pool.Mfa",
            5,
            "did you mean `UserPoolConfigs`?",
        ),
        (
            "import input.ResourceConfig.UserPoolConfigs as pool\n\ndeny contains \"x\" if pool.Mfas",
            5,
            "did you mean `Mfa`?",
        ),
        (
            "deny contains \"x\" if {\n\tpool := POOL\n\tother := pool\n\tother.Oauth.DomainPrefix == \"x\"\n}",
            6,
            "did you mean `OAuth`?",
        ),
        (
            "deny contains \"x\" if {\n\tsome uri in POOL.OAuth.RedirectURIs\n\turi == \"x\"\n}",
            4,
            "is in no document",
        ),
        (
            "deny contains \"x\" if {\n\tsome name\n\tPOOL.OAuth.SocialProviderSettings[name].ClientID != null\n}",
            5,
            "did you mean `ClientId`?",
        ),
        (
            "deny contains \"x\" if {\n\tsome provider in POOL.OAuth.SocialProviderSettings\n\tprovider.Secret != null\n}",
            5,
            "did you mean `ClientSecret`?",
        ),
        (
            "deny contains \"x\" if _short(POOL.PasswordPolicy)\n\n_short(policy) if policy.MinLength < 12",
            5,
            "did you mean `MinimumLength`?",
        ),
        ("deny contains \"x\" if _mfa.Mode == \"OFF\"\n\n_mfa := POOL.Mfa", 3, "did you mean `MFAMode`?"),
        (
            "deny contains \"x\" if {\n\tevery provider in POOL.OAuth.SocialProviderSettings {\n\t\tprovider.Client == null\n\t}\n}",
            5,
            "did you mean `ClientId`?",
        ),
        (
            "deny contains \"x\" if count([u | u := POOL.OAuth.RedirectSignInURI[_]]) > 0",
            3,
            "did you mean `RedirectSignInURIs`?",
        ),
        (
            "deny contains \"x\" if \"EMAIL\" == POOL.OAuth.OAuthScopes.EMAIL",
            3,
            "`\"EMAIL\" in input.ResourceConfig.UserPoolConfigs.OAuth.OAuthScopes` asks for a member",
        ),
        ("deny contains \"x\" if POOL.SignInMethod.Name == \"EMAIL\"", 3, "has no members"),
        (
            "deny contains \"x\" if object.get(input.ResourceConfig, [\"UserPoolConfigs\", \"Mfaa\"], null) == null",
            3,
            "did you mean `Mfa`?",
        ),
        ("deny contains \"x\" if false\n\n_unused := input.Targett.Id", 5, "did you mean `Target`?"),
        // Names.
        ("deny contains msg if input.Target.Id", 3, "the variable `msg` is unsafe"),
        ("deny contains {\"msg\": message} if {\n\tmsg := \"x\"\n}", 3, "`message` is unsafe"),
        ("deny contains \"x\" if not POOL.OAuth.OAuthScopes[i] == \"EMAIL\"", 3, "`i` is unsafe"),
        (
            "deny contains \"x\" if not POOL.OAuth.OAuthScopes[_] == \"EMAIL\"",
            3,
            "inside `not` nothing is looked for",
        ),
        ("deny contains \"x\" if _mod == \"OFF\"\n\n_mode := POOL.Mfa.MFAMode", 3, "did you mean `_mode`?"),
        ("deny contains \"x\" if {\n\tsome x\n\tinput.Target.Id == x\n}", 5, "`x` is unsafe"),
        ("deny contains \"x\" if {\n\tn := count([s | s == 1])\n\tn > 0\n}", 4, "`s` is unsafe"),
        ("f(x) := y if x\n\ndeny contains \"x\" if f(1)", 3, "`y` is unsafe"),
        ("p[k] := 1 if true\n\ndeny contains \"x\" if p.a", 3, "`k` is unsafe"),
        ("deny contains \"x\" if {\n\tevery v in [1] {\n\t\tv < limit\n\t}\n}", 5, "`limit` is unsafe"),
        // Functions.
        ("deny contains \"x\" if regx.match(`a`, \"a\")", 3, "did you mean `regex.match`?"),
        ("deny contains \"x\" if {\n\tfalse\n\tcuont([1]) == 1\n}", 5, "there is no function `cuont`"),
        ("deny contains \"x\" if startswith(\"a\")", 3, "`startswith` takes 2 arguments, not 1"),
        ("f(x) := x\n\ndeny contains \"x\" if f(1, 2, 3)", 5, "`f` takes 1 argument, not 3"),
        ("f(x) := x\n\ndeny contains \"x\" if f", 5, "the function `data.acme.rule.f` is not called"),
        ("deny contains \"x\" if regex.match", 3, "the function `regex.match` is not called"),
        (
            "import data.audit.lib.uri\n\ndeny contains \"x\" if uri.scheem(\"a\") == \"b\"",
            5,
            "did you mean `scheme`?",
        ),
        ("deny contains \"x\" if http.send({}).status_code == 200", 3, "OPA has it"),
        ("r := 1\n\ndeny contains \"x\" if r(1)", 5, "`r` is a rule and no function"),
        // What nothing defines.
        (
            "import data.audit.lib.stge\n\ndeny contains \"x\" if stge.strict",
            3,
            "did you mean `data.audit.lib.stage`?",
        ),
        (
            "deny contains \"x\" if data.audit.lib.stage.strickt",
            3,
            "did you mean `data.audit.lib.stage.strict`?",
        ),
        ("deny contains \"x\" if data.exceptions[input.Target.Id]", 3, "nothing defines `data.exceptions`"),
        ("deny contains \"x\" if data.acme.owner.shop", 3, "did you mean `data.acme.owners`?"),
        // Recursion.
        (
            "f(x) := f(x - 1)\n\ndeny contains \"x\" if f(1) == 1",
            3,
            "recursion, which Rego does not have: `f` needs `f`",
        ),
        ("a if b\n\nb if not a\n\ndeny contains \"x\" if a", 3, "`a` needs `b` needs `a`"),
        (
            "deny contains \"x\" if data.acme.rule.other\n\nother if data.acme[\"rule\"][input.Target.Id]",
            3,
            "`deny` needs",
        ),
        // The form of sets.
        ("deny if input.Target.Id", 3, "`deny` is no set"),
        ("default deny := false", 3, "`deny` is no set"),
        ("deny := {\"x\"}", 3, "`deny` is no set"),
        ("deny[msg] := 1 if msg := \"x\"", 3, "no set but an object"),
        ("deny(x) if x", 3, "`deny` is no set"),
        ("warn_me_too := [\"x\"]", 3, "`warn_me_too` is no set"),
        ("violation contains 1 if true", 3, "a member of `violation` is a string or an object"),
        ("deny contains {\"mgs\": \"x\"} if true", 3, "did you mean `msg`?"),
        ("deny contains {\"msg\": \"x\", \"sevrity\": \"low\"} if true", 3, "did you mean `severity`?"),
        ("deny contains {\"details\": \"x\"} if true", 3, "this member has no `msg`"),
    ] {
        let text = rule(&body.replace("POOL", POOL));
        let problems = problems(&text);
        assert!(
            problems
                .iter()
                .any(|problem| problem.starts_with(&format!("{line}: ")) && problem.contains(said)),
            "{text}\n{problems:#?} has no {line}: {said}"
        );
    }
}

#[test]
fn what_is_right_is_not_refused() {
    const POOL: &str = "input.ResourceConfig.UserPoolConfigs";
    for body in [
        "deny contains msg if {\n\tsome uri in POOL.OAuth.RedirectSignInURIs\n\tmsg := uri\n}",
        "deny contains msg if {\n\turi = POOL.OAuth.RedirectSignInURIs[_]\n\tmsg := uri\n}",
        "deny contains msg if {\n\tmsg := sprintf(\"%s\", [x])\n\tx := POOL.Mfa.MFAMode\n}",
        "deny contains POOL.OAuth.RedirectSignInURIs[i] if POOL.OAuth.RedirectSignOutURIs[i]",
        "deny contains k if {\n\tsome k, v in POOL.OAuth.SocialProviderSettings\n\tv.ClientId != null\n}",
        "deny contains p if {\n\twalk(input, [p, v])\n\tv == 1\n}",
        "deny contains p if {\n\t[p, v] := walk(input.ResourceConfig)\n\tv == 1\n}",
        "deny contains out if count(POOL.OAuth.OAuthScopes, out)",
        "deny contains \"x\" if not _any\n\n_any if POOL.OAuth.OAuthScopes[_] == \"EMAIL\"",
        "deny contains x if {\n\tsome x\n\tPOOL.OAuth.OAuthScopes[_] = x\n}",
        "deny contains x if {\n\tx := {y | some y in POOL.OAuth.OAuthScopes; y != \"A\"}[_]\n}",
        "deny contains \"x\" if input.Target.Labels[\"cost-center\"] == \"7\"",
        "deny contains \"x\" if input.Target.Labels.team == \"shop\"",
        "deny contains \"x\" if {\n\tsome section in [\"Mfa\", \"OAuth\"]\n\tPOOL[section].MFAMode == \"OFF\"\n}",
        "deny contains \"x\" if {\n\tsome name, value in POOL\n\tname == \"BrandNew\"\n\tvalue\n}",
        "deny contains \"x\" if object.get(data.acme.owners, input.Target.AppName, null) == null",
        "deny contains \"x\" if data.audit.params.acme.limit > 1",
        "deny contains {\"msg\": \"x\", \"details\": {}, \"path\": \"\"} if true",
        "deny contains object.union({\"msg\": \"x\"}, _more)\n\n_more := {\"path\": \"\"}",
        "p.a := 1\n\np.b := p.a\n\ndeny contains \"x\" if p.b",
        "f(1) := 2\n\nf(x) := y if {\n\tx > 1\n\ty := x\n}\n\ndefault f(_) := 0\n\ndeny contains \"x\" if f(3) == 3",
        "_lists.a := POOL.OAuth.RedirectSignInURIs\n\n_lists.b := POOL.OAuth.RedirectSignOutURIs\n\ndeny contains n if {\n\tsome n, uris in _lists\n\tcount(uris) > 1\n}",
        "count_of(list) := n if n := count(list)\n\ndeny contains \"x\" if count_of(POOL.OAuth.OAuthScopes) > 1",
        "deny contains \"x\" if print(input.Target.Id, 1, 2)",
        "deny contains \"x\" if {\n\tx := [1, 2]\n\tx[i] == 2\n\ti == 1\n}",
        "deny contains \"x\" if _get(POOL, \"Anything\")\n\n_get(object, name) := object[name]",
        "deny contains \"x\" if _both(POOL.Mfa)\n\n_both(x) if x.MFAMode\n\n_both(x) if is_null(x)",
        "denylist := [\"x\"]\n\ndeny contains \"x\" if denylist[0] == \"y\"",
        "deny contains \"x\" if input.Unrecognised[_] == \"/ResourceConfig/New\"",
        "deny contains \"x\" if {\n\tevery x in POOL.OAuth.OAuthScopes { x in {\"EMAIL\"} }\n}",
    ] {
        let text = rule(&body.replace("POOL", POOL));
        let problems = problems(&text);
        assert!(problems.is_empty(), "{text}\n{problems:#?}");
    }
}

#[test]
fn tests_may_replace_what_is_not_defined() {
    let test = "package acme.rule_test\n\nimport data.acme.rule\n\ntest_x if count(rule.deny) == 0 with input as {\"a\": 1} with data.exceptions as {}\n\ntest_y if data.exceptions.a\n\ntest_z if rule.denny == set()\n";
    let rule = rule("deny contains \"x\" if input.Target.Id == \"1\"");
    let problems =
        analysed(&[("acme/rule.rego", &rule), ("acme/rule_test.rego", test)]).err().unwrap_or_default();
    let told: Vec<_> = problems.iter().map(|problem| (problem.line(), problem.to_string())).collect();
    assert_eq!(told, [(Some(9), "nothing defines `data.acme.rule.denny`, so this is never true".to_owned())]);
}

#[test]
fn what_is_named_nearly_as_a_test_may_be_used_or_another_word() {
    let rule = rule("deny contains \"x\" if input.Target.Id == \"1\"");
    let test = "package acme.rule_test\n\ntestdata := {\"a\": 1}\n\ntesting(value) if value == 1\n\ntests_of contains 1\n\ntested if testing(testdata.a)\n\ntext_is_there if true\n\ntest_it if {\n\ttested\n\tcount(tests_of) == 1\n}\n";
    let found = |test: &str| {
        let files = [("acme/rule.rego", rule.as_str()), ("acme/rule_test.rego", test)];
        analysed(&files).err().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(found(test), Vec::<String>::new());
    assert_eq!(
        found(&test.replace("\ttested\n", "")),
        ["`tested` is no test, and nothing asks for it: it never runs"]
    );
}

#[test]
fn a_rule_reads_what_it_can_depend_on() {
    const POOL: &str = "input.ResourceConfig.UserPoolConfigs";
    const P: &str = "ResourceConfig.UserPoolConfigs";
    for (body, expected) in [
        ("deny contains \"x\" if POOL.Mfa.MFAMode < \"OFF\"", &["P.Mfa.MFAMode"][..]),
        // Compared with constants, only which of them it is.
        ("deny contains \"x\" if POOL.Mfa.MFAMode == \"OFF\"", &["P.Mfa.MFAMode of \"OFF\""]),
        (
            "deny contains \"x\" if {\n\tm := POOL.Mfa.MFAMode\n\tnot m in {\"ON\", null}\n\t\"OFF\" != m\n}",
            &["P.Mfa.MFAMode of \"OFF\" \"ON\" null"],
        ),
        (
            "deny contains \"x\" if POOL.Mfa.MFAMode in {\"ON\", input.Target.Id}",
            &["P.Mfa.MFAMode", "Target.Id"],
        ),
        (
            "deny contains \"x\" if POOL.PasswordPolicy.MinimumLength == 12",
            &["P.PasswordPolicy.MinimumLength"],
        ),
        ("deny contains \"x\" if POOL.OAuth.OAuthScopes[_] == \"EMAIL\"", &["P.OAuth.OAuthScopes"]),
        ("deny contains \"x\" if true", &[]),
        ("deny contains \"x\" if data.audit.params.password.min_length > 3", &[]),
        ("deny contains \"x\" if input[\"Target\"].Id", &["Target.Id"]),
        (
            "deny contains \"x\" if not input.ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin",
            &["ResourceConfig.IdentityPoolConfigs.UnauthenticatedLogin"],
        ),
        // An alias is read where it is used.
        ("deny contains \"x\" if {\n\tp := POOL\n\tp.Mfa.MFAMode\n}", &["P.Mfa.MFAMode", "P?"]),
        ("deny contains \"x\" if _p.Mfa.MFAMode\n\n_p := POOL", &["P.Mfa.MFAMode", "P?"]),
        (
            "import input.ResourceConfig.UserPoolConfigs as p\n\ndeny contains \"x\" if p.Mfa.MFAMode",
            &["P.Mfa.MFAMode"],
        ),
        ("deny contains \"x\" if _f(POOL)\n\n_f(p) if p.Mfa.MFAMode", &["P.Mfa.MFAMode", "P?"]),
        ("deny contains \"x\" if _f(POOL)\n\n_f(_) if true", &["P?"]),
        ("deny contains \"x\" if _f(POOL.SignInMethod)\n\n_f(\"EMAIL\") if true", &["P.SignInMethod"]),
        // Where it goes on dynamically, the whole of what is before.
        ("deny contains \"x\" if POOL[input.Target.Resource].MFAMode", &["P", "Target.Resource"]),
        (
            "deny contains \"x\" if {\n\tsome p in POOL.OAuth.SocialProviderSettings\n\tp.ClientId\n}",
            &["P.OAuth.SocialProviderSettings"],
        ),
        ("deny contains \"x\" if POOL.OAuth.OAuthScopes[0] == \"EMAIL\"", &["P.OAuth.OAuthScopes"]),
        ("deny contains \"x\" if walk(input, [_, 1])", &["input"]),
        ("deny contains \"x\" if json.marshal(POOL.Mfa) == \"\"", &["P.Mfa"]),
        ("deny contains \"x\" if data.acme.owners[input.Target.AppName]", &["Target.AppName"]),
        ("deny contains {\"msg\": \"x\", \"actual\": POOL.SignInMethod} if true", &["P.SignInMethod"]),
        ("deny contains x if x := POOL.SignInMethod", &["P.SignInMethod"]),
        ("deny contains \"x\" if x = POOL.SignInMethod", &["P.SignInMethod"]),
        (
            "deny contains \"x\" if _x = POOL.SignInMethod\n\n_x := input.Target.Resource",
            &["P.SignInMethod", "Target.Resource"],
        ),
        ("deny contains \"x\" if {\n\tx := [POOL.Mfa, 1][_]\n\tx.MFAMode\n}", &["P.Mfa"]),
        (
            "import data.audit.lib.stage\n\ndeny contains \"x\" if stage.strict",
            // All rules of an imported package are evaluated, and with them `described`.
            &["Documents", "Target.Stage"],
        ),
        (
            "deny contains \"x\" if data.audit.lib.stage.strict",
            &["Target.Stage of \"development\" \"production\" \"staging\""],
        ),
        (
            "deny contains \"x\" if data.audit.lib.redirects.unusual.RedirectSignInURIs",
            &["audit.lib.redirects.unusual by P.OAuth.RedirectSignInURIs P.OAuth.RedirectSignOutURIs"],
        ),
        // What is not a function of the input alone, or is not followed.
        ("deny contains \"x\" if print(POOL.SignInMethod)", &["P.SignInMethod", "unbounded"]),
        ("deny contains \"x\" if input.Target.Id with input as {\"Target\": {\"Id\": 1}}", &["unbounded"]),
    ] {
        let text = rule(&body.replace("POOL", POOL));
        let expected: Vec<String> = expected
            .iter()
            .map(|place| place.replace("P.", &format!("{P}.")).replace("P?", &format!("{P}?")))
            .collect();
        let expected: Vec<String> =
            expected.into_iter().map(|place| if place == "P" { P.to_owned() } else { place }).collect();
        assert_eq!(reads(&text), expected, "{text}");
    }
}

#[test]
fn a_member_of_a_rule_in_another_package_is_refused() {
    let files = [
        ("acme/rule.rego", "package acme.rule\n\np.q := 1\n\ndeny contains k if some k, _ in p\n"),
        ("acme/rule/p.rego", "package acme.rule.p\n\nx := 1\n"),
    ];
    let problems = analysed(&files).expect_err("refused");
    let shown: Vec<_> =
        problems.iter().map(|problem| (problem.file(), problem.line(), problem.to_string())).collect();
    assert_eq!(
        shown,
        [(
            "acme/rule.rego",
            Some(3),
            "`p.q` lies in the package `acme.rule.p`: the engine does not join them".to_owned()
        )]
    );
}

#[test]
fn a_helper_that_no_rule_uses_may_be_meant_for_either_scope() {
    let rule = "deny contains \"x\" if input.Target.Id";
    for (helper, is_right) in [
        ("_unused := [doc.Target.Id | some doc in input.Documents]", true),
        ("_unused := input.App.AppName", true),
        ("_unused := input.Target.Stage", true),
        ("_unused := [doc.Target.Idd | some doc in input.Documents]", false),
        ("_unused := input.Dokuments", false),
        ("_unused := input.App.Name", false),
        // A rule that uses it says of which scope it is.
        ("deny contains \"y\" if _used\n\n_used := input.Documents", false),
    ] {
        let text = self::rule(&format!("{rule}\n\n{helper}"));
        assert_eq!(analysed(&[("acme/rule.rego", &text)]).is_ok(), is_right, "{helper}");
    }
}

#[test]
fn nothing_is_wrong_with_the_embedded_pack_and_every_rule_is_bounded() {
    let files: Vec<_> = builtin::policies().filter(|(name, _)| !name.starts_with("lib/")).collect();
    let reads = analysed(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(reads.len() >= 10 && !reads.contains(&Reads::default()), "{reads:#?}");
    let of_apps = files.iter().filter(|(_, text)| text.contains("scope: app")).count();
    assert_eq!(reads.iter().filter(|reads| reads.unbounded).count(), of_apps, "{reads:#?}");
}
