//! Configuration.

pub mod diagnostic;
mod files;
mod include;
mod interpolate;
mod item;
mod traps;
mod tree;
mod wording;
mod yaml;

#[cfg(test)]
mod traps_tests;
