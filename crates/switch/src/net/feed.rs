//! The way to the node.

use hefu_engine::Input;
use std::{fmt, sync::Arc, time::Duration};

/// The node's door, as the switch knocks at it.
pub trait Door: Send + Sync + 'static {
    /// Hands an input to the engine. Never waits.
    ///
    /// # Errors
    /// The node has enough to do; the input comes back.
    fn submit(&self, input: Input) -> Result<(), Busy>;
}

/// An input that the node did not take.
pub struct Busy(pub Box<Input>);

/// Shows no content.
impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Busy")
    }
}

/// Hands in what must not be lost (what a bank said, what was never sent), however long the node is busy. The caller
/// takes nothing more in meanwhile, so that what waits is bounded.
pub(super) async fn feed(door: &Arc<dyn Door>, inputs: impl IntoIterator<Item = Input>) {
    for input in inputs {
        let mut waiting = door.submit(input);
        while let Err(Busy(input)) = waiting {
            tokio::time::sleep(RETRY).await;
            waiting = door.submit(*input);
        }
    }
}

const RETRY: Duration = Duration::from_millis(2);
