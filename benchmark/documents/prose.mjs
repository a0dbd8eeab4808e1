// Paragraphs of words, and the same with a word changed, added or removed here and there.
import { randomSource } from './random.mjs'

const WORDS =
  'the old clerk wrote a long letter to every town on the river and kept one copy of each in a drawer'.split(
    ' ',
  )

/** @param {number} count of words @returns {[string, string]} */
export function prosePair(count) {
  const random = randomSource(3)
  const words = Array.from({ length: count }, () => WORDS[random(WORDS.length)])
  const changed = words.flatMap((word) => {
    const die = random(150)
    return die === 0 ? ['letters'] : die === 1 ? [word, 'again'] : die === 2 ? [] : [word]
  })
  return [paragraphs(words), paragraphs(changed)]
}

function paragraphs(words) {
  const sentence = (n) => (n % 60 === 59 ? '.\n' : n % 12 === 11 ? ', ' : ' ')
  return words.map((word, n) => word + sentence(n)).join('')
}
