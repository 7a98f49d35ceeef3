//! A Rego file of a user's pack.

#![no_main]

use fuzzed::{OWN_PACK, mutation};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|text: &[u8]| fuzzed::audit(OWN_PACK, &[("policies/acme.rego", text)]));

fuzz_mutator!(|data: &mut [u8], size: usize, longest: usize, seed: u32| {
    match std::str::from_utf8(&data[..size]) {
        Ok(text) if !seed.is_multiple_of(3) => {
            let text = mutation::mutated(text, longest, seed);
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => fuzzer_mutate(data, size, longest),
    }
});
