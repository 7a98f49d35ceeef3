//! What is written to a file is what is read back, and what was edited to be no document is refused at its line.

use super::*;
use crate::document::Stored;

fn stored(text: &str) -> Stored {
    Stored::read(text.as_bytes(), "baseline/a.json".into()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Every pointer into a value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{at}/{}", pointer_token(name)), all);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

fn assert_comes_back(document: &Document) {
    let text = document.to_pretty();
    let stored = stored(&text);
    assert_eq!(stored.value(), document.value());
    assert_eq!(stored.id, document.target().id);
    let mut all = Vec::new();
    pointers(&document.value, "", &mut all);
    for pointer in all.iter().filter(|pointer| stored.places.get(pointer).is_some()) {
        let piece = piece(&text, stored.location(pointer).region);
        let value: Value = serde_json::from_str(&piece).expect("the text of the value");
        assert_eq!(Some(&value), document.get(pointer), "{pointer}");
    }
    let placed: Vec<_> = API.iter().filter(|member| member.pointer.starts_with("/ResourceConfig/")).collect();
    assert!(placed.iter().all(|member| stored.places.get(member.pointer).is_some()));
}

#[test]
fn every_document_of_the_api_comes_back() {
    for choice in 0..CHOICES {
        assert_comes_back(&document(&in_cli_casing(choice)));
        assert_comes_back(&document(&in_wire_casing(choice)));
    }
    assert_comes_back(&document(&json!({"ResourceConfig": {}})));
}

proptest! {
    #[test]
    fn every_document_comes_back(
        removed in proptest::collection::vec(any::<Index>(), 0..4),
        place: Index,
        odd in any_json(),
        strange in any_json(),
        name in "[a-zA-Z/~ é]{1,8}",
    ) {
        let mut answer = in_cli_casing(1);
        set(&mut answer, API[place.index(API.len())].pointer, odd);
        answer.as_object_mut().expect("an object").insert(format!("x{name}"), strange);
        for index in removed {
            let pointer = API[index.index(API.len())].pointer;
            if answer.pointer(pointer).is_some() {
                remove(&mut answer, pointer);
            }
        }
        // Not every odd value is an answer.
        if let Ok(answer) = read(printed(&answer).as_bytes()) {
            assert_comes_back(&Document::new(answer, target(), None));
        }
    }

    #[test]
    fn no_bytes_of_a_file_are_a_panic(
        slips in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        let mut bytes = document(&in_cli_casing(0)).to_pretty().into_bytes();
        for (at, byte, slip) in slips {
            let at = at.index(bytes.len());
            match slip {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                2 => bytes[at] = byte,
                _ => bytes[at] = b"{}[]\",:0\\"[usize::from(byte % 9)],
            }
        }
        match Stored::read(&bytes, "a.json".into()) {
            Ok(stored) => prop_assert_eq!(stored.value()["SchemaVersion"].as_u64(), Some(1)),
            Err(error) => prop_assert!(!error.message.is_empty() && error.region.line > 0),
        }
    }
}

/// The lines of a document with one line that holds `found` replaced.
fn edited(found: &str, line: &str) -> (String, u32) {
    let text = document(&in_cli_casing(0)).to_pretty();
    let at = text.lines().position(|line| line.contains(found)).unwrap_or_else(|| panic!("no {found}"));
    let edited: Vec<&str> =
        text.lines().enumerate().map(|(index, old)| if index == at { line } else { old }).collect();
    (edited.join("\n"), u32::try_from(at + 1).expect("small"))
}

/// What a line is replaced by: what it holds, what it becomes, what is said, and the help.
type Slip = (&'static str, &'static str, &'static str, Option<&'static str>);

fn assert_refused(slips: &[Slip]) {
    for (found, line, message, help) in slips.iter().copied() {
        let (text, at) = edited(found, line);
        let error = Stored::read(text.as_bytes(), "a.json".into()).expect_err(line);
        assert!(error.message.contains(message), "{line}: {error}");
        assert_eq!(error.region.line, at, "{line}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"));
        match (error.help.as_deref(), help) {
            (Some(said), Some(expected)) => assert!(said.contains(expected), "{line}: {said}"),
            (said, expected) => assert_eq!(said.is_some(), expected.is_some(), "{line}: {said:?}"),
        }
    }
}

#[test]
fn what_is_no_document_any_more_is_refused_at_its_line() {
    assert_refused(&[
        (
            "SchemaVersion",
            r#""SchemaVersion": 2,"#,
            "its `SchemaVersion` is 2, and this audit reads 1",
            Some("a newer version"),
        ),
        ("SchemaVersion", r#""SchemaVersion": "1","#, "its `SchemaVersion` is not 1", None),
        (
            "Origin",
            r#""Origin": "deploye","#,
            "`/Origin` is not \"deployed\"",
            Some("did you mean `deployed`?"),
        ),
        (
            "\"MFAMode\"",
            r#""MFAmode": "ON","#,
            "it has no `/ResourceConfig/UserPoolConfigs/Mfa/MFAMode`",
            Some("did you mean `MFAMode`"),
        ),
        (
            "\"MFAMode\"",
            r#""MFAMode": "On","#,
            "`/ResourceConfig/UserPoolConfigs/Mfa/MFAMode` is not what AWS documents",
            Some("correct it"),
        ),
        (
            "\"MFAMode\"",
            r#""MFAMode": "ON", "Note": 1,"#,
            "`/ResourceConfig/UserPoolConfigs/Mfa/Note` is not what",
            Some("correct it"),
        ),
        ("\"MFAMode\"", r#""MFAMode": "ON", "MFAMode": "ON","#, "it names one member twice", None),
        ("\"MFAMode\"", r#""MFAMode": "ON", // agreed"#, "it is not JSON", None),
        (
            "\"MinimumLength\"",
            r#""MinimumLength": "6""#,
            "`/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength` is not",
            Some("correct it"),
        ),
        (
            "\"Stage\"",
            r#""Stage": "prodution","#,
            "`/Target/Stage` is not \"production\" or",
            Some("did you mean `production`?"),
        ),
        ("\"Id\"", r#""Id": "d2/prod/auth","#, "`/Target/Id` does not say `d1/prod/auth`", None),
        ("\"AppName\"", r#""AppName": 7,"#, "`/Target/AppName` is a number, where a string should be", None),
        (
            "\"Labels\"",
            r#""Labels": {"team": null}"#,
            "`/Target/Labels/team` is null, where a string should be",
            None,
        ),
        (
            "\"Labels\"",
            r#""Labels": {}, "Labls": {}"#,
            "`Target` has a member `Labls`",
            Some("did you mean `Labels`?"),
        ),
        (
            "\"Missing\"",
            r#""Missing": [1],"#,
            "`/Missing` is a number, where a list of strings should be",
            None,
        ),
        (
            "\"ClientSecret\"",
            r#""ClientSecret": "hunter2""#,
            "ClientSecret` is something else than \"REDACTED\"",
            Some("take the secret out"),
        ),
    ]);
}

#[test]
fn a_newer_version_and_a_secret_are_told_however_they_are_written() {
    assert_refused(&[
        (
            "SchemaVersion",
            r#""SchemaVersion": 4294967296,"#,
            "its `SchemaVersion` is 4294967296, and this audit reads 1",
            Some("a newer version"),
        ),
        (
            "SchemaVersion",
            r#""SchemaVersion": 2.0,"#,
            "its `SchemaVersion` is 2.0, and this audit reads 1",
            Some("a newer version"),
        ),
        (
            "\"MFAMode\"",
            r#""MFAMode": "ON", "New": [{"api_token": "hunter2"}],"#,
            "Mfa/New/api_token` is something else than \"REDACTED\"",
            Some("take the secret out"),
        ),
        (
            "\"Origin\"",
            r#""Origin": "deployed", "Token": {"a": "hunter2"},"#,
            "`/Token` is something else than \"REDACTED\"",
            Some("take the secret out"),
        ),
    ]);
}

#[test]
fn what_was_never_a_document_is_refused() {
    for (text, message) in [
        ("", "it is empty"),
        ("[]", "it is a list, not a document of audit"),
        ("{\"ResourceConfig\": {}}", "it has no `SchemaVersion`"),
        ("{\"SchemaVersion\": 1}", "it has no `/Origin`"),
        ("\u{feff}{}", "it is not JSON"),
    ] {
        let error = Stored::read(text.as_bytes(), "a.json".into()).expect_err(text);
        assert!(error.message.contains(message), "{text:?}: {error}");
    }
    assert!(Stored::read(b"\xff", "a.json".into()).expect_err("Latin-1").message.contains("UTF-8"));
}

#[test]
fn every_member_that_is_taken_out_is_missed() {
    let whole = document(&in_cli_casing(0)).value;
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    for pointer in
        all.iter().filter(|pointer| !pointer.is_empty() && !pointer.ends_with(|c: char| c.is_ascii_digit()))
    {
        let mut without = whole.clone();
        remove(&mut without, pointer);
        let error = Stored::read(printed(&without).as_bytes(), "a.json".into()).expect_err(pointer);
        let name = pointer.rsplit('/').next().expect("a name");
        assert!(error.message.contains(name), "{pointer}: {error}");
    }
}

#[test]
fn an_order_of_a_set_that_is_not_ours_is_the_same_set() {
    let text = document(&in_cli_casing(0)).to_pretty();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("\"OAuthScopes\"")).expect("there");
    let mut swapped = lines.clone();
    swapped.swap(at + 1, at + 2);
    let stored = stored(&swapped.join("\n"));
    assert_eq!(stored.value().pointer(SCOPES), document(&in_cli_casing(0)).get(SCOPES));
    let first = strings(stored.value().pointer(SCOPES).expect("there")).remove(0);
    let place = stored.location_of(SCOPES, &[json!(first)]);
    assert_eq!(place.region.line, u32::try_from(at + 3).expect("small"));
}

#[test]
fn a_live_document_points_into_the_file_of_what_was_agreed() {
    let agreed = document(&in_cli_casing(0)).to_pretty();
    let stored = stored(&agreed);
    let line = |text: &str| {
        u32::try_from(agreed.lines().position(|line| line.contains(text)).expect("there") + 1).expect("small")
    };
    let mut answer = in_cli_casing(0);
    set(&mut answer, SIGN_IN, json!(["https://0.example/", "https://b.example/ü"]));
    let fetched = Document::new(read(printed(&answer).as_bytes()).expect("an answer"), target(), None)
        .located_in(&stored);
    assert_eq!(&*fetched.location(MODE).file, "baseline/a.json");
    assert_eq!(fetched.location(MODE).region.line, line("\"MFAMode\""));
    // Its second member is the second in the file, too; its first is not in the file, so the list is shown.
    assert_eq!(fetched.location(&format!("{SIGN_IN}/1")).region.line, line("https://b.example/ü"));
    assert_eq!(fetched.location(&format!("{SIGN_IN}/0")).region.line, line("\"RedirectSignInURIs\""));
    // What was read from a file of its own stays there.
    assert_eq!(&*document(&answer).located_in(&stored).location(MODE).file, "answer.json");
}
