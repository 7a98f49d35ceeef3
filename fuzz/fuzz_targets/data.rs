//! A file of data. Its first byte tells the format.

#![no_main]

use fuzzed::OWN_PACK;
use libfuzzer_sys::fuzz_target;

/// The data of this folder is `data.found`.
const FILES: [&str; 3] = ["policies/found/data.json", "policies/found/data.yaml", "policies/found/data.toml"];

const RULE: &str =
    "package acme\n\ndeny contains sprintf(\"%v %v\", [place, value]) if walk(data.found, [place, value])\n";

fuzz_target!(|input: &[u8]| {
    if let Some((format, text)) = input.split_first() {
        let file = FILES[usize::from(*format) % FILES.len()];
        fuzzed::audit(OWN_PACK, &[("policies/acme.rego", RULE.as_bytes()), (file, text)]);
    }
});
