import { expect, test } from 'vitest'
import { bases, KEPT_SECONDS, kept, namesOf, rates, shownWindow, type Sample } from './history'
import { sampled } from './sampled'
import type { Snapshot } from './snapshot'

const orders = (snapshot: Snapshot) => snapshot.orders
const counted = (...counts: number[]) => counts.map((count, at) => sampled(at, { orders: { OrderPlaced: count } }))

test('a counter is shown as what it grows by in a second', () => {
  expect(rates(counted(10, 12, 18), orders, ['OrderPlaced'], 10)).toEqual([[null, 2, 4]])
})

test('only the seconds before count, not all since the start', () => {
  expect(rates(counted(0, 100, 100, 100), orders, ['OrderPlaced'], 1)).toEqual([[null, 100, 0, 0]])
})

test('a restart begins anew, it is not a fall', () => {
  expect(rates(counted(50, 51, 3, 4), orders, ['OrderPlaced'], 10)).toEqual([[null, 1, null, 1]])
})

test('another replica counts by itself', () => {
  const samples = [sampled(0, { orders: { A: 1 } }), sampled(1, { orders: { A: 900 }, replica: 'two' })]
  expect(rates(samples, orders, ['A'], 10)).toEqual([[null, null]])
})

test('over a gap nothing is known', () => {
  const samples = [sampled(0, { orders: { A: 1 } }), sampled(60, { orders: { A: 900 } })]
  expect(bases(samples, 120)).toEqual([undefined, undefined])
})

test('what was not counted before was none, and what could not be had is unknown', () => {
  const samples = [sampled(0, { orders: {} }), sampled(1, { orders: { A: 2 } }), sampled(2)]
  expect(rates(samples, orders, ['A'], 10)).toEqual([[null, 2, null]])
})

test('ten minutes are kept, and the same moment only once', () => {
  let samples: readonly Sample[] = []
  for (let at = 0; at <= KEPT_SECONDS + 5; at += 1) samples = kept(samples, sampled(at).snapshot)
  expect([samples.length, samples[0]?.at]).toEqual([KEPT_SECONDS + 1, 5])
  expect(kept(samples, sampled(KEPT_SECONDS + 5).snapshot)).toBe(samples)
})

test('two minutes are shown at least', () => {
  expect(shownWindow([sampled(1000)])).toEqual([880, 1000])
  expect(shownWindow([sampled(0), sampled(500)])).toEqual([0, 500])
})

test('names that nobody expected are shown after those that are known', () => {
  expect(namesOf(counted(1), orders, ['PaymentDeclined'])).toEqual(['PaymentDeclined', 'OrderPlaced'])
})
