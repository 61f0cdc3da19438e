import { CombinedError } from 'urql'
import { expect, test } from 'vitest'
import { faceOf, isSettled, ofOrder, type Order } from './outcome'

const ORDER: Order = {
  id: 'o-1', version: 2, status: 'PAID', statusLabel: '결제 완료', quantity: 2, unitPrice: 5000, amount: 10000,
  address: '경기도 성남시', placedAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', cancelable: true,
  cancelReason: null, fruit: { id: 'apple', name: '사과', unitPrice: 5000 }, payment: null, delivery: null, history: [],
}
const PENDING: Order = { ...ORDER, status: 'PAYMENT_PENDING' }
const answered = (code: string, extensions = {}) =>
  faceOf({ data: undefined, error: new CombinedError({ graphQLErrors: [{ message: 'no', extensions: { code, ...extensions } }] }) }, true)

test('a paid order is placed', () => {
  const face = faceOf({ data: { placeOrder: { __typename: 'OrderPlaced', consistencyToken: 't', order: ORDER } } }, true)
  expect(face).toEqual({ kind: 'OrderPlaced', order: ORDER })
  expect(isSettled(face)).toBe(true)
})

test('an order that was sent again after it was canceled is not shown as placed', () => {
  const order: Order = { ...ORDER, status: 'CANCELED', cancelReason: 'BY_CUSTOMER' }
  expect(faceOf({ data: { placeOrder: { __typename: 'OrderPlaced', consistencyToken: 't', order } } }, true).kind).toBe('OrderCanceled')
})

test('a pending payment keeps its key, and is watched until it is settled', () => {
  const face = faceOf({ data: { placeOrder: { __typename: 'PaymentPending', consistencyToken: 't', message: '늦어요', order: PENDING } } }, true)
  expect(face).toMatchObject({ kind: 'PaymentPending', consistencyToken: 't' })
  expect(isSettled(face)).toBe(false)
  expect(ofOrder(PENDING)).toBeNull()
  expect(ofOrder({ ...ORDER, status: 'DELIVERING' })?.kind).toBe('OrderPlaced')
  expect(ofOrder({ ...ORDER, status: 'CANCELED', cancelReason: 'PAYMENT_TIMEOUT' })?.kind).toBe('OrderCanceled')
})

test('a payment that is declined late is declined with its reason', () => {
  const payment = { id: 'p', status: 'DECLINED' as const, amount: 10000, updatedAt: '', declineReason: 'card_declined' }
  expect(ofOrder({ ...ORDER, status: 'PAYMENT_DECLINED', payment })).toMatchObject({ kind: 'PaymentDeclined', reason: 'card_declined' })
})

test('a busy payment says when to come again, with the same key', () => {
  const face = faceOf({ data: { placeOrder: { __typename: 'PaymentUnavailable', message: '혼잡', retryAfterMs: 4200 } } }, true)
  expect(face).toEqual({ kind: 'PaymentUnavailable', message: '혼잡', retryAfterMs: 4200 })
  expect(isSettled(face)).toBe(false)
})

test('each problem goes to its field, and one of no field is told apart', () => {
  const problems = [{ field: 'address', message: '비워 둘 수 없습니다.' }, { field: 'idempotencyKey', message: '키' }]
  const face = faceOf({ data: { placeOrder: { __typename: 'InvalidOrder', message: '안 돼요', problems } } }, true)
  expect(face).toEqual({ kind: 'InvalidOrder', message: '안 돼요', problems: { address: '비워 둘 수 없습니다.' }, other: true })
})

test('limits and outages have faces of their own, and none of them spends the key', () => {
  const faces = [answered('RATE_LIMITED', { retryAfterMs: 900 }), answered('RATE_LIMITED'), answered('UNAUTHENTICATED'), answered('SERVICE_UNAVAILABLE')]
  expect(faces).toEqual([
    { kind: 'RATE_LIMITED', retryAfterMs: 900 },
    { kind: 'RATE_LIMITED', retryAfterMs: 1000 },
    { kind: 'UNAUTHENTICATED' },
    { kind: 'SERVICE_UNAVAILABLE' },
  ])
  expect(faces.some(isSettled)).toBe(false)
})

test.each(['INTERNAL_SERVER_ERROR', 'UNTRUSTED_DOCUMENT', 'SOMETHING_NEW'])('%s can be complained of', (code) => {
  expect(answered(code, { correlationId: 'c-1' })).toEqual({ kind: 'INTERNAL_SERVER_ERROR', correlationId: 'c-1' })
})

test('no answer at all is the network, and the key stays', () => {
  const face = faceOf({ data: undefined, error: new CombinedError({ networkError: new TypeError('Failed to fetch') }) }, false)
  expect(face).toEqual({ kind: 'NETWORK_FAILURE', online: false })
  expect(isSettled(face)).toBe(false)
})
