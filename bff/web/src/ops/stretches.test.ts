import { expect, test } from 'vitest'
import { sampled } from './sampled'
import type { BreakerState } from './snapshot'
import { secondsIn, stretches } from './stretches'

const seen = (at: number, state: BreakerState) =>
  sampled(at, {
    breaker: {
      state,
      retryInMs: null,
      failures: 0,
      calls: 0,
      rate: 0,
      failureRate: 0.5,
      minimumVolume: 20,
      windowSeconds: 10,
    },
  })

test('a state lasts until another one is seen', () => {
  const found = stretches([seen(0, 'closed'), seen(1, 'closed'), seen(2, 'open'), seen(3, 'open'), seen(4, 'closed')])
  expect(found).toEqual([
    { state: 'closed', from: 0, to: 2 },
    { state: 'open', from: 2, to: 4 },
    { state: 'closed', from: 4, to: 4 },
  ])
  expect(secondsIn('open', found)).toBe(2)
})

test('of a gap nothing is said', () => {
  const found = stretches([seen(0, 'closed'), seen(1, 'closed'), seen(60, 'closed')])
  expect(secondsIn('closed', found)).toBe(1)
})

test('where the circuit is not known there is nothing', () => {
  expect(stretches([sampled(0), sampled(1)])).toEqual([])
})
