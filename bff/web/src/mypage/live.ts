// Keeps a customer's orders up to date: reads the first page, and follows all that changes from there on.
import { MyOrderUpdatesDocument, type MyOrderUpdatesSubscription } from '../gql/graphql'
import { live } from '../shared/client'
import { textOf } from '../shared/documents'
import { pause, untilDone } from '../shared/patience'
import { signedOut } from '../shared/session'
import { tell } from './news'
import { listBegun, listRefreshed, ordersHeard, ordersOf, type Order } from './orders'
import { readPage } from './reading'
import { troubleIs } from './troubles'
import { troubleOf, type Trouble } from './trouble'

interface Extensions {
  resume?: unknown
}

/** After so long without a connection the first page is read again, besides what the subscription brings. */
const LONG_MS = 60_000
const PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30_000

/** Begin; what is returned ends it. */
export function watch(customerId: string): () => void {
  const leaving = new AbortController()
  void keepWatching(customerId, leaving.signal)
  return () => leaving.abort()
}

async function keepWatching(customerId: string, signal: AbortSignal): Promise<void> {
  let from: string | null = null
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      from ??= await beginList(customerId, signal)
      troubleIs(null)
      await follow(customerId, from, signal, (here) => {
        from = here
        failures = 0
      })
    } catch (failure) {
      if (signal.aborted) return
      const trouble = troubleOf(failure)
      troubleIs(trouble.kind === 'refused' ? null : trouble)
      if (trouble.kind === 'signedOut') return signedOut()
      if (trouble.kind === 'refused') from = null
      await pause(waitMs(trouble, failures), signal)
    }
  }
}

function waitMs(trouble: Trouble, failures: number): number {
  if (trouble.kind === 'busy') return trouble.afterMs
  if (trouble.kind === 'refused' && failures === 0) return 0
  return Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
}

async function beginList(customerId: string, signal: AbortSignal): Promise<string> {
  const { page, resumeFrom } = await readPage()
  listBegun(customerId, page)
  if (page.stale) refresh(customerId, signal)
  return resumeFrom
}

/** Read the first page again, until it lacks nothing that this page was told. */
function refresh(customerId: string, signal: AbortSignal): void {
  void untilDone(async () => {
    const { page } = await readPage()
    if (signal.aborted) return
    listRefreshed(customerId, page)
    if (page.stale) throw new Error('still behind')
  }, signal)
}

/** Take in what changes, until the signal ends it; rejects where the gateway ends it. `at` hears where to go on from. */
function follow(customerId: string, from: string, signal: AbortSignal, at: (here: string) => void): Promise<void> {
  const payload = { query: textOf(MyOrderUpdatesDocument), variables: { after: from } }
  const ends = new AbortController()
  whileConnected(() => refresh(customerId, signal), ends.signal)
  return new Promise<void>((resolve, reject) => {
    const stop = live.subscribe<MyOrderUpdatesSubscription, Extensions>(payload, {
      next: ({ data, errors, extensions }) => {
        if (errors) return (stop(), reject(errors))
        if (data) heard(customerId, data.myOrderUpdates)
        if (typeof extensions?.resume !== 'string') return
        payload.variables.after = extensions.resume
        at(extensions.resume)
      },
      error: reject,
      complete: () => (signal.aborted ? resolve() : reject(new Error('ended'))),
    })
    signal.addEventListener('abort', () => (stop(), resolve()), { once: true, signal: ends.signal })
  }).finally(() => ends.abort())
}

function heard(customerId: string, order: Order): void {
  const known = ordersOf(customerId).byId.get(order.id)
  ordersHeard(customerId, [order])
  if (!known || (known.version < order.version && known.status !== order.status)) tell(order)
}

/** Notice at once when the network goes, and say when the connection is back after it was long away. */
function whileConnected(backAfterLong: () => void, signal: AbortSignal): void {
  let since: number | undefined
  const quiet = [
    live.on('closed', (event) => {
      since ??= Date.now()
      if (event instanceof CloseEvent && event.code === 1013) troubleIs(troubleOf(event))
    }),
    live.on('connected', () => {
      if (since !== undefined && Date.now() - since > LONG_MS) backAfterLong()
      since = undefined
      troubleIs(null)
    }),
  ]
  window.addEventListener('offline', () => live.terminate(), { signal })
  signal.addEventListener('abort', () => quiet.forEach((each) => each()), { once: true })
}
