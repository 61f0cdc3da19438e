// GraphQL: queries and mutations by HTTP through urql, subscriptions over one WebSocket that comes back by itself.
import { Client, fetchExchange, gql, subscriptionExchange, type TypedDocumentNode } from 'urql'
import { createClient } from 'graphql-ws'
import type { TypedDocumentString } from '../gql/graphql'
import { setConnection } from './connection'
import { language } from './language'
import { signedOut } from './session'

const NOT_AUTHENTICATED = 4403
const MOST_SECONDS_APART = 10

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

export const live = createClient({
  url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
  lazy: true,
  keepAlive: 12_000,
  retryAttempts: Infinity,
  shouldRetry: (event) => !(event instanceof CloseEvent && event.code === NOT_AUTHENTICATED),
  retryWait,
  on: {
    connected: () => setConnection('connected'),
    closed: (event) => {
      if (event instanceof CloseEvent && event.code === NOT_AUTHENTICATED) signedOut()
      else if (event instanceof CloseEvent && event.code === 1000) setConnection('idle')
      else setConnection(navigator.onLine ? 'reconnecting' : 'offline')
    },
  },
})

/** A generated operation, as urql takes it. */
export function operation<Data, Variables>(text: TypedDocumentString<Data, Variables>) {
  return gql(text.toString()) as TypedDocumentNode<Data, Variables & Record<string, unknown>>
}

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  requestPolicy: 'network-only',
  fetchOptions: () => ({ headers: { 'accept-language': language() }, credentials: 'same-origin' }),
  exchanges: [
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
