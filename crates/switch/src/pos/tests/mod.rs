//! A terminal's frames against the edge, and the edge's frames against what a terminal expects.

mod answers;
mod bounds;
mod refusals;
mod requests;
