//! A yardstick: an HTTP server of the same make that answers with so many bytes, and does nothing else.

use crate::Failure;
use axum::{Router, extract::Query, http::header, routing::get, serve::ListenerExt};
use tokio::net::TcpListener;

#[derive(serde::Deserialize)]
struct Asked {
    bytes: usize,
}

/// Answers for ever, having said where.
pub async fn bare() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::found)?;
    println!("{}", listener.local_addr().map_err(Failure::found)?);
    let listener = listener.tap_io(|stream| {
        // A line that cannot be told so is only slower.
        let _ = stream.set_nodelay(true);
    });
    let answer = async |Query(Asked { bytes }): Query<Asked>| {
        ([(header::CONTENT_TYPE, "application/json")], vec![b' '; bytes])
    };
    axum::serve(listener, Router::new().route("/", get(answer))).await.map_err(Failure::found)
}
