//! The functions in an engine, as policies call them.

use std::collections::BTreeSet;

use regorus::unstable::BUILTINS;
use serde_json::{Value as Json, json};

use super::*;

/// Calls and answers of real OPA 1.20.2, one a line: `f` with the arguments `a` is `v`, or an error where there is
/// no `v`. Written by asking OPA, never by hand.
const OPA: &str = include_str!("opa.jsonl");

fn new_engine() -> Engine {
    let mut engine = Engine::new();
    register(&mut engine);
    engine
}

/// The value of an expression, or the last line of the error.
fn eval(expression: &str) -> Result<Json, String> {
    let mut engine = new_engine();
    let policy = format!("package t\n\nr := {expression}\n");
    engine.add_policy("t.rego".to_owned(), policy).map_err(|error| error.to_string())?;
    let value = engine.eval_rule("data.t.r".to_owned());
    let value = value.map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())?;
    assert_ne!(value, Value::Undefined, "{expression}: undefined is no answer");
    Ok(serde_json::to_value(value).expect("JSON"))
}

#[test]
fn functions_answer_as_opa_does() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for line in OPA.lines() {
        let case: Json = serde_json::from_str(line).expect("JSON");
        let name = case["f"].as_str().expect("a name");
        let (name, _, function) = FUNCTIONS.iter().find(|(known, ..)| *known == name).expect("one of ours");
        let arguments: Vec<Value> = serde_json::from_value(case["a"].clone()).expect("values");
        let answer = function(&arguments);
        let same = match (&answer, case.get("v")) {
            (Ok(answer), Some(expected)) => serde_json::to_value(answer).expect("JSON") == *expected,
            (answer, expected) => answer.is_err() && expected.is_none(),
        };
        if !same {
            wrong.push(format!("{line}: {answer:?}"));
        }
        seen.insert(*name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let untested = FUNCTIONS.iter().filter(|(name, ..)| name.starts_with("regex.") && !seen.contains(name));
    assert_eq!(untested.count(), 0);
}

/// Each of these ended the process, or would not have ended, in the engine alone.
#[test]
fn what_would_hang_or_crash_is_an_error_that_says_so() {
    let graph = r#"{sprintf("%d", [i]): [sprintf("%d", [j]) | some j in numbers.range(1, 12)] | some i in numbers.range(1, 12)}"#;
    let text = r#"concat("", ["xxxxxxxxxx" | some _ in numbers.range(1, 1000)])"#;
    let copies =
        r#"[{"op": "copy", "from": "", "path": sprintf("/%d", [i])} | some i in numbers.range(1, 40)]"#;
    for (expression, reason) in [
        ("numbers.range(1, 1000000000000)", "more than 1000000 numbers"),
        ("numbers.range_step(1, 1000000000000, 7)", "more than 1000000 numbers"),
        (r#"net.cidr_expand("10.0.0.0/8")"#, "more than 1000000 addresses"),
        (r#"net.cidr_expand("::/0")"#, "more than 1000000 addresses"),
        ("bits.lsh(1, 4000000000)", "more than 65536 bits"),
        ("product(numbers.range(1, 100000))", "more than 10000 numbers"),
        (r#"units.parse("1e99999999")"#, "more than 400 digits"),
        (r#"units.parse_bytes("1e99999999")"#, "more than 400 digits"),
        (r#"sprintf("%4000000000d", [1])"#, "width or a precision of more than 200"),
        (r#"sprintf("%.70000f", [1.5])"#, "width or a precision of more than 200"),
        (r#"sprintf("%3.700d", [1])"#, "width or a precision of more than 200"),
        (r#"sprintf("%[1]s", ["x"])"#, "`[…]` and `*` are not supported"),
        (&format!(r#"graph.reachable_paths({graph}, ["1"])"#), "more than 100000 steps"),
        (&format!("replace({text}, \"x\", {text})"), "more than 16777216 bytes"),
        (&format!("regex.replace({text}, \"x\", {text})"), "more than 16777216 bytes"),
        (&format!("strings.replace_n({{\"x\": {text}}}, {text})"), "more than 16777216 bytes"),
        (&format!("json.patch({{\"a\": 1}}, {copies})"), "more than 16777216 bytes"),
        ("array.concat(numbers.range(1, 600000), numbers.range(1, 600000))", "more than 1000000 values"),
    ] {
        let error = eval(expression).expect_err(expression);
        assert!(error.contains(reason), "{expression}: {error}");
    }
}

#[test]
fn what_is_small_on_paper_only_is_not_written_out() {
    let mut value = Value::from(vec![Value::from("x")]);
    for _ in 0..40 {
        value = vec![value.clone(), value].into();
    }
    for name in ["json.marshal", "walk"] {
        let (_, _, function) = FUNCTIONS.iter().find(|(known, ..)| *known == name).expect("one of ours");
        let error = function(std::slice::from_ref(&value)).expect_err(name);
        assert!(error.contains("more than 16777216 bytes"), "{error}");
    }
    let error = limits::sprintf(&["%v".into(), vec![value].into()]).expect_err("endless");
    assert!(error.contains("sprintf: a text of more than"), "{error}");
}

#[test]
fn below_the_limits_the_answers_are_the_engines() {
    for (expression, expected) in [
        ("numbers.range(3, 1)", json!([3, 2, 1])),
        ("numbers.range_step(10, 1, 3)", json!([10, 7, 4, 1])),
        ("count(numbers.range(1, 1000000))", json!(1_000_000)),
        (r#"net.cidr_expand("10.0.0.0/30")"#, json!(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"])),
        (r#"sprintf("%5d|%v|100%%", [1, {"a": ["x"]}])"#, json!("    1|{\"a\": [\"x\"]}|100%")),
        (r#"concat(", ", {"a", "b"})"#, json!("a, b")),
        (r#"json.patch({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}])"#, json!({"a": 1, "b": 1})),
        (r#"graph.reachable_paths({"a": ["b"], "b": ["a"]}, ["a"])"#, json!([["a", "b"]])),
        (r#"{p | some p; walk({"a": [1, {"b": 2}]}, [p, 2])}"#, json!([["a", 1, "b"]])),
        (r#"trace("seen") == true"#, json!(true)),
        ("bits.lsh(1, 10)", json!(1024)),
        ("product([2, 3, 4])", json!(24)),
        (r#"units.parse_bytes("10MiB")"#, json!(10_485_760)),
    ] {
        assert_eq!(eval(expression).expect(expression), expected, "{expression}");
    }
}

#[test]
fn an_argument_of_a_wrong_type_is_an_error_not_undefined() {
    for (expression, reason) in [
        (r#"regex.match("a", 1)"#, "regex.match: argument 2 is a number, and must be a string"),
        (r#"regex.find_n("a", "a", "1")"#, "regex.find_n: argument 3 is a string, and must be an integer"),
        (r#"regex.find_n("a", "a", 1.5)"#, "argument 3 is a number, and must be an integer"),
        (r#"regex.replace("a", "(", "b")"#, "the pattern `(` cannot be used: missing closing )"),
        (r#"concat(1, ["a"])"#, "concat: argument 1 is a number"),
        (r#"numbers.range("1", 2)"#, "numbers.range: `numbers.range` expects numeric argument"),
        (r#"units.parse("12x")"#, "units.parse: the unit is unknown"),
    ] {
        let error = eval(expression).expect_err(expression);
        assert!(error.contains(reason), "{expression}: {error}");
    }
    assert_eq!(eval("regex.is_valid(1)"), Ok(json!(false)), "as in OPA");
}

#[test]
fn output_arguments_and_with_work_on_replaced_functions() {
    assert_eq!(eval(r#"[x | regex.match("a", "a", x)]"#), Ok(json!([true])));
    assert_eq!(eval(r#"[x | x := regex.match("a", "a") with regex.match as "mock"]"#), Ok(json!(["mock"])));
}

#[test]
fn the_catalogue_is_what_the_engine_has() {
    for (name, arguments, _) in FUNCTIONS {
        let engine = BUILTINS.get(name).map(|(_, arguments)| *arguments);
        assert_eq!(
            engine,
            Some(*arguments),
            "{name}: without the engine's own, an output argument would be unsafe"
        );
        assert_eq!(arity(name), Some(usize::from(*arguments)));
    }
    for (name, expected) in
        [("count", Some(1)), ("print", Some(usize::MAX)), ("http.send", None), ("cuont", None)]
    {
        assert_eq!(arity(name), expected, "{name}");
    }
    assert!(known().any(|name| name == "regex.match") && known().all(|name| arity(name).is_some()));
    assert!(known().all(|name| !in_opa_only(name)), "{:?}", known().find(|name| in_opa_only(name)));
    assert!(in_opa_only("http.send") && in_opa_only("time.now_ns") && !in_opa_only("cuont"));
    assert!(is_pure("regex.match") && !is_pure("rand.intn") && !is_pure("print"));
}
