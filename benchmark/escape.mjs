// Text inside HTML and SVG: names of cases, peers and machines come from elsewhere, and stay text.

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** Control characters, those that turn the direction of writing, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** @param {unknown} value @returns {string} well-formed both in text and in a quoted attribute */
export function escapeText(value) {
  return String(value)
    .replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0).toString(16)}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character])
}
