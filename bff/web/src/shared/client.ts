// GraphQL: queries and mutations by HTTP through urql, subscriptions over one WebSocket that comes back by itself.
import { Client, fetchExchange, mapExchange, subscriptionExchange, type OperationResult } from 'urql'
import { createClient } from 'graphql-ws'
import { setConnection } from './connection'
import { remember } from './consistency'
import { randomKey } from './keys'
import { language } from './language'
import { patient } from './patience'
import { signedOut } from './session'

export { operation } from './documents'

const NOT_AUTHENTICATED = 4403
const MOST_SECONDS_APART = 10
const ANSWER_MS = 10_000
const PONG_MS = 5_000

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

function untilOnline(): Promise<void> {
  if (navigator.onLine) return Promise.resolve()
  setConnection('offline')
  return new Promise((resolve) => window.addEventListener('online', () => resolve(), { once: true }))
}

async function retryWait(retries: number): Promise<void> {
  setConnection(navigator.onLine ? 'reconnecting' : 'offline')
  const seconds = Math.min(0.2 * 2 ** retries, MOST_SECONDS_APART) * (0.5 + Math.random())
  await Promise.race([pause(seconds * 1000), new Promise((resolve) => window.addEventListener('online', resolve, { once: true }))])
  await untilOnline()
}

let unanswered: ReturnType<typeof setTimeout> | undefined

/** Give the connection up where nothing comes back in time: a browser does not, for minutes. */
function expectAnswer(milliseconds: number): void {
  clearTimeout(unanswered)
  unanswered = setTimeout(() => live.terminate(), milliseconds)
}

export const live = createClient({
  url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
  lazy: true,
  keepAlive: 12_000,
  connectionAckWaitTimeout: ANSWER_MS,
  retryAttempts: Infinity,
  shouldRetry: (event) => !(event instanceof CloseEvent && event.code === NOT_AUTHENTICATED),
  retryWait,
  on: {
    connecting: () => expectAnswer(ANSWER_MS),
    opened: () => clearTimeout(unanswered),
    connected: () => setConnection('connected'),
    ping: (received) => {
      if (!received) expectAnswer(PONG_MS)
    },
    pong: (received) => {
      if (received) clearTimeout(unanswered)
    },
    closed: (event) => {
      clearTimeout(unanswered)
      if (event instanceof CloseEvent && event.code === NOT_AUTHENTICATED) signedOut()
      else if (event instanceof CloseEvent && event.code === 1000) setConnection('idle')
      else setConnection(navigator.onLine ? 'reconnecting' : 'offline')
    },
  },
})

/** The codes of an answer's errors. */
export const codesOf = (result: Pick<OperationResult, 'error'>): readonly unknown[] =>
  result.error?.graphQLErrors.map((each) => each.extensions.code) ?? []

function noted(result: OperationResult): void {
  if (codesOf(result).includes('UNAUTHENTICATED')) signedOut()
  if (result.operation.kind === 'mutation') remember(result.extensions?.consistencyToken)
}

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  requestPolicy: 'network-only',
  fetch: patient(ANSWER_MS),
  // Each operation is an intention: whoever is between us and the gateway may send it again, and it is done once.
  fetchOptions: () => ({
    headers: { 'accept-language': language(), 'idempotency-key': randomKey() },
    credentials: 'same-origin',
  }),
  exchanges: [
    mapExchange({ onResult: noted }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: live.subscribe({ ...request, query: request.query ?? '' }, sink),
        }),
      }),
    }),
  ],
})
