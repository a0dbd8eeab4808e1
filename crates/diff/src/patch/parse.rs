//! Reads patches: finds where each file begins, and hands headers and hunks on.

use super::cursor::{Cursor, without_end};
use super::{Patch, body, git, name};
use crate::DiffError;

/// Parses what git, GNU diff, jsdiff and svn write: any number of files, with text before and
/// between them that is skipped.
///
/// Hunks without a header make a patch without names. `GIT binary patch` and `Binary files differ`
/// become [`Patch::is_binary`]. Header lines may end in `\r\n`; the `\r` of a hunk's line is
/// content. A text that holds no patch gives none.
///
/// # Errors
///
/// [`DiffError::PatchInvalid`] with the line: a malformed hunk header, counts that don't agree
/// with the lines, numbers above 4 294 967 295, a combined diff (`@@@`).
///
/// Complexity: linear in the text, whatever it holds.
///
/// Source: POSIX `diff -u`; git, `Documentation/diff-generate-patch.txt`.
///
/// # Example
///
/// ```
/// let patches = sealdiff_diff::parse_patch(b"--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n")?;
/// assert_eq!(patches[0].hunks[0].lines.len(), 2);
/// # Ok::<(), sealdiff_diff::DiffError>(())
/// ```
pub fn parse_patch(text: &[u8]) -> Result<Vec<Patch<'_>>, DiffError> {
    let mut parser = Parser {
        cursor: Cursor::new(text),
        done: Vec::new(),
        current: None,
        in_git_header: false,
    };
    while let Some(line) = parser.cursor.peek() {
        parser.take(line)?;
    }
    parser.finish();
    Ok(parser.done)
}

struct Parser<'p> {
    cursor: Cursor<'p>,
    done: Vec<Patch<'p>>,
    current: Option<Patch<'p>>,
    /// The lines from `diff --git` on were all of git's header. What comes after another line is
    /// text between the patches, as the next mail's, even if it begins like a header line.
    in_git_header: bool,
}

impl<'p> Parser<'p> {
    /// Takes the next line, which is `line`, and those that belong to it.
    fn take(&mut self, line: &'p [u8]) -> Result<(), DiffError> {
        if line.starts_with(b"@@ -") {
            let hunk = body::hunk(&mut self.cursor)?;
            self.current.get_or_insert_default().hunks.push(hunk);
        } else if line.starts_with(b"@@@ -") {
            let reason = "combined diffs are not supported";
            return Err(DiffError::PatchInvalid {
                line: self.cursor.line(),
                reason,
            });
        } else if line.starts_with(b"--- ") && self.second_starts_with(b"+++ ") {
            self.take_names();
        } else if line.starts_with(b"Index: ") && self.second_starts_with(b"===") {
            self.take_index(line);
        } else if let Some(names) = line.strip_prefix(b"diff --git ") {
            self.take_git(without_end(names));
        } else {
            self.take_other(without_end(line))?;
        }
        Ok(())
    }

    fn second_starts_with(&self, start: &[u8]) -> bool {
        self.cursor
            .peek_second()
            .is_some_and(|line| line.starts_with(start))
    }

    fn finish(&mut self) {
        self.done.extend(self.current.take());
    }

    /// The patch that names or an index line belong to: the current one, if it is only begun.
    fn begun(&mut self) -> &mut Patch<'p> {
        if !self.current.as_ref().is_some_and(is_begun) {
            self.finish();
        }
        self.current.get_or_insert_default()
    }

    /// A `diff --git` line begins a patch, unless svn wrote it below its `Index:` line.
    fn take_git(&mut self, names: &'p [u8]) {
        let is_index = |p: &Patch<'_>| p.index_name.is_some() && p.git.is_none();
        if !self.current.as_ref().is_some_and(is_index) {
            self.finish();
        }
        self.begun().git = Some(git::header(names));
        self.in_git_header = true;
        self.cursor.next();
    }

    fn take_names(&mut self) {
        let mut side = || {
            let line = self.cursor.next().unwrap_or_default();
            name::with_stamp(without_end(line).get(4..).unwrap_or_default())
        };
        let ((old_name, old_stamp), (new_name, new_stamp)) = (side(), side());
        let patch = self.begun();
        patch.old_name = Some(old_name);
        patch.old_stamp = old_stamp;
        patch.new_name = Some(new_name);
        patch.new_stamp = new_stamp;
    }

    fn take_index(&mut self, line: &'p [u8]) {
        self.finish();
        let index_name = without_end(line).get(7..).map(name::unquote);
        self.current = Some(Patch {
            index_name,
            ..Patch::default()
        });
        self.cursor.next();
        self.cursor.next();
    }

    /// Binary markers, git's extended header, and lines that mean nothing.
    fn take_other(&mut self, line: &'p [u8]) -> Result<(), DiffError> {
        let in_header = self
            .current
            .as_mut()
            .filter(|p| p.old_name.is_none() && p.hunks.is_empty())
            .filter(|p| p.git.is_none() || self.in_git_header);
        match in_header {
            _ if line.starts_with(b"Binary files ") && line.ends_with(b" differ") => {
                self.take_binary_files(line);
            }
            Some(patch) if is_binary_marker(line) => patch.is_binary = true,
            Some(Patch { git: Some(git), .. }) => {
                let invalid = |reason| DiffError::PatchInvalid {
                    line: self.cursor.line(),
                    reason,
                };
                self.in_git_header = git::extended(git, line).map_err(invalid)?;
            }
            _ => {}
        }
        self.cursor.next();
        Ok(())
    }

    fn take_binary_files(&mut self, line: &'p [u8]) {
        let names = name::binary_names(line);
        if !self.in_git_header && self.current.as_ref().is_some_and(|p| p.git.is_some()) {
            self.finish();
        }
        // Without names, and without a header that has them, the line is a sentence like another.
        if names.is_none() && !self.current.as_ref().is_some_and(is_begun) {
            return;
        }
        let patch = self.begun();
        patch.is_binary = true;
        if let (None, Some((old, new))) = (&patch.git, names) {
            patch.old_name = Some(old);
            patch.new_name = Some(new);
        }
    }
}

/// Says whether a patch is no more than its first headers.
fn is_begun(patch: &Patch<'_>) -> bool {
    patch.old_name.is_none() && patch.hunks.is_empty() && !patch.is_binary
}

fn is_binary_marker(line: &[u8]) -> bool {
    line == b"GIT binary patch" || line.starts_with(b"Cannot display: file marked as a binary type")
}
