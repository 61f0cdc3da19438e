import { expect, test } from 'vitest'
import type { Order } from './list'
import { steps } from './progress'

type History = Order['history']
const facts = (...types: History[number]['type'][]): History => types.map((type) => ({ type, label: type, at: '2026-01-02T00:00:00Z' }))
const line = (status: Order['status'], history: History = []) => steps({ status, history }).map(({ name, state }) => `${name} ${state}`)

test('an order goes from placed to delivered', () => {
  expect(line('PAID')).toEqual(['placed done', 'paid current', 'delivering ahead', 'delivered ahead'])
  expect(line('DELIVERING')).toEqual(['placed done', 'paid done', 'delivering current', 'delivered ahead'])
  expect(line('DELIVERED')).toEqual(['placed done', 'paid done', 'delivering done', 'delivered current'])
})

test('where payment has not answered the line waits there', () => {
  expect(line('PAYMENT_PENDING')).toEqual(['placed done', 'pending waiting', 'delivering ahead', 'delivered ahead'])
})

test('a declined order ends there', () => expect(line('PAYMENT_DECLINED')).toEqual(['placed done', 'declined stopped']))

test('a canceled order ends after what had happened to it', () => {
  expect(line('CANCELED', facts('ORDER_PLACED', 'ORDER_CANCELED'))).toEqual(['placed done', 'canceled stopped'])
  expect(line('CANCELED', facts('ORDER_PLACED', 'PAYMENT_APPROVED', 'DELIVERY_STARTED', 'ORDER_CANCELED', 'DELIVERY_CANCELED'))).toEqual([
    'placed done',
    'paid done',
    'delivering done',
    'canceled stopped',
  ])
})
