//! The smallest whole plugin in Rust. To make it yours:
//!
//! 1. `manifest.json`: name, version, type, and the actions that you have;
//! 2. `plugin.rs`: one branch for each action, and the configuration if there is one;
//! 3. `Cargo.toml`: the name of the library.
//!
//! `edge.rs` stays as it is.

#![deny(unsafe_op_in_unsafe_fn)]

mod edge;
mod plugin;
