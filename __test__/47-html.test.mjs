// The page of a diff: as text, and in a browser.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite, test } from 'node:test'
import { Differ } from 'sealdiff'
import { browserOfSuite, missing } from './support/browser.mjs'
import { coded, largePair } from './support/diff.mjs'

const UNITS = ['lines', 'words', 'chars', 'graphemes', 'sentences']
const differ = new Differ()

const lines = (count, line = (at) => `line ${at}`) =>
  Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('')
const numbered = lines(60)
const changed = numbered.replace('line 20\n', 'line twenty\n').replace('line 40\n', '')

/** Everything that would do something in a page, if it were not text. */
const HOSTILE = [
  '<script>document.title = "owned"</script>',
  '</style><img src=x onerror="document.title=\'owned\'">',
  '</code></main></body><h1>owned</h1>',
  '"><svg onload=alert(1)>',
  '<!-- ',
  '&lt;b&gt; &amp;',
  '\u202eevil\u2066',
  '\x1b[31m\0\x07\r',
  '\ud800',
].join('\n')

suite('the page', () => {
  test('says what changed, and folds what did not', () => {
    const page = differ
      .linesSync(numbered, changed)
      .html({ title: 'A & B', oldName: 'v<1>', newName: 'v2' })
    for (const part of [
      '<!doctype html>\n<html lang="en">',
      '<title>A &amp; B</title>',
      '<h1>A &amp; B</h1>',
      'v&lt;1&gt;',
      '<span class="removed">2 lines removed</span>',
      '<span class="added">1 line added</span>',
      '<del><i>21</i><code>line <mark>20</mark></code></del>',
      '<ins><i>21</i><code>line <mark>twenty</mark></code></ins>',
      '<summary>17 unchanged lines</summary>',
    ]) {
      assert.ok(page.includes(part), part)
    }
  })

  test('is the same from the promise form', async () => {
    for (const unit of UNITS) {
      const diff = differ[`${unit}Sync`](numbered, changed)
      const options = { title: 'é', view: 'inline', context: 1 }
      assert.equal(await diff.htmlAsync(options), diff.html(options))
    }
  })

  test('allows its own style and nothing else', () => {
    const page = differ.linesSync('a', 'b').html()
    const [, style] = /<style>(.*?)<\/style>/s.exec(page)
    const digest = createHash('sha256').update(style).digest('base64')
    const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`
    assert.ok(page.includes(`<meta http-equiv="Content-Security-Policy" content="${policy}">`))
    assert.doesNotMatch(page, /<script|url\(|@import|https?:|style="/)
  })

  test('is well-formed whatever the texts hold', () => {
    for (const text of [HOSTILE, Buffer.from(HOSTILE), Buffer.from([0xff, 0xc3, 10, 0x80])]) {
      for (const unit of UNITS) {
        const page = differ[`${unit}Sync`]('a\n', text).html({
          title: '</title><script>',
          oldName: '<',
          newName: "'",
        })
        assert.ok(page.isWellFormed())
        assert.doesNotMatch(page, /<script|<img|<svg|<!--|[\u202a-\u202e\u2066-\u2069]/)
        assert.doesNotMatch(page.replaceAll('\n', ''), /\p{Cc}/u)
      }
    }
  })

  test('beyond its limit leaves out what it would fold, then is an error', async () => {
    const [oldText, newText] = largePair()
    const few = differ.linesSync(oldText, oldText.replace('\n  7:', '\n  seven:'))
    const page = few.html({ maxHtmlBytes: 20_000 })
    assert.ok(page.length <= 20_000)
    assert.match(page, /<span>39989 unchanged lines left out<\/span>/)
    assert.ok(few.html().includes('<summary>39989 unchanged lines</summary>'))
    const many = differ.linesSync(oldText, newText)
    const refusal = coded('ERR_DATA_TOO_LARGE', /more than the 20000 bytes/)
    assert.throws(
      () => many.html({ maxHtmlBytes: 20_000 }),
      (error) => {
        assert.match(error.hint, /maxHtmlBytes/)
        return refusal(error)
      },
    )
    await assert.rejects(many.htmlAsync({ maxHtmlBytes: 20_000 }), refusal)
  })

  test('of equal texts says so', () => {
    for (const unit of UNITS) {
      assert.match(differ[`${unit}Sync`]('a', 'a').html(), /No differences\./)
    }
  })

  test('checks its options and takes a signal', async () => {
    const diff = differ.linesSync('a', 'b')
    const cases = [
      [{ title: 1 }, 'ERR_INVALID_ARG_TYPE', /^title/],
      [{ title: '\ud800' }, 'ERR_INVALID_ARG_VALUE', /^title must be well-formed/],
      [{ oldName: 'a' }, 'ERR_INVALID_ARG_VALUE', /^newName must be given/],
      [{ view: 'split' }, 'ERR_INVALID_ARG_VALUE', /^view must be one of/],
      [{ maxHtmlBytes: 0 }, 'ERR_INVALID_ARG_VALUE', /^maxHtmlBytes/],
      [{ context: 1.5 }, 'ERR_INVALID_ARG_VALUE', /^context/],
      [{ lang: 'de' }, 'ERR_INVALID_ARG_VALUE', /^lang is not an option/],
    ]
    for (const [options, code, message] of cases) {
      assert.throws(() => diff.html(options), coded(code, message))
      await assert.rejects(diff.htmlAsync(options), coded(code, message))
    }
    assert.throws(
      () => diff.html({ signal: AbortSignal.abort() }),
      coded('ERR_INVALID_ARG_VALUE', /^signal/),
    )
    await assert.rejects(diff.htmlAsync({ signal: AbortSignal.abort() }), coded('ABORT_ERR'))
  })
})

suite('in a browser', { skip: missing }, () => {
  const openFile = browserOfSuite()

  async function open(html, options, use) {
    const wide = { viewport: { width: 1280, height: 800 }, ...options }
    await inFolder((folder) => openFile({ html, file: path.join(folder, 'diff.html') }, wide, use))
  }

  const left = (page, selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => one.getBoundingClientRect().left)

  test('stands side by side, and inline when the reader chooses', async () => {
    await open(differ.linesSync(numbered, changed).html(), {}, async (page) => {
      assert.ok((await left(page, 'ins')) > (await left(page, 'del')))
      assert.equal(await page.locator('.row code:last-child').nth(20).isVisible(), true)
      await page.getByLabel('Inline').check()
      assert.equal(await left(page, 'ins'), await left(page, 'del'))
      assert.equal(await page.locator('.row code:last-child').nth(20).isVisible(), false)
      assert.deepEqual(await page.locator('mark').allInnerTexts(), ['20', 'twenty'])
    })
  })

  test('unfolds unchanged lines', async () => {
    await open(differ.linesSync(numbered, changed).html(), {}, async (page) => {
      const line = page.locator('.row', { hasText: 'line 3' }).first()
      assert.equal(await line.isVisible(), false)
      await page.getByText('17 unchanged lines').click()
      assert.equal(await line.isVisible(), true)
    })
  })

  test('is inline where there is no room for two sides, and never wider than the window', async () => {
    const wide = numbered.replace('line 20\n', `${'x'.repeat(2000)}\n`)
    await open(
      differ.linesSync(wide, changed).html(),
      { viewport: { width: 390, height: 800 } },
      async (page) => {
        assert.equal(await page.getByLabel('Inline').isVisible(), false)
        assert.equal(await left(page, 'ins'), await left(page, 'del'))
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
      },
    )
  })

  test('is dark for readers who have it dark', async () => {
    const background = (page) => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const html = differ.wordsSync('a', 'b').html()
    await open(html, { colorScheme: 'dark' }, async (page) => {
      assert.equal(await background(page), 'rgb(13, 17, 23)')
    })
    await open(html, { colorScheme: 'light' }, async (page) => {
      assert.equal(await background(page), 'rgb(255, 255, 255)')
    })
  })

  for (const unit of UNITS) {
    test(`a hostile document stays text, by ${unit}`, async () => {
      const html = differ[`${unit}Sync`]('a\n', HOSTILE).html({
        title: 'safe',
        oldName: '<i>',
        newName: HOSTILE.toWellFormed(),
      })
      await open(html, {}, async (page) => {
        assert.equal(await page.title(), 'safe')
        assert.equal(await page.locator('script, img, svg').count(), 0)
        assert.equal(await page.locator('h1').count(), 1)
        const shown = await page.locator('main').evaluate((main) => main.textContent)
        for (const line of HOSTILE.split('\n').slice(0, 6)) assert.ok(shown.includes(line), line)
        for (const shownAs of ['\\u{202e}evil\\u{2066}', '\\x1b[31m\\x00\\x07\\r', '\\u{d800}']) {
          assert.ok(shown.includes(shownAs), shownAs)
        }
      })
    })
  }
})

async function inFolder(use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'sealdiff-html-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
