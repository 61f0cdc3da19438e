// What can go wrong between this page and the gateway, as far as the page behaves differently.
import { CombinedError } from 'urql'

export type Trouble =
  /** Nobody is signed in (any more). */
  | { kind: 'signedOut' }
  /** Too much of something: again after so many milliseconds. */
  | { kind: 'busy'; what: 'rateLimited' | 'tooManyConnections' | 'tooManySubscriptions'; afterMs: number }
  /** What was sent makes no sense to the gateway (any more), such as a cursor. */
  | { kind: 'refused' }
  /** The gateway does not know yet what it has told this page. */
  | { kind: 'behind' }
  /** A bug over there, with the number by which it is found. */
  | { kind: 'bug'; correlationId: string | null }
  /** No answer, or one that says to try again. */
  | { kind: 'away' }

export class TroubleError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.kind)
  }
}

const AFTER_MS = 10_000
const NOT_AUTHENTICATED = 4403
const TRY_AGAIN_LATER = 1013

const BUSY = {
  RATE_LIMITED: 'rateLimited',
  TOO_MANY_CONNECTIONS: 'tooManyConnections',
  TOO_MANY_SUBSCRIPTIONS: 'tooManySubscriptions',
} as const

const isBusy = (code: unknown): code is keyof typeof BUSY => typeof code === 'string' && code in BUSY

interface Said {
  extensions?: Record<string, unknown>
}

/** What is the matter, from whatever a request or a subscription failed with. */
export function troubleOf(failure: unknown): Trouble {
  if (failure instanceof TroubleError) return failure.trouble
  if (failure instanceof CombinedError) return ofErrors(failure.graphQLErrors)
  if (Array.isArray(failure)) return ofErrors(failure as Said[])
  if (failure instanceof CloseEvent) return ofClose(failure.code)
  return { kind: 'away' }
}

function ofErrors([first]: readonly Said[]): Trouble {
  const { code, retryAfterMs, correlationId } = first?.extensions ?? {}
  if (code === 'UNAUTHENTICATED') return { kind: 'signedOut' }
  if (code === 'BAD_USER_INPUT') return { kind: 'refused' }
  if (code === 'STALE_READ') return { kind: 'behind' }
  if (isBusy(code)) return { kind: 'busy', what: BUSY[code], afterMs: typeof retryAfterMs === 'number' ? retryAfterMs : AFTER_MS }
  if (code === 'INTERNAL_SERVER_ERROR') return { kind: 'bug', correlationId: typeof correlationId === 'string' ? correlationId : null }
  return { kind: 'away' }
}

function ofClose(code: number): Trouble {
  if (code === NOT_AUTHENTICATED) return { kind: 'signedOut' }
  if (code === TRY_AGAIN_LATER) return { kind: 'busy', what: 'tooManyConnections', afterMs: AFTER_MS }
  return { kind: 'away' }
}
