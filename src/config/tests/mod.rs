//! What a person sees, and what a configuration becomes.

mod traps;
