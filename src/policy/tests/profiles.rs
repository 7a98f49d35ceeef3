//! The profiles: what each asks for, and that it can be had.

use super::*;

/// The rules that judge by the profile's way with kinds of characters.
pub(super) const COMPOSITION: [&str; 2] =
    ["password/imposed_composition", "password/missing_character_class"];

const CLASSES: [&str; 4] = ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"];

/// What a profile asks of a password, from the standards that it is named after.
struct Profile {
    name: &'static str,
    with_mfa: i64,
    without_mfa: i64,
    composition: &'static str,
    /// What is found where these kinds of characters are asked for.
    finds: fn(&BTreeSet<&str>) -> Option<&'static str>,
}

const PROFILES: [Profile; 4] = [
    Profile {
        name: "aws-fsbp",
        with_mfa: 8,
        without_mfa: 8,
        composition: "all_classes",
        finds: |asked| (asked.len() < 4).then_some("password/missing_character_class"),
    },
    Profile {
        name: "nist",
        with_mfa: 8,
        without_mfa: 15,
        composition: "forbidden",
        finds: |asked| (!asked.is_empty()).then_some("password/imposed_composition"),
    },
    Profile {
        name: "pci",
        with_mfa: 12,
        without_mfa: 12,
        composition: "digit_and_letter",
        finds: |asked| {
            let letter = asked.contains("REQUIRE_LOWERCASE") || asked.contains("REQUIRE_UPPERCASE");
            (!asked.contains("REQUIRE_DIGIT") || !letter).then_some("password/missing_character_class")
        },
    },
    Profile { name: "recommended", with_mfa: 12, without_mfa: 12, composition: "any", finds: |_| None },
];

fn pack_of(profile: &str) -> Pack {
    let packs = Packs { profile: profile.to_owned(), ..Packs::embedded() };
    let params = library(&packs).catalogue().params;
    pack_with(&Policies { packs, params, ..policies() })
}

/// Every choice of kinds of characters.
fn choices() -> impl Iterator<Item = BTreeSet<&'static str>> {
    (0..16_usize).map(|bits| {
        CLASSES.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, class)| *class).collect()
    })
}

/// The rules of passwords that find something.
fn found(evaluator: &mut Evaluator<'_>, changes: &[(&str, Value)]) -> Vec<(String, Option<Value>)> {
    let Evaluation { findings, unaudited, .. } = evaluator.evaluate(&document(&with(changes)));
    assert_eq!(unaudited, None);
    let of_passwords = findings.into_iter().filter(|found| found.rule.id.starts_with("password/"));
    of_passwords.map(|found| (found.rule.id.clone(), found.expected)).collect()
}

#[test]
fn a_profile_says_what_its_standard_says() {
    let profiles = profiles().expect("readable");
    assert_eq!(
        profiles.keys().collect::<Vec<_>>(),
        PROFILES.map(|profile| profile.name).iter().collect::<Vec<_>>()
    );
    for Profile { name, with_mfa, without_mfa, composition, .. } in &PROFILES {
        let params = &profiles[*name];
        assert_eq!(params["password.min_length"], *with_mfa, "{name}");
        // It only ever raises the other; 0 says that nothing more is asked for.
        let more = if without_mfa > with_mfa { *without_mfa } else { 0 };
        assert_eq!(params["password.min_length_without_mfa"], more, "{name}");
        assert_eq!(params["password.composition"], *composition, "{name}");
        assert_eq!(params.len(), 3, "{name}: every profile has the same parameters");
    }
}

#[test]
fn the_length_of_a_password_is_judged_as_the_profile_says() {
    for Profile { name, with_mfa, without_mfa, .. } in &PROFILES {
        let pack = pack_of(name);
        let mut evaluator = pack.evaluator();
        for (mode, least) in [("ON", *with_mfa), ("OPTIONAL", *without_mfa), ("OFF", *without_mfa)] {
            for length in 6..=16 {
                let found = found(&mut evaluator, &[(MODE, json!(mode)), (LENGTH, json!(length))]);
                let short: Vec<_> = found.into_iter().filter(|(id, _)| id == "password/too_short").collect();
                let expected = ("password/too_short".to_owned(), Some(json!(least)));
                let expected: Vec<_> = (length < least).then_some(expected).into_iter().collect();
                assert_eq!(short, expected, "{name}: {length} where MFAMode is {mode}");
            }
        }
    }
}

#[test]
fn kinds_of_characters_are_judged_as_the_profile_says_and_by_one_rule_at_most() {
    for Profile { name, finds, .. } in &PROFILES {
        let pack = pack_of(name);
        let mut evaluator = pack.evaluator();
        for asked in choices() {
            let found = found(&mut evaluator, &[(CONSTRAINTS, json!(asked))]);
            let found: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
            assert_eq!(found, finds(&asked).into_iter().collect::<Vec<_>>(), "{name}: {asked:?}");
        }
    }
}

/// Who does what a finding expects is rid of it, and of all others: no profile asks for what it forbids.
#[test]
fn what_a_profile_expects_satisfies_it() {
    for Profile { name, .. } in &PROFILES {
        let pack = pack_of(name);
        let mut evaluator = pack.evaluator();
        for asked in choices() {
            let spoiled = [(CONSTRAINTS, json!(asked)), (LENGTH, json!(6)), (MODE, json!("OPTIONAL"))];
            let mut answer = with(&spoiled);
            let findings = evaluator.evaluate(&document(&answer)).findings;
            assert!(findings.iter().any(|found| found.rule.id == "mfa/optional"), "{name}");
            let mut places = BTreeSet::new();
            for found in findings {
                assert!(places.insert(found.path.clone()), "{name}: two findings at {}", found.path);
                *answer.pointer_mut(&found.path).expect("a place") = found.expected.expect("a value");
            }
            let left = evaluator.evaluate(&document(&answer)).findings;
            assert!(left.is_empty(), "{name}: {asked:?}: {:?}", essence(&left));
        }
    }
}

#[test]
fn profiles_differ_in_parameters_alone() {
    for Profile { name, .. } in &PROFILES {
        let pack = pack_of(name);
        let known: Vec<_> = pack.rules().map(|rule| (rule.id.as_str(), rule.severity)).collect();
        let usual: Vec<_> = EMBEDDED.rules().map(|rule| (rule.id.as_str(), rule.severity)).collect();
        assert_eq!(known, usual, "{name}");
        // Everything that is no password is judged alike.
        for (changes, expected) in cases() {
            let findings = pack.evaluator().evaluate(&document(&with(&changes))).findings;
            let found: Vec<_> = findings
                .iter()
                .map(|found| (found.rule.id.as_str(), found.path.as_str(), found.severity))
                .filter(|(id, ..)| !id.starts_with("password/"))
                .collect();
            let expected: Vec<_> =
                expected.into_iter().filter(|(id, ..)| !id.starts_with("password/")).collect();
            assert_eq!(found, expected, "{name}: {changes:?}");
        }
    }
}
