//! The text of a METADATA block, above a rule that is right and asks for it.

#![no_main]

use fuzzed::OWN_PACK;
use libfuzzer_sys::fuzz_target;

const RULE: &str = "deny contains rego.metadata.chain()[0].annotations if input.Target.Id != \"\"\n";

fuzz_target!(|text: &[u8]| {
    let text = String::from_utf8_lossy(text);
    let block: String = text.split('\n').map(|line| format!("# {line}\n")).collect();
    let policy = format!("package acme.metadata\n\n# METADATA\n{block}{RULE}");
    fuzzed::audit(OWN_PACK, &[("policies/acme.rego", policy.as_bytes())]);
});
