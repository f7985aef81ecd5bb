//! A plugin in Rust that masks e-mail addresses, card numbers and a code name in a text, before it goes to somebody
//! who need not know them. `plugin.rs` is what it does; `edge.rs` is the template's, as it is.

#![deny(unsafe_op_in_unsafe_fn)]

mod edge;
mod find;
mod json;
mod plugin;
