// How operations reach the gateway: by HTTP, subscriptions by WebSocket; the session's cookie goes with both.
import type { Fetcher, FetcherParams } from '@graphiql/toolkit'
import { createClient, type Client, type Sink } from 'graphql-ws'
import { language, said } from '../shared/language'
import { signedOut } from '../shared/session'
import { note } from './noted'
import { understood } from './operation'
import { playgroundTexts } from './texts'

type Typed = Record<string, string>

const NOT_AUTHENTICATED = 4403
const ATTEMPTS = 10

/** Sockets that the cookie speaks for: they are made anew when the session changes. */
const open = new Set<Client>()

export const reconnect = () => open.forEach((client) => client.terminate())

const authorizationOf = (typed: Typed) =>
  Object.entries(typed).find(([name]) => name.toLowerCase() === 'authorization')?.[1]

function headersOf(typed: Typed): Headers {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    'accept-language': language(),
  })
  Object.entries(typed).forEach(([name, value]) => headers.set(name, value))
  return headers
}

async function ask(params: FetcherParams, typed: Typed): Promise<unknown> {
  const body = JSON.stringify(params)
  const response = await fetch('/graphql', { method: 'POST', headers: headersOf(typed), body })
  if (response.status === 401 && !authorizationOf(typed)) signedOut()
  return response.json().catch(() => {
    throw new Error(said(playgroundTexts.unreadable, { status: response.status }))
  })
}

/** What went wrong, in words. */
function reasonOf(error: unknown, typed: Typed): unknown {
  if (!(error instanceof CloseEvent)) return error
  if (error.code !== NOT_AUTHENTICATED) {
    return { message: said(playgroundTexts.closed, { code: error.code, reason: error.reason }) }
  }
  if (authorizationOf(typed)) return { message: said(playgroundTexts.typedNoGood) }
  signedOut()
  return { message: said(playgroundTexts.notSignedIn) }
}

function connect(typed: Typed): Client {
  const authorization = authorizationOf(typed)
  const client = createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: authorization ? { ...typed, Authorization: authorization } : typed,
    retryAttempts: ATTEMPTS,
    shouldRetry: (event) => !(event instanceof CloseEvent && event.code === NOT_AUTHENTICATED),
  })
  if (!authorization) open.add(client)
  return client
}

function watch(params: FetcherParams, typed: Typed) {
  return {
    subscribe(sink: Sink<unknown>) {
      const client = connect(typed)
      const stop = client.subscribe(params, {
        next: (result) => sink.next(result),
        error: (error) => sink.error(reasonOf(error, typed)),
        complete: () => {
          open.delete(client)
          sink.complete()
        },
      })
      return { unsubscribe: stop }
    },
  }
}

export const fetcher = ((params, options) => {
  const typed = (options?.headers ?? {}) as Typed
  const { request, subscribes } = understood(params)
  return subscribes ? watch(request, typed) : ask(request, typed).then(note)
}) as Fetcher
