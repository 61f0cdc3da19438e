import { expect, test } from 'vitest'
import { came, latencies, quantile } from './quantiles'
import { sampled } from './sampled'

const BUCKETS = [
  [0.1, 50],
  [0.5, 90],
  [1, 100],
] as const

test('within a bucket calls are taken to be spread evenly', () => {
  const histogram = { calls: 100, buckets: BUCKETS }
  expect(quantile(0.25, histogram)).toBeCloseTo(0.05)
  expect(quantile(0.5, histogram)).toBeCloseTo(0.1)
  expect(quantile(0.7, histogram)).toBeCloseTo(0.3)
  expect(quantile(1, histogram)).toBeCloseTo(1)
})

test('of calls that took longer than any bound, that bound is known', () => {
  expect(quantile(0.99, { calls: 200, buckets: BUCKETS })).toBe(1)
})

test('of no calls nothing is known', () => {
  expect(quantile(0.5, { calls: 0, buckets: BUCKETS })).toBeNull()
  expect(quantile(0.5, { calls: 3, buckets: [] })).toBeNull()
})

test('empty buckets in between are stepped over', () => {
  const buckets = [
    [0.1, 0],
    [0.2, 0],
    [0.4, 4],
  ] as const
  expect(quantile(0.5, { calls: 4, buckets })).toBeCloseTo(0.3)
})

test('only what came since counts', () => {
  const after = {
    calls: 110,
    buckets: [
      [0.1, 50],
      [0.5, 90],
      [1, 110],
    ] as const,
  }
  const since = came({ calls: 100, buckets: BUCKETS }, after)
  expect(since.calls).toBe(10)
  expect(quantile(0.5, since)).toBeCloseTo(0.75)
})

test('a series has one value for each sample, and none for the first or where payment is unknown', () => {
  const payment = (calls: number) => ({ calls, outcomes: {}, buckets: [[1, calls]] as const, inFlight: 0, atOnce: 1 })
  const samples = [
    sampled(0, { payment: payment(0) }),
    sampled(1, { payment: payment(4) }),
    sampled(2, { payment: null }),
  ]
  expect(latencies(samples, [0.5], 10)).toEqual([[null, 0.5, null]])
})
