//! The one integration-test binary: each dependency is linked once.

#![cfg(test)]

mod architecture;
mod cli;
mod common;
mod examples;
mod fleet_reports;
mod live;
mod loopback;
