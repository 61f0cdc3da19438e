import { beforeEach, expect, test } from 'vitest'
import { listBegun, listExtended, orderPlaced, ordersBelongTo, ordersHeard, ordersOf } from './orders'
import { anOrder } from './order.made'

const known = (customerId: string) => [...ordersOf(customerId).byId.keys()]
const page = (id: string, next: string | null = null) => ({ orders: [anOrder(id)], next, stale: false })

beforeEach(() => {
  ordersBelongTo(null)
  ordersBelongTo('7181')
})

test('an order that was just placed is there at once', () => {
  orderPlaced(anOrder('a'))
  expect(known('7181')).toEqual(['a'])
})

test('a change of customer forgets everything', () => {
  listBegun('7181', page('a', 'a!'))
  ordersBelongTo('7182')
  expect(known('7182')).toEqual([])
  expect(ordersOf('7182').read).toBe(false)
  ordersBelongTo('7181')
  expect(known('7181')).toEqual([])
})

test('what comes late for the customer before is not taken for this one’s', () => {
  ordersBelongTo('7182')
  orderPlaced(anOrder('a'), '7181')
  ordersHeard('7181', [anOrder('b')])
  listBegun('7181', page('c'))
  listExtended('7181', 'c!', page('d'))
  expect(known('7182')).toEqual([])
})

test('nobody sees the orders of another, not even before the change is told', () => {
  orderPlaced(anOrder('a'))
  expect(known('7182')).toEqual([])
})

test('where nobody is signed in nothing is kept', () => {
  ordersBelongTo(null)
  orderPlaced(anOrder('a'))
  ordersBelongTo('7181')
  expect(known('7181')).toEqual([])
})
