import { expect, test } from 'vitest'
import { understood } from './operation'

test('one operation is run under its own name, whatever name was left from another tab', () => {
  const { request, subscribes } = understood({ query: 'subscription Watch { a }', operationName: 'Fruits' })
  expect([request.operationName, subscribes]).toEqual(['Watch', true])
})

test('of several, the one that was named is run', () => {
  const query = 'query A { a } subscription B { b }'
  expect(understood({ query, operationName: 'B' }).subscribes).toBe(true)
  expect(understood({ query, operationName: 'A' }).subscribes).toBe(false)
})

test('what cannot be read is for the gateway to refuse', () => {
  const params = { query: '{', operationName: 'Fruits' }
  expect(understood(params)).toEqual({ request: params, subscribes: false })
})
