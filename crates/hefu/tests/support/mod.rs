//! What the black-box tests share: the program's processes, a terminal in Python, and the books compared.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod books;
pub mod chance;
pub mod peer;
pub mod person;
pub mod process;
pub mod scenes;
pub mod till;
pub mod world;
