//! How the rules answer.
