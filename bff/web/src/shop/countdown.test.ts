import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { untilNextSecond, useCountdown } from './countdown'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a part of a second is shown as a second that has still to go by', () => {
  expect(untilNextSecond(2300)).toBe(300)
  expect(untilNextSecond(2000)).toBe(1000)
})

test('it counts down to nothing, and then stays there', () => {
  const { result } = renderHook(() => useCountdown(2300))
  const seen = [result.current]
  for (const step of [299, 2, 1000, 1000, 5000]) {
    act(() => void vi.advanceTimersByTime(step))
    seen.push(result.current)
  }
  expect(seen).toEqual([3, 3, 2, 1, 0, 0])
  expect(vi.getTimerCount()).toBe(0)
})

test('a page that slept knows how much has gone by meanwhile', () => {
  const { result } = renderHook(() => useCountdown(60_000))
  vi.setSystemTime(Date.now() + 59_000)
  act(() => void vi.advanceTimersByTime(1000))
  expect(result.current).toBe(0)
})
