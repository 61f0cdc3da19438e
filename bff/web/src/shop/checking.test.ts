import { expect, test } from 'vitest'
import { problemsOf, stepped } from './checking'
import { EMPTY, type Draft } from './draft'

const GOOD: Draft = { ...EMPTY, fruitId: 'apple', quantity: '2', address: '서울' }

test('a good draft has no problems, an empty one has all of them', () => {
  expect(problemsOf(GOOD)).toEqual({})
  expect(Object.keys(problemsOf(EMPTY))).toEqual(['fruitId', 'address'])
})

test.each(['0', '-1', '1001', '1.5', '', 'two', '9'.repeat(30)])('a quantity of %s is out of range', (quantity) =>
  expect(problemsOf({ ...GOOD, quantity })).toEqual({ quantity: 'problem.quantity' }),
)

test('an address has 200 characters at most, each counted once', () => {
  expect(problemsOf({ ...GOOD, address: '🍎'.repeat(200) })).toEqual({})
  expect(problemsOf({ ...GOOD, address: '🍎'.repeat(201) })).toEqual({ address: 'problem.address' })
  expect(problemsOf({ ...GOOD, address: '  ' })).toEqual({ address: 'problem.required' })
})

test('steps stay within what can be ordered', () => {
  expect([stepped('1', -1), stepped('1', 1), stepped('1000', 1), stepped('', 1), stepped('5000', -1)]).toEqual(['1', '2', '1000', '1', '1000'])
})
