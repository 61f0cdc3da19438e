// How far an order has come, as steps of a line.
import type { Order } from './list'

export type StepName = 'placed' | 'pending' | 'paid' | 'delivering' | 'delivered' | 'declined' | 'canceled'
export type StepState = 'done' | 'current' | 'waiting' | 'stopped' | 'ahead'

export interface Step {
  name: StepName
  state: StepState
}

const LINE = ['placed', 'paid', 'delivering', 'delivered'] as const
const REACHED = { PAID: 1, DELIVERING: 2, DELIVERED: 3 } as const

/** The step where the order stands is 'current', 'waiting' or 'stopped'; there is one of these. */
export function steps({ status, history }: Pick<Order, 'status' | 'history'>): Step[] {
  switch (status) {
    case 'PAYMENT_PENDING':
      return [step('placed', 'done'), step('pending', 'waiting'), step('delivering', 'ahead'), step('delivered', 'ahead')]
    case 'PAYMENT_DECLINED':
      return [step('placed', 'done'), step('declined', 'stopped')]
    case 'CANCELED':
      return [...LINE.filter((name) => happened(history, name)).map((name) => step(name, 'done')), step('canceled', 'stopped')]
    case 'PAID':
    case 'DELIVERING':
    case 'DELIVERED':
      return LINE.map((name, index) => step(name, stateAt(index, REACHED[status])))
  }
}

const step = (name: StepName, state: StepState): Step => ({ name, state })

const stateAt = (index: number, reached: number): StepState =>
  index < reached ? 'done' : index === reached ? 'current' : 'ahead'

const EVENT = {
  placed: 'ORDER_PLACED',
  paid: 'PAYMENT_APPROVED',
  delivering: 'DELIVERY_STARTED',
  delivered: 'DELIVERY_COMPLETED',
} as const

const happened = (history: Order['history'], name: (typeof LINE)[number]) =>
  history.some((each) => each.type === EVENT[name])
