// Seconds that go by.
import { useEffect, useState } from 'react'
import { secondsLeft } from '../shared/format'

/** Milliseconds until fewer whole seconds are left than now. */
export const untilNextSecond = (milliseconds: number) => milliseconds - (secondsLeft(milliseconds) - 1) * 1000

/** Whole seconds that are left of so many milliseconds, counted from when the component came. */
export function useCountdown(milliseconds: number): number {
  const [end] = useState(() => Date.now() + milliseconds)
  const [left, setLeft] = useState(milliseconds)
  useEffect(() => {
    if (left <= 0) return
    const timer = setTimeout(() => setLeft(end - Date.now()), untilNextSecond(left))
    return () => clearTimeout(timer)
  }, [end, left])
  return secondsLeft(left)
}
