//! The one integration-test binary: each dependency is linked once.

mod architecture;
mod cli;
mod common;
mod examples;
