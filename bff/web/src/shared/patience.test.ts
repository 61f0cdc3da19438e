import { afterEach, expect, test, vi } from 'vitest'
import { untilDone } from './patience'

afterEach(() => vi.useRealTimers())

test('what fails is tried again until it succeeds', async () => {
  vi.useFakeTimers()
  let tries = 0
  const failed = vi.fn()
  const done = untilDone(() => (++tries < 4 ? Promise.reject(new Error()) : Promise.resolve()), new AbortController().signal, failed)
  await vi.advanceTimersByTimeAsync(20_000)
  await done
  expect(tries).toBe(4)
  expect(failed).toHaveBeenCalledTimes(3)
})

test('coming back online is reason to try at once', async () => {
  let tries = 0
  const done = untilDone(() => (++tries < 2 ? Promise.reject(new Error()) : Promise.resolve()), new AbortController().signal)
  await Promise.resolve()
  await vi.waitFor(() => {
    window.dispatchEvent(new Event('online'))
    expect(tries).toBe(2)
  })
  await done
})

test('who has left is not waited for', async () => {
  const leaving = new AbortController()
  const work = vi.fn(() => Promise.reject(new Error()))
  const done = untilDone(work, leaving.signal)
  leaving.abort()
  await done
  expect(work).toHaveBeenCalledTimes(1)
})
