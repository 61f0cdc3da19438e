import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setLanguage } from '../shared/language'
import { Retry } from './Retry'

const again = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  setLanguage('en')
  again.mockClear()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function show(byItself: boolean) {
  const shown = (busy: boolean) => <Retry milliseconds={2500} busy={busy} byItself={byItself} setByItself={() => {}} again={again} />
  const { rerender } = render(shown(false))
  return { becomeBusy: () => rerender(shown(true)) }
}

const pass = (milliseconds: number) => {
  for (let left = milliseconds; left > 0; left -= 500) act(() => void vi.advanceTimersByTime(500))
}
const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Try again' })

test('it cannot be tried again before the time has come, and then with one click', () => {
  show(false)
  expect(screen.getByRole('timer').textContent).toBe('You can try again in 3 s')
  expect(button().disabled).toBe(true)
  pass(3000)
  expect(screen.queryByRole('timer')).toBeNull()
  expect(again).not.toHaveBeenCalled()
  fireEvent.click(button())
  expect(again).toHaveBeenCalledTimes(1)
})

test('by itself it is tried once, however often it is drawn', () => {
  const { becomeBusy } = show(true)
  pass(2000)
  expect(again).not.toHaveBeenCalled()
  pass(1000)
  becomeBusy()
  pass(5000)
  expect(again).toHaveBeenCalledTimes(1)
})
