// graphql-ws, as it comes. Says all that happens to it; reads lines: `<id> <query>`, or `<id>` to stop that one.
// Arguments: addresses and tokens, each a JSON list: every connection takes the next one, and the last again and again.
import { createInterface } from 'node:readline'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const [addresses, tokens] = process.argv.slice(2).map((argument) => JSON.parse(argument))
const next = (list) => (list.length > 1 ? list.shift() : list[0])
const say = (said) => console.log(JSON.stringify(said))

class Pinged extends WebSocket {
  constructor(...given) {
    super(...given)
    this.on('ping', () => say({ event: 'ping' }))
  }
}

const client = createClient({
  url: () => next(addresses),
  connectionParams: () => ({ Authorization: `Bearer ${next(tokens)}` }),
  webSocketImpl: Pinged,
  lazyCloseTimeout: 5000,
  retryAttempts: 50,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: {
    connected: () => say({ event: 'connected' }),
    closed: ({ code, reason }) => say({ event: 'closed', code, reason }),
  },
})

const stops = {}
for await (const line of createInterface(process.stdin)) {
  const [, id, query] = line.match(/^(\w+) ?(.*)$/)
  if (!query) stops[id]()
  else
    stops[id] = client.subscribe({ query }, {
      next: (result) => say({ id, next: result }),
      error: (error) => say({ id, error: error.code ?? error }),
      complete: () => say({ id, event: 'complete' }),
    })
}
