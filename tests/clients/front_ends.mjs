// What schema/FRONT_ENDS.md tells front ends to do, done. Arguments: a directory with its snippets, the address, a
// token. It says what it sees; a line that it reads has it cut its connections.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { WebSocket } from 'ws'

const [directory, url, token] = process.argv.slice(2)
const module = (name) => import(pathToFileURL(`${directory}/${name}.mjs`))
const say = (what) => console.log(JSON.stringify(what))

const { signInBy } = await module('store')
const { Orders } = await module('orders')
const { watch } = await module('watch')
const { follow } = await module('follow')
const { orderAndShow } = await module('order')
signInBy(async () => token)

const sockets = new Set()
class Cut extends WebSocket {
  constructor(...how) {
    super(...how)
    sockets.add(this)
    this.on('close', () => sockets.delete(this))
  }
}
let cuts = new AbortController()
const fetchFn = (address, how) => fetch(address, { ...how, signal: AbortSignal.any([how.signal, cuts.signal]) })

class Told extends Orders {
  set(id, order) {
    say({ id, status: order.status, version: order.version })
    return super.set(id, order)
  }
}

const { outcome, stale, edges } = await orderAndShow(url, { fruitId: 'apple', quantity: 2, address: '서울' })
say({ outcome: outcome.__typename, stale, shown: edges.some(({ node }) => node.id === outcome.order.id) })

const all = new Told()
const client = await watch(url, all, { webSocketImpl: Cut, retryWait: async () => {} })
const one = new Orders()
const followed = follow(url, outcome.order.id, one, { fetchFn, retry: async () => {} })
const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
await lines.next()
for (const socket of sockets) socket.terminate()
cuts.abort(new TypeError('the connection was cut'))
cuts = new AbortController()
say({ cut: true })
await followed
say({ followed: one.get(outcome.order.id).status })
await lines.next()
await client.dispose()
process.exit(0)
