// graphql-sse subscribes, and says what it meets. Arguments: the address, an operation, and tokens: each
// connection takes the next of them, and the last for ever. Ends with the operation, or where its input ends.
import { createClient } from 'graphql-sse'

const [url, query, ...tokens] = process.argv.slice(2)
const say = (what) => console.log(JSON.stringify(what))
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const client = createClient({
  url,
  headers: () => ({ authorization: `Bearer ${tokens.length > 1 ? tokens.shift() : tokens[0]}` }),
  retry: () => wait(50),
  on: { connecting: (again) => say({ connecting: again }) },
})
const leave = () => process.exit(0)
client.subscribe(
  { query },
  {
    next: (result) => say({ next: result }),
    error: (error) => { say({ error: error.message, status: error.response?.status }); leave() },
    complete: () => { say({ complete: true }); leave() },
  },
)
process.stdin.on('end', leave).resume()
