import { CombinedError } from 'urql'
import { expect, test } from 'vitest'
import { TroubleError, troubleOf } from './trouble'

const said = (code: string, other = {}) => [{ message: code, extensions: { code, ...other } }]

test.each([
  ['UNAUTHENTICATED', { kind: 'signedOut' }],
  ['BAD_USER_INPUT', { kind: 'refused' }],
  ['STALE_READ', { kind: 'behind' }],
  ['SERVICE_UNAVAILABLE', { kind: 'away' }],
  ['TOO_MANY_SUBSCRIPTIONS', { kind: 'busy', what: 'tooManySubscriptions', afterMs: 10_000 }],
])('%s, whether by HTTP or of a subscription', (code, trouble) => {
  expect(troubleOf(said(code))).toEqual(trouble)
  expect(troubleOf(new CombinedError({ graphQLErrors: said(code) }))).toEqual(trouble)
})

test('what passes says when to come again', () => {
  expect(troubleOf(said('RATE_LIMITED', { retryAfterMs: 1500 }))).toEqual({ kind: 'busy', what: 'rateLimited', afterMs: 1500 })
})

test('a bug says by which number it is found', () => {
  expect(troubleOf(said('INTERNAL_SERVER_ERROR', { correlationId: 'abc' }))).toEqual({ kind: 'bug', correlationId: 'abc' })
})

test('a socket is closed for reasons of its own', () => {
  expect(troubleOf(new CloseEvent('close', { code: 4403 }))).toEqual({ kind: 'signedOut' })
  expect(troubleOf(new CloseEvent('close', { code: 1013 })).kind).toBe('busy')
  expect(troubleOf(new CloseEvent('close', { code: 4500 })).kind).toBe('away')
})

test('no answer at all is that nobody is there', () => {
  expect(troubleOf(new CombinedError({ networkError: new TypeError('Failed to fetch') }))).toEqual({ kind: 'away' })
  expect(troubleOf(new TypeError())).toEqual({ kind: 'away' })
})

test('what is known already is handed on', () => expect(troubleOf(new TroubleError({ kind: 'behind' }))).toEqual({ kind: 'behind' }))
