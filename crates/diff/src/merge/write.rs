//! Writes a merged text with the markers of its conflicts. Decides nothing.

use std::ops::Range;

use super::{Conflict, ConflictStyle, Kind, Lines, MergeOptions, Region, Sides};

/// The text, and where its conflicts are.
pub(super) fn write(
    sides: &Sides<'_>,
    regions: &[Region],
    options: &MergeOptions<'_>,
) -> (Vec<u8>, Vec<Conflict>) {
    let mut out = Out {
        text: Vec::with_capacity(sides.ours.0.len().max(sides.theirs.0.len())),
        lines: 0,
    };
    let (mut conflicts, mut at) = (Vec::new(), 0);
    for region in regions {
        out.lines(sides.ours, &(at..region.ours.start));
        match region.kind {
            Kind::Ours => out.lines(sides.ours, &region.ours),
            Kind::Theirs => out.lines(sides.theirs, &region.theirs),
            Kind::Conflict => conflicts.push(out.conflict(sides, region, options)),
        }
        at = region.ours.end;
    }
    out.lines(sides.ours, &(at..sides.ours.len()));
    (out.text, conflicts)
}

/// A text that grows by whole lines.
struct Out {
    text: Vec<u8>,
    lines: u64,
}

impl Out {
    /// Appends lines. A line without `\n` can stand before others only if white space is ignored,
    /// line ends with it; it gets one.
    fn lines(&mut self, from: Lines<'_>, lines: &Range<u32>) {
        if lines.is_empty() {
            return;
        }
        self.end_line(false);
        self.text.extend_from_slice(from.bytes(lines));
        self.lines += lines.len() as u64;
    }

    fn conflict(
        &mut self,
        sides: &Sides<'_>,
        region: &Region,
        options: &MergeOptions<'_>,
    ) -> Conflict {
        let start = self.lines;
        let is_crlf = is_crlf(sides, region);
        self.end_line(is_crlf);
        self.part(b'<', options.labels.ours, is_crlf);
        self.side(sides.ours, &region.ours, is_crlf);
        if options.style != ConflictStyle::Merge {
            self.part(b'|', options.labels.base, is_crlf);
            self.side(sides.base, &region.base, is_crlf);
        }
        self.part(b'=', b"", is_crlf);
        self.side(sides.theirs, &region.theirs, is_crlf);
        self.part(b'>', options.labels.theirs, is_crlf);
        Conflict {
            base: region.base.clone(),
            ours: region.ours.clone(),
            theirs: region.theirs.clone(),
            merged: start..self.lines,
        }
    }

    /// Appends the lines of one side; a marker follows, so the last one needs its end.
    fn side(&mut self, from: Lines<'_>, lines: &Range<u32>, is_crlf: bool) {
        self.lines(from, lines);
        self.end_line(is_crlf);
    }

    fn part(&mut self, marker: u8, label: &[u8], is_crlf: bool) {
        const MARKER_LEN: usize = 7;
        self.text.extend_from_slice(&[marker; MARKER_LEN]);
        if !label.is_empty() {
            self.text.push(b' ');
            self.text.extend_from_slice(label);
        }
        self.text.extend_from_slice(line_end(is_crlf));
        self.lines += 1;
    }

    /// Ends a last line that has no `\n`.
    fn end_line(&mut self, is_crlf: bool) {
        if self.text.last().is_some_and(|&last| last != b'\n') {
            self.text.extend_from_slice(line_end(is_crlf));
        }
    }
}

fn line_end(is_crlf: bool) -> &'static [u8] {
    if is_crlf { b"\r\n" } else { b"\n" }
}

/// Says whether markers end in `\r\n`: if the base does, and neither side does otherwise before the
/// conflict.
fn is_crlf(sides: &Sides<'_>, region: &Region) -> bool {
    let before = |from, start: u32| ends_in_crlf(from, start.saturating_sub(1));
    before(sides.ours, region.ours.start) != Some(false)
        && before(sides.theirs, region.theirs.start) != Some(false)
        && ends_in_crlf(sides.base, 0) == Some(true)
}

/// Whether a line ends in `\r\n`. A last line without end is judged by the one before it; `None`
/// where there is none.
fn ends_in_crlf(from: Lines<'_>, line: u32) -> Option<bool> {
    let text = (line < from.len()).then(|| from.get(line))?;
    if text.ends_with(b"\n") {
        Some(text.ends_with(b"\r\n"))
    } else {
        let before = line.checked_sub(1)?;
        Some(from.get(before).ends_with(b"\r\n"))
    }
}
