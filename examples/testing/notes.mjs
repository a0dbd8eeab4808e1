// What is tested in notes.test.mjs: keeps notes sealed.
import { inspect } from 'sealdiff'

export class Notes {
  #factory
  #records = new Map()

  constructor(factory) {
    this.#factory = factory
  }

  async write(user, id, text) {
    const record = await this.#factory.session(user).seal(text, { additionalData: id })
    this.#records.set(`${user}/${id}`, record)
    return inspect(record)
  }

  async read(user, id) {
    const record = this.#records.get(`${user}/${id}`)
    return this.#factory.session(user).unsealString(record, { additionalData: id })
  }
}
