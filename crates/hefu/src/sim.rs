//! `hefu sim`: runs seeds of the simulator.

use crate::{Context, Failure};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_context: &Context, _args: &Args) -> Result<(), Failure> {
    Err(Failure::misuse("the simulator is not built in yet"))
}
