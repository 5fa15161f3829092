//! The files of the project, as a reviewer sees them: no build output, no databases.

use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours, wherever they stand.
const SKIPPED_FOLDERS: [&str; 4] = [".git", "target", "node_modules", "hefu-data"];
/// Files that a running Hefu leaves behind.
const SKIPPED_ENDINGS: [&str; 3] = [".db", ".db-wal", ".db-shm"];
/// No text of ours is longer; a longer one would slow every rule down.
const LONGEST: u64 = 8 << 20;
const DEEPEST: usize = 16;
const CHANGED: &str = "the tree changed while it was read";

/// One text file.
pub struct Text {
    /// Relative to the workspace, with `/` between the parts.
    pub path: String,
    pub content: String,
}

impl Text {
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// All text files, in the order of their paths. What is not UTF-8 is no text.
pub fn texts() -> Vec<Text> {
    let root = xtask::workspace::root();
    let texts = texts_below(root, root);
    assert!(texts.iter().any(|text| text.path == "xtask/tests/tidy/tree.rs"), "the walk missed this file");
    texts
}

/// The text files below one folder of the workspace, such as `crates/tally/src`.
pub fn texts_in(folder: &str) -> Vec<Text> {
    let root = xtask::workspace::root();
    texts_below(root, &root.join(folder))
}

fn texts_below(root: &Path, folder: &Path) -> Vec<Text> {
    let mut files = Vec::new();
    walk(folder, 0, &mut files);
    files.sort();
    let text = |path: PathBuf| {
        let content = String::from_utf8(std::fs::read(&path).expect(CHANGED)).ok()?;
        let parts =
            path.strip_prefix(root).expect("it was found below").iter().map(|part| part.to_string_lossy());
        Some(Text { path: parts.collect::<Vec<_>>().join("/"), content })
    };
    files.into_iter().filter_map(text).collect()
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    assert!(depth < DEEPEST, "{} lies too deep", folder.display());
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.expect(CHANGED);
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect(CHANGED);
        if kind.is_dir() && !SKIPPED_FOLDERS.contains(&name.as_str()) {
            walk(&entry.path(), depth + 1, files);
        } else if kind.is_file() && !SKIPPED_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            let size = entry.metadata().expect(CHANGED).len();
            assert!(size <= LONGEST, "{} has {size} bytes", entry.path().display());
            files.push(entry.path());
        }
    }
}
