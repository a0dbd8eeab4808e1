//! What stands before the hunks: nothing, two names, or git's extended header.

use super::quote::{quote_git, quote_gnu};

/// The name of the side that doesn't exist.
const DEV_NULL: &[u8] = b"/dev/null";

/// An ordinary file, for sides whose mode isn't given.
pub(crate) const REGULAR_MODE: u32 = 0o100_644;

/// The header of a unified diff. Names are bytes, as file systems have them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Header<'n> {
    /// No header.
    #[default]
    None,
    /// `---` and `+++` with names, quoted as GNU diff does, without timestamps.
    Plain {
        /// Name of the old file.
        old: &'n [u8],
        /// Name of the new file.
        new: &'n [u8],
    },
    /// A file that git changed; names get the prefixes `a/` and `b/`. `index` lines aren't
    /// written: they need object names.
    GitChanged {
        /// The old file.
        old: GitFile<'n>,
        /// The new file.
        new: GitFile<'n>,
    },
    /// A file that git adds.
    GitAdded(GitFile<'n>),
    /// A file that git deletes.
    GitDeleted(GitFile<'n>),
}

/// A file as git knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GitFile<'n> {
    /// Its path, with `/` and without a prefix.
    pub name: &'n [u8],
    /// Its mode, as `0o100644`; `None` if unknown.
    pub mode: Option<u32>,
}

impl Header<'_> {
    /// Writes git's lines before the names. Without hunks they stand only if they say something:
    /// a file that appears or goes, or a change of mode.
    pub(super) fn write_opening(&self, out: &mut Vec<u8>, has_hunks: bool) {
        match self {
            Self::None | Self::Plain { .. } => {}
            Self::GitChanged { old, new } => {
                let modes = old.mode.zip(new.mode).filter(|(old, new)| old != new);
                if has_hunks || modes.is_some() {
                    write_git_line(out, old.name, new.name);
                }
                if let Some((old, new)) = modes {
                    write_mode(out, b"old mode ", old);
                    write_mode(out, b"new mode ", new);
                }
            }
            Self::GitAdded(file) => {
                write_git_line(out, file.name, file.name);
                write_mode(out, b"new file mode ", file.mode.unwrap_or(REGULAR_MODE));
            }
            Self::GitDeleted(file) => {
                write_git_line(out, file.name, file.name);
                write_mode(
                    out,
                    b"deleted file mode ",
                    file.mode.unwrap_or(REGULAR_MODE),
                );
            }
        }
    }

    /// Writes the `---` and `+++` lines.
    pub(super) fn write_names(&self, out: &mut Vec<u8>) {
        match self {
            Self::None => {}
            Self::Plain { old, new } => {
                write_line(out, b"--- ", &quote_gnu(old), false);
                write_line(out, b"+++ ", &quote_gnu(new), false);
            }
            Self::GitChanged { old, new } => {
                write_git_name(out, b"--- ", b"a/", Some(old.name));
                write_git_name(out, b"+++ ", b"b/", Some(new.name));
            }
            Self::GitAdded(file) => {
                write_git_name(out, b"--- ", b"a/", None);
                write_git_name(out, b"+++ ", b"b/", Some(file.name));
            }
            Self::GitDeleted(file) => {
                write_git_name(out, b"--- ", b"a/", Some(file.name));
                write_git_name(out, b"+++ ", b"b/", None);
            }
        }
    }
}

fn write_git_line(out: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    out.extend_from_slice(b"diff --git ");
    out.extend_from_slice(&quote_git(&[b"a/", old].concat()));
    out.push(b' ');
    out.extend_from_slice(&quote_git(&[b"b/", new].concat()));
    out.push(b'\n');
}

fn write_mode(out: &mut Vec<u8>, label: &[u8], mode: u32) {
    out.extend_from_slice(label);
    out.extend_from_slice(format!("{mode:06o}\n").as_bytes());
}

fn write_git_name(out: &mut Vec<u8>, label: &[u8], prefix: &[u8], name: Option<&[u8]>) {
    match name {
        None => write_line(out, label, DEV_NULL, false),
        // git marks the end of a name with spaces by a TAB, quoted or not.
        Some(name) => {
            let quoted = quote_git(&[prefix, name].concat()).into_owned();
            write_line(out, label, &quoted, name.contains(&b' '));
        }
    }
}

fn write_line(out: &mut Vec<u8>, label: &[u8], name: &[u8], has_tab: bool) {
    out.extend_from_slice(label);
    out.extend_from_slice(name);
    if has_tab {
        out.push(b'\t');
    }
    out.push(b'\n');
}
