//! The runner, against whole configurations.
