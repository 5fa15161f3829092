//! What somebody who stands before the terminal sees, while it happens.

use crate::terminal::api::Text;
use crate::terminal::receipt::Receipt;
use std::sync::Arc;

/// Something that can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The screen shows this now.
    Screen(Text),
    /// The printer has printed this.
    Paper(Box<Receipt>),
    /// The line stands, or stands no more.
    Line(bool),
}

/// Called in the order of what happens, on the terminal's task: it must not block.
pub type Watcher = Arc<dyn Fn(Seen) + Send + Sync>;
