//! What is written is read back with no loss, and what is no report is refused without a panic.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::finding::{Disposition, Notice, NoticeKind, Severity};
use crate::location::{Location, Region};
use crate::report::fixture::{self, HOSTILE};
use crate::report::{Format, Leniency, Selection};
use crate::target::{Cause, Scope, Shard, TargetId, Unaudited};
use crate::untrusted::is_unprintable;

fn render(report: &Report, format: Format) -> String {
    let style = Style { color: false, links: false, width: 80, include_waived: true };
    let mut text = Vec::new();
    format.write(report, &style, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("UTF-8")
}

fn read(text: &str) -> Result<Report, String> {
    Stored::parse("old.json", text.as_bytes()).map(|stored| stored.report).map_err(|error| error.message)
}

/// The fixture of all formats, with everything else that a report may hold.
fn rich() -> Report {
    let mut report = fixture::report();
    let place = Location { file: HOSTILE.into(), region: Region::START };
    let why = Unaudited { attempts: 3, ..Unaudited::new(Cause::Throttled, HOSTILE).with_gist("too fast") };
    let everything =
        Scope { account: Some("111122223333".to_owned()), region: None, app_id: None, environment: None };
    report.notices.push(Notice::unreadable(everything, why.clone()).at(place.clone()));
    report.notices.push(Notice::new(NoticeKind::Carried, "1 finding"));
    if let Some(unaudited) = report.targets.iter_mut().find_map(|outcome| outcome.unaudited.as_mut()) {
        unaudited.rules = vec![HOSTILE.to_owned()].into();
        unaudited.location = Some(place);
    }
    report.findings[0].carried = true;
    report.findings[0].expected = None;
    report.findings[0].actual = Some(json!([8.5, 0.1, 1e300, u64::MAX, null, {"b": HOSTILE, "a": {}}]));
    report.findings[1].evidence.excerpt = None;
    if let Some(excerpt) = &mut report.findings[2].evidence.excerpt {
        excerpt.text = "ä\n…".into();
        excerpt.marks = vec![0..2, 3..6, 6..6];
    }
    report.shard = Some(Shard { index: 2, count: 3 });
    report.interrupted = true;
    report.selection = Selection::of(&[HOSTILE.to_owned()], &["mfa/off".to_owned()]);
    report.sort();
    report
}

/// Members of a report that its schema does not have, or does not describe: they would be nowhere explained.
fn undescribed(at: &str, value: &Value, of: &Value, schema: &Value, found: &mut Vec<String>) {
    let Some(of) = resolved(of, schema) else { return };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match of["properties"].get(name) {
                    Some(of) => {
                        if !of["description"].is_string() {
                            found.push(format!("{at}/{name}"));
                        }
                        undescribed(&format!("{at}/{name}"), value, of, schema, found);
                    }
                    None if of["additionalProperties"].is_object() || of.get("properties").is_none() => {}
                    None => found.push(format!("{at}/{name}")),
                }
            }
        }
        Value::Array(list) => {
            for value in list {
                undescribed(at, value, &of["items"], schema, found);
            }
        }
        _ => {}
    }
}

/// What a reference, or a choice between one and null, stands for.
fn resolved<'s>(of: &'s Value, schema: &'s Value) -> Option<&'s Value> {
    let of = of["anyOf"].as_array().and_then(|choices| choices.first()).unwrap_or(of);
    match of["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.strip_prefix('#')?),
        None => Some(of),
    }
}

#[test]
fn everything_that_a_report_may_hold_is_in_its_schema() {
    let schema = schema();
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let report: Value = serde_json::from_str(&render(&rich(), Format::Json)).expect("JSON");
    if let Err(error) = validator.validate(&report) {
        panic!("{}: {error}", error.instance_path());
    }
    let mut found = Vec::new();
    undescribed("", &report, &schema, &schema, &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_was_written_is_read_back() {
    let mut bare = rich();
    bare.fail_on = None;
    bare.shard = None;
    bare.interrupted = false;
    bare.targets.retain(|outcome| outcome.unaudited.is_some());
    bare.findings.clear();
    bare.rules.clear();
    bare.notices.clear();
    for report in [fixture::report(), rich(), bare] {
        let written = render(&report, Format::Json);
        let back = read(&written).expect("a report");
        assert_eq!(render(&back, Format::Json), written);
        assert_eq!(back.notices, report.notices);
        for format in [Format::Human, Format::Sarif] {
            assert_eq!(render(&back, format), render(&report, format));
        }
    }
}

#[test]
fn the_exit_code_forgives_nothing_that_this_run_does_not() {
    let mut report = fixture::report();
    report.leniency = Leniency { allow_incomplete: true, exit_zero: true };
    let back = read(&render(&report, Format::Json)).expect("a report");
    assert_eq!((report.summary().exit_code, back.summary().exit_code), (0, 3));
}

#[test]
fn an_exit_code_is_one_that_the_file_comes_to() {
    let seen_whole = || {
        let mut report = fixture::report();
        report.targets.retain(|outcome| outcome.unaudited.is_none());
        report.notices.clear();
        report
    };
    let mut incomplete = seen_whole();
    incomplete.notices.push(Notice::new(NoticeKind::EmptySource, "nothing there"));
    let mut passed = seen_whole();
    passed.findings.retain(|finding| finding.disposition != Disposition::Open);
    let mut incomplete_otherwise = seen_whole();
    incomplete_otherwise.findings.clear();
    incomplete_otherwise.notices.push(Notice::new(NoticeKind::EmptySource, "nothing there"));
    let mut interrupted = seen_whole();
    interrupted.interrupted = true;
    for (mut report, possible) in [
        (seen_whole(), &[0, 1][..]),
        (incomplete, &[0, 1, 3]),
        (passed, &[0]),
        (incomplete_otherwise, &[0, 3]),
        (interrupted, &[130]),
    ] {
        // Each is what the program writes with some leniency.
        for leniency in Leniency::ALL {
            report.leniency = leniency;
            assert!(possible.contains(&report.summary().exit_code));
            read(&render(&report, Format::Json)).expect("a report");
        }
        let mut told: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
        for code in 0..=u8::MAX {
            told["summary"]["exit_code"] = json!(code);
            let is_possible = possible.contains(&code);
            match read(&told.to_string()) {
                Ok(_) => assert!(is_possible, "{code} of {possible:?}"),
                Err(message) => {
                    assert!(!is_possible && message.starts_with("/summary/exit_code: it is "), "{message}");
                }
            }
        }
    }
}

#[test]
fn a_report_without_the_notices_of_what_was_not_seen_is_refused() {
    let mut report = fixture::report();
    report.targets.retain(|outcome| outcome.unaudited.is_none());
    report.findings.clear();
    report.notices = vec![Notice::new(NoticeKind::EmptySource, "nothing there")];
    for allow_incomplete in [false, true] {
        report.leniency.allow_incomplete = allow_incomplete;
        let mut cut: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
        cut["notices"] = json!([]);
        let message = read(&cut.to_string()).expect_err("cut");
        assert!(message.starts_with("/summary: its counts are not those of"), "{message}");
        cut["summary"]["notices"] = json!(0);
        // One whose count was cut, too, is refused by the exit code, unless that forgave it.
        let back = read(&cut.to_string()).map(drop);
        let of_the_code = "/summary/exit_code: it is 3, and what is in the file comes to 0";
        assert_eq!(back, if allow_incomplete { Ok(()) } else { Err(of_the_code.to_owned()) });
    }
}

#[test]
fn a_disposition_is_that_of_its_severity() {
    for threshold in [None].into_iter().chain(Severity::ALL.map(Some)) {
        for severity in Severity::ALL {
            for disposition in [Disposition::Open, Disposition::BelowThreshold, Disposition::Waived] {
                let mut report = fixture::report();
                report.findings.retain(|finding| finding.disposition == Disposition::Waived);
                report.findings.truncate(1);
                let finding = &mut report.findings[0];
                finding.severity = severity;
                finding.disposition = disposition;
                if disposition != Disposition::Waived {
                    finding.waiver = None;
                }
                report.fail_on = threshold;
                let fails = threshold.is_some_and(|threshold| severity >= threshold);
                let is_right = match disposition {
                    Disposition::Open => fails,
                    Disposition::BelowThreshold => !fails,
                    Disposition::Waived => true,
                };
                let back = read(&render(&report, Format::Json));
                assert_eq!(back.is_ok(), is_right, "{disposition:?} {severity} {threshold:?}");
                if let Err(message) = back {
                    assert!(message.starts_with("/findings/0/disposition: it is `"), "{message}");
                }
            }
        }
    }
}

#[test]
fn nothing_passes_without_rules() {
    let mut report = fixture::report();
    report.targets.retain(|outcome| outcome.unaudited.is_none());
    report.findings.clear();
    report.notices.clear();
    assert_eq!(report.summary().exit_code, 0);
    report.rules.clear();
    assert_eq!(report.summary().exit_code, 3);
    let mut told: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
    assert_eq!(read(&told.to_string()).expect("a report").summary().exit_code, 3);
    // Nor does a shard that no target fell to; one that has rules does.
    report.shard = Some(Shard { index: 1, count: 2 });
    report.targets.clear();
    report.notices.push(Notice::new(NoticeKind::EmptyShard, "nothing in 1/2"));
    assert_eq!(report.summary().exit_code, 3);
    report.rules = fixture::report().rules;
    assert_eq!(report.summary().exit_code, 0);
    told["summary"]["exit_code"] = json!(1);
    read(&told.to_string()).expect_err("no finding is open");
}

#[test]
fn members_of_a_later_version_are_passed_over() {
    let written = render(&rich(), Format::Json);
    let mut later: Value = serde_json::from_str(&written).expect("JSON");
    for pointer in ["", "/tool", "/targets/0", "/findings/0/location", "/notices/0", "/summary/open"] {
        let object = later.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object");
        object.insert("later".to_owned(), json!({"a": [1]}));
    }
    assert_eq!(render(&read(&later.to_string()).expect("a report"), Format::Json), written);
}

#[test]
fn what_is_no_report_is_refused_with_its_place() {
    let mut report = rich();
    report.elsewhere.push(TargetId::new("d9", "prod", "auth"));
    let whole: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
    let unaudited =
        whole["targets"].as_array().expect("targets").iter().position(|target| target.get("error").is_some());
    let status = format!("/targets/{}/status", unaudited.expect("one is unaudited"));
    let finding = |name: &str| format!("/findings/3/{name}");
    let mut findings = whole["findings"].as_array().expect("findings").iter();
    let waived = findings.position(|finding| finding["disposition"] == "waived");
    let accepted = format!("/findings/{}/waiver/expires", waived.expect("one is waived"));
    for (pointer, value, piece) in [
        ("/version", json!(2), "version 2"),
        ("/version", json!("2.1.0"), "version \"2.1.0\""),
        ("/tool/name", json!("other"), "`other`"),
        ("/started_at", json!("yesterday"), "line "),
        ("/duration_ms", json!(-1), "line "),
        ("/shard/index", json!(4), "/shard"),
        ("/shard", json!({"index": 0, "count": 0}), "/shard"),
        ("/shard", json!(null), "/shard: it is none"),
        ("/fail_on", json!("hgih"), "unknown variant `hgih`"),
        ("/rules", json!([]), "/findings/0/rule"),
        ("/targets", json!([]), "/findings/0/target"),
        ("/targets/0/id", json!("a/b"), "/targets/0/id"),
        (&status, json!("audited"), &status),
        (&finding("target"), json!("d9/prod/auth"), "/findings/3/target"),
        (&finding("severity"), json!(3), "line "),
        (&finding("location/line"), json!(0), "/findings/3/location"),
        (&finding("location/end_column"), json!(0), "/findings/3/location"),
        (&finding("location/file"), json!(""), "/findings/3/location/file"),
        (&finding("location/file"), json!("/etc/passwd"), "/findings/3/location/file"),
        (&finding("location/file"), json!("a/../../x"), "/findings/3/location/file"),
        (&accepted, json!("2026-11-21"), &accepted),
        ("/elsewhere", json!(["a/b"]), "/elsewhere/0"),
        (&finding("location/line"), json!(4_294_967_296_u64), "line "),
        (&finding("excerpt/first_line"), json!(0), "/findings/3/excerpt/first_line"),
        (&finding("excerpt/first_line"), json!(u64::MAX), "/findings/3/excerpt/first_line"),
        (&finding("excerpt/marks"), json!([[0, 9999]]), "/findings/3/excerpt/marks/0"),
        (&finding("excerpt/marks"), json!([[0, 1], [3, 2]]), "/findings/3/excerpt/marks/1"),
        (&finding("excerpt/marks"), json!([[0]]), "line "),
        (&finding("excerpt"), json!({"first_line": 1, "text": "ä", "marks": [[1, 2]]}), "/excerpt/marks/0"),
        (&finding("excerpt/text"), json!("a\u{1b}[31m"), "/findings/3/excerpt/text"),
        (&finding("excerpt/text"), json!("##[error]a"), "/findings/3/excerpt/text"),
        (&finding("waiver"), json!({"reason": "", "owner": null, "expires": "2027-01-01"}), "/waiver"),
        ("/findings", json!([]), "/summary"),
        ("/summary/targets", json!(2), "/summary"),
        ("/summary/exit_code", json!(3), "/summary/exit_code: it is 3, and what is in the file comes to 130"),
        (&finding("disposition"), json!("waived"), "/findings/3/waiver"),
        ("/notices/0/scope", json!(null), "/notices/0"),
        ("/notices/0/kind", json!("carried"), "/notices/0"),
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        let message = read(&broken.to_string()).expect_err(pointer);
        assert!(message.contains(piece), "no {piece} for {pointer} in {message}");
        assert!(!message.contains("Json"), "a name of the code in {message}");
    }
    let mut twice = whole.clone();
    let finding = twice["findings"][0].clone();
    twice["findings"].as_array_mut().expect("findings").push(finding);
    assert!(read(&twice.to_string()).expect_err("twice").contains("/findings/8: it is there twice"));
    for text in ["", "{", "[]", "null", "{}", "{\"version\": 1}", "\u{feff}{}", &"[".repeat(100_000)] {
        read(text).expect_err(text);
    }
    let error = Stored::parse("a\u{1b}.json", b"\xff{}").expect_err("no UTF-8");
    assert!(error.to_string().starts_with("cannot use the report a\\u{1b}.json: it is not UTF-8"));
}

/// Every place in a value.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), into));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, item)| pointers(item, &format!("{at}/{name}"), into));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_file_that_was_tampered_with_is_refused_or_rendered() {
    let mut report = rich();
    // One of each is enough.
    report.rules.truncate(2);
    report.findings.retain(|finding| report.rules.iter().any(|rule| rule.id == finding.rule.id));
    let whole: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let values = [json!(null), json!(HOSTILE), json!(u64::MAX), json!([]), json!({}), json!(1)];
    for place in places {
        for value in &values {
            let mut broken = whole.clone();
            *broken.pointer_mut(&place).expect("there") = value.clone();
            if let Ok(report) = read(&broken.to_string()) {
                let text = render(&report, Format::Human);
                assert!(!text.contains(|c| is_unprintable(c) && c != '\n'), "{place}: {value}");
                render(&report, Format::Sarif);
            }
        }
    }
}

#[test]
fn a_member_that_is_missing_is_an_error() {
    let whole: Value = serde_json::from_str(&render(&rich(), Format::Json)).expect("JSON");
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    // These say something by being there, or are values and names that audit does not know.
    let free = |place: &str| {
        let names = ["/carried", "/rules", "/selection"];
        names.iter().any(|name| place.ends_with(name))
            || place.contains("/actual")
            || place.contains("/labels/")
    };
    for place in places.iter().filter(|place| !free(place)) {
        let Some((parent, name)) = place.rsplit_once('/') else { continue };
        let mut broken = whole.clone();
        let Some(members) = broken.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
        members.remove(name);
        assert!(read(&broken.to_string()).is_err(), "{place} may be missing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_back(texts in proptest::collection::vec(any::<String>(), 8), number in any::<f64>()) {
        let mut report = rich();
        report.notices[0].message.clone_from(&texts[0]);
        report.findings[3].message.clone_from(&texts[1]);
        report.findings[3].actual = Some(json!([number, texts[2]]));
        report.findings[3].path.clone_from(&texts[3]);
        report.findings[3].evidence.location.file = format!("f{}", texts[4].replace("..", "")).into();
        for outcome in &mut report.targets {
            if let Some(why) = &mut outcome.unaudited {
                why.message.clone_from(&texts[5]);
                why.gist = texts[6].as_str().into();
            }
        }
        let rule = Arc::make_mut(&mut report.rules[0]);
        rule.description.clone_from(&texts[7]);
        rule.severity = Severity::Info;
        report.sort();
        let written = render(&report, Format::Json);
        prop_assert_eq!(render(&read(&written).expect("a report"), Format::Json), written);
    }
}
