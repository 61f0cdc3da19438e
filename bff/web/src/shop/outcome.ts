// What became of placing an order, as a face to show: the gateway's answer, or why there is none.
import type { OperationResult } from 'urql'
import type { OrderFieldsFragment, PlaceOrderMutation } from '../gql/graphql'

export type Order = OrderFieldsFragment

export type Face =
  | { kind: 'OrderPlaced'; order: Order }
  | { kind: 'PaymentPending'; order: Order; message: string; consistencyToken: string }
  | { kind: 'PaymentDeclined'; order: Order; message: string | null; reason: string }
  | { kind: 'OrderCanceled'; order: Order }
  | { kind: 'PaymentUnavailable'; message: string; retryAfterMs: number }
  | { kind: 'InvalidOrder'; message: string; problems: Partial<Record<Field, string>>; other: boolean }
  | { kind: 'RATE_LIMITED'; retryAfterMs: number }
  | { kind: 'UNAUTHENTICATED' }
  | { kind: 'SERVICE_UNAVAILABLE' }
  | { kind: 'NETWORK_FAILURE'; online: boolean }
  | { kind: 'INTERNAL_SERVER_ERROR'; correlationId: string | null }

export const FIELDS = ['fruitId', 'quantity', 'address', 'paymentMethod'] as const
export type Field = (typeof FIELDS)[number]

const RETRY_AFTER_MS = 1000

const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name)

type Answer = PlaceOrderMutation['placeOrder']
type Result = Pick<OperationResult<PlaceOrderMutation>, 'data' | 'error'>

/** The face of an answer, or of its absence. `online` is what the browser knows of its network. */
export function faceOf(result: Result, online: boolean): Face {
  if (result.data?.placeOrder) return ofAnswer(result.data.placeOrder)
  const [first] = result.error?.graphQLErrors ?? []
  if (first) return ofError(first.extensions)
  return { kind: 'NETWORK_FAILURE', online }
}

function ofAnswer(answer: Answer): Face {
  switch (answer.__typename) {
    case 'OrderPlaced':
      return ofOrder(answer.order) ?? { kind: 'OrderPlaced', order: answer.order }
    case 'PaymentPending':
      return { kind: 'PaymentPending', order: answer.order, message: answer.message, consistencyToken: answer.consistencyToken }
    case 'PaymentDeclined':
      return { kind: 'PaymentDeclined', order: answer.order, message: answer.message, reason: answer.reason }
    case 'PaymentUnavailable':
      return { kind: 'PaymentUnavailable', message: answer.message, retryAfterMs: answer.retryAfterMs }
    case 'InvalidOrder': {
      const problems = answer.problems.filter(({ field }) => isField(field)).map(({ field, message }) => [field, message])
      return {
        kind: 'InvalidOrder',
        message: answer.message,
        problems: Object.fromEntries(problems),
        other: problems.length < answer.problems.length,
      }
    }
  }
}

function ofError(extensions: Record<string, unknown>): Face {
  const { code, retryAfterMs, correlationId } = extensions
  switch (code) {
    case 'RATE_LIMITED':
      return { kind: code, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : RETRY_AFTER_MS }
    case 'UNAUTHENTICATED':
    case 'SERVICE_UNAVAILABLE':
      return { kind: code }
    default:
      return { kind: 'INTERNAL_SERVER_ERROR', correlationId: typeof correlationId === 'string' ? correlationId : null }
  }
}

/** The face of an order whose payment was waited for; null while it is still to be waited for. */
export function ofOrder(order: Order): Face | null {
  switch (order.status) {
    case 'PAYMENT_PENDING':
      return null
    case 'PAYMENT_DECLINED':
      return { kind: 'PaymentDeclined', order, message: null, reason: order.payment?.declineReason ?? '' }
    case 'CANCELED':
      return { kind: 'OrderCanceled', order }
    default:
      return { kind: 'OrderPlaced', order }
  }
}

const SETTLED: readonly Face['kind'][] = ['OrderPlaced', 'PaymentDeclined', 'OrderCanceled', 'InvalidOrder']

/** Whether the intention has come to its end; where not, its key is to be sent again. */
export const isSettled = (face: Face) => SETTLED.includes(face.kind)
