use std::path::PathBuf;

/// Why a task could not even begin. A step that ran and failed is not a refusal: see [`crate::steps`].
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{program} cannot be started: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    #[error("HEFU_TOOLS names {path}, which has files in it but is no Python environment: nothing was touched",
        path = .0.display())]
    NotAnEnvironment(PathBuf),
    #[error("the workspace has no benchmark")]
    NoBenchmark,
}
