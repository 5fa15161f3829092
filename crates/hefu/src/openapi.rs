//! `hefu openapi`: the description of the HTTP interface, as the gateway serves it.

use crate::{Failure, demo, say};
use utoipa::openapi::OpenApi;

/// What to print.
#[derive(clap::Args)]
pub struct Args {
    /// As a demonstration serves it: with the virtual POS.
    #[arg(long)]
    demo: bool,
}

/// Prints it.
///
/// # Errors
/// It cannot be written as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    say(text(&description(args.demo))?);
    Ok(())
}

fn description(demo: bool) -> OpenApi {
    hefu_console::description(demo.then(demo::virtual_pos))
}

fn text(description: &OpenApi) -> Result<String, Failure> {
    description.to_pretty_json().map_err(Failure::found)
}
