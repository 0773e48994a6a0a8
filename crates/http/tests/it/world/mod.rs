//! A broker behind its router, a browser before it, and a client in the middle.

mod answer;
mod browser;
mod client;
mod parts;

pub(crate) use answer::Answer;
pub(crate) use browser::Browser;
pub(crate) use client::{Client, Redirect};
pub(crate) use parts::{Parts, TENANT, World, form, local};
