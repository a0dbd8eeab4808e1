// A package registry on this machine that knows the packed tarballs and nothing else: what `npm install sealdiff`
// will do, optional dependencies and their os, cpu and libc included, before anything is published.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

export class Registry {
  #server = createServer((request, response) => this.#answer(request, response))
  /** @type {Map<string, { manifest: object, tarball: Buffer }>} */
  #packages = new Map()

  /** @param {string[]} tarballs files that `npm pack` wrote */
  static async open(tarballs) {
    const registry = new Registry()
    for (const file of tarballs) registry.#add(readFileSync(file))
    await new Promise((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  get names() {
    return [...this.#packages.keys()]
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #add(tarball) {
    const manifest = JSON.parse(fileInTar(gunzipSync(tarball), 'package/package.json'))
    this.#packages.set(manifest.name, { manifest, tarball })
  }

  #answer({ url }, response) {
    const [name, isTarball] = decodeURIComponent(path.posix.normalize(url)).slice(1).split('/-/')
    const found = this.#packages.get(name)
    if (!found) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}')
    } else if (isTarball) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.tarball)
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(this.#document(found))
    }
  }

  #document({ manifest, tarball }) {
    const { name, version } = manifest
    const dist = {
      tarball: `${this.url}/${name}/-/${name}-${version}.tgz`,
      shasum: createHash('sha1').update(tarball).digest('hex'),
      integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    }
    // Long published, for package managers that wait with what is new.
    const time = { [version]: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z' }
    const versions = { [version]: { ...manifest, dist } }
    return JSON.stringify({ name, 'dist-tags': { latest: version }, versions, time })
  }
}

/** The text of one file of an uncompressed tar archive: headers of 512 bytes, contents in blocks of 512. */
function fileInTar(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const length = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    if (name === wanted) return tar.toString('utf8', at + 512, at + 512 + length)
    at += 512 + Math.ceil(length / 512) * 512
  }
  throw new Error(`${wanted} is not in the tarball`)
}
