import { expect, test } from 'vitest'
import { filledIn, note } from './noted'

test('what is left empty is filled in with the order placed last', () => {
  note({ data: { placeOrder: { order: { id: 'first' } } } })
  note({ data: { placeOrder: { order: { id: 'second' } } } })
  note({ data: { fruits: [] } })
  expect(filledIn('{ "orderId": "" } // empty')).toBe('{ "orderId": "second" } // empty')
})

test('what somebody typed stays', () => {
  const typed = '{ "orderId": "mine", "after": "there" }'
  expect(filledIn(typed, { orderId: 'other', after: 'elsewhere' })).toBe(typed)
})

test('the end of a page is where the next one begins', () => {
  note({ data: { myOrders: { pageInfo: { endCursor: 'abc' } } } })
  expect(filledIn('{ "first": 2, "after": null }')).toBe('{ "first": 2, "after": "abc" }')
})

test('an answer without data changes nothing', () => {
  const answer = { errors: [{ message: 'no' }], data: null }
  expect(note(answer)).toBe(answer)
  expect(filledIn('{ "after": null }', {})).toBe('{ "after": null }')
})
