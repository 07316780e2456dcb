//! Configuration.

pub mod diagnostic;
mod files;
mod traps;
mod tree;
mod yaml;

#[cfg(test)]
mod traps_tests;
