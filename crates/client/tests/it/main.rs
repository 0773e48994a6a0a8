//! The client against whole servers, good and hostile ones.

mod calls;
mod hostile;
mod login;
mod logout;
mod renewal;
mod world;
