//! Patches as plain JavaScript objects. What a patch doesn't say is absent.

use std::borrow::Cow;

use napi::Either;
use napi::bindgen_prelude::Null;
use napi_derive::napi;
use sealdiff_diff::{GitHeader, GitIndex, Patch, PatchBytes};

use crate::diff::hunk::HunkFields;
use crate::diff::text::Text;

/// The changes of one file.
#[napi(object)]
pub(crate) struct PatchFields<'a> {
    #[napi(ts_type = "string | Uint8Array | null")]
    pub old_name: Either<Text<'a>, Null>,
    #[napi(ts_type = "string | Uint8Array | null")]
    pub new_name: Either<Text<'a>, Null>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub old_header: Option<Text<'a>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub new_header: Option<Text<'a>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub index: Option<Text<'a>>,
    pub git: Option<GitFields<'a>>,
    pub is_binary: bool,
    pub hunks: Vec<HunkFields<'a>>,
}

/// What git says before the names.
#[napi(object)]
pub(crate) struct GitFields<'a> {
    #[napi(ts_type = "string | Uint8Array")]
    pub old_name: Text<'a>,
    #[napi(ts_type = "string | Uint8Array")]
    pub new_name: Text<'a>,
    pub old_mode: Option<u32>,
    pub new_mode: Option<u32>,
    pub is_new: bool,
    pub is_deleted: bool,
    pub similarity: Option<u32>,
    pub dissimilarity: Option<u32>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub rename_from: Option<Text<'a>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub rename_to: Option<Text<'a>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub copy_from: Option<Text<'a>>,
    #[napi(ts_type = "string | Uint8Array | undefined")]
    pub copy_to: Option<Text<'a>>,
    pub index: Option<GitIndexFields<'a>>,
}

/// Git's `index` line.
#[napi(object)]
pub(crate) struct GitIndexFields<'a> {
    #[napi(ts_type = "string | Uint8Array")]
    pub old: Text<'a>,
    #[napi(ts_type = "string | Uint8Array")]
    pub new: Text<'a>,
    pub mode: Option<u32>,
}

impl<'a> PatchFields<'a> {
    /// The fields of a patch of the core.
    pub(super) fn of(patch: Patch<'a>, are_strings: bool) -> Self {
        let text = |bytes| text(bytes, are_strings);
        let name =
            |name: Option<PatchBytes<'a>>| name.map_or(Either::B(Null), |n| Either::A(text(n)));
        let hunk = |hunk| HunkFields::of_patch(hunk, are_strings);
        Self {
            old_name: name(patch.old_name),
            new_name: name(patch.new_name),
            old_header: patch.old_stamp.map(text),
            new_header: patch.new_stamp.map(text),
            index: patch.index_name.map(text),
            git: patch.git.map(|git| GitFields::of(git, are_strings)),
            is_binary: patch.is_binary,
            hunks: patch.hunks.iter().map(hunk).collect(),
        }
    }

    /// Whether no text of it is bytes.
    pub(super) fn is_string(&self) -> bool {
        let names = [&self.old_name, &self.new_name]
            .into_iter()
            .filter_map(given);
        let headers = [&self.old_header, &self.new_header, &self.index];
        let sections = self.hunks.iter().filter_map(|hunk| hunk.section.as_ref());
        let lines = self.hunks.iter().flat_map(|hunk| &hunk.lines);
        names
            .chain(headers.into_iter().flatten())
            .chain(sections)
            .chain(lines)
            .all(|text| text.is_string)
            && self.git.as_ref().is_none_or(GitFields::is_string)
    }
}

impl<'a> GitFields<'a> {
    fn of(git: GitHeader<'a>, are_strings: bool) -> Self {
        let text = |bytes| text(bytes, are_strings);
        let index = |index: GitIndex<'a>| GitIndexFields {
            old: text(index.old),
            new: text(index.new),
            mode: index.mode,
        };
        Self {
            old_name: text(git.old_name),
            new_name: text(git.new_name),
            old_mode: git.old_mode,
            new_mode: git.new_mode,
            is_new: git.is_new,
            is_deleted: git.is_deleted,
            similarity: git.similarity.map(u32::from),
            dissimilarity: git.dissimilarity.map(u32::from),
            rename_from: git.rename_from.map(text),
            rename_to: git.rename_to.map(text),
            copy_from: git.copy_from.map(text),
            copy_to: git.copy_to.map(text),
            index: git.index.map(index),
        }
    }

    fn is_string(&self) -> bool {
        let moved = [
            &self.rename_from,
            &self.rename_to,
            &self.copy_from,
            &self.copy_to,
        ];
        let index = self.index.iter().flat_map(|index| [&index.old, &index.new]);
        [&self.old_name, &self.new_name]
            .into_iter()
            .chain(moved.into_iter().flatten())
            .chain(index)
            .all(|text| text.is_string)
    }
}

/// The name, if there is one.
pub(super) fn given<'t, 'a>(name: &'t Either<Text<'a>, Null>) -> Option<&'t Text<'a>> {
    match name {
        Either::A(name) => Some(name),
        Either::B(Null) => None,
    }
}

fn text(bytes: Cow<'_, [u8]>, is_string: bool) -> Text<'_> {
    Text { bytes, is_string }
}
