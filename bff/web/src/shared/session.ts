// Who is signed in: the gateway keeps the token in a cookie that no script can read.
import { useSyncExternalStore } from 'react'
import { forget } from './consistency'
import { patient } from './patience'

export interface Session {
  customerId: string | null
  expiresAt: string | null
  operator: boolean
  devLogin: boolean
  ide: boolean
  sandbox: boolean
}

export class SignInError extends Error {
  constructor(readonly status: number) {
    super(`sign-in was answered with ${status}`)
  }
}

const ANSWER_MS = 10_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

let current: Session | undefined
let lost: string | null = null
let ending: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()
const ask = patient(ANSWER_MS)

function keep(session: Session, leaving = false): void {
  const before = current?.customerId ?? null
  if (session.customerId !== before) forget()
  lost = session.customerId || leaving ? null : (before ?? lost)
  current = session
  clearTimeout(ending)
  if (session.customerId && session.expiresAt) {
    const left = Date.parse(session.expiresAt) - Date.now()
    if (left < LONGEST_TIMER_MS) ending = setTimeout(signedOut, Math.max(left, 0))
  }
  listeners.forEach((listener) => listener())
}

async function asked(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await ask(path, { ...init, headers: { 'content-type': 'application/json' } })
  if (!response.ok) throw new SignInError(response.status)
  return response
}

/** Ask the gateway who is signed in. Rejects where it does not answer. */
export async function refresh(): Promise<Session> {
  const session = (await (await asked('/session')).json()) as Session
  keep(session)
  return session
}

/** Sign in with a token from an identity provider. Rejects with SignInError: 401 where it is no good. */
export async function signInWithToken(token: string): Promise<void> {
  const response = await asked('/session', { method: 'POST', body: JSON.stringify({ token }) })
  keep((await response.json()) as Session)
}

/** Sign in as a customer by name, where the gateway allows it for development. */
export async function signIn(customerId: string): Promise<void> {
  const response = await asked('/dev/token', { method: 'POST', body: JSON.stringify({ customerId }) })
  await signInWithToken(((await response.json()) as { token: string }).token)
}

export async function signOut(): Promise<void> {
  await asked('/session', { method: 'DELETE' })
  if (current) keep({ ...current, customerId: null, expiresAt: null, operator: current.devLogin }, true)
  await refresh()
}

/** The gateway takes the session for no good (any more): the page says so, and keeps what was typed. */
export function signedOut(): void {
  if (current?.customerId) keep({ ...current, customerId: null, expiresAt: null, operator: current.devLogin })
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The session, undefined until the gateway has answered for the first time; and who was in it until it was lost. */
export function useSession() {
  const session = useSyncExternalStore(subscribe, () => current)
  const lostCustomer = useSyncExternalStore(subscribe, () => lost)
  return { session, lostCustomer, signIn, signInWithToken, signOut, refresh }
}
