//! The house's own rules, held by machine: who may import whom, and that documents tell the truth.

mod documents;
mod rooms;
