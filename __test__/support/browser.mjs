// Debian's Chromium, for what is tested as a reader sees it; where it is missing such tests are skipped, not in CI.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Why there is no browser, or false. */
export const missing = !existsSync(CHROMIUM) && `${CHROMIUM} is missing: apt-get install chromium`
if (missing && process.env.CI) throw new Error(missing)

/**
 * For a suite: starts a browser before its tests and ends it after them. Gives a function that writes a page to a
 * file and opens it, as a reader would; it fails if the page says anything to the console or loads anything.
 */
export function browserOfSuite() {
  let browser
  before(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    })
  })
  after(() => browser?.close())

  return async function open({ html, file }, options, use) {
    const page = await browser.newPage(options)
    const said = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('request', (request) => said.push(request.url()))
    await writeFile(file, html)
    const url = pathToFileURL(file).href
    await page.goto(url)
    await use(page)
    assert.deepEqual(said, [url])
    await page.close()
  }
}
