// For how long the circuit was in which state, one stretch after the other.
import type { Sample } from './history'
import type { BreakerState } from './snapshot'

export interface Stretch {
  state: BreakerState
  from: number
  to: number
}

const LONGEST_SECONDS = 5

/** Each sample speaks for the time until the next one; longer gaps are left out, as nothing is known of them. */
export function stretches(samples: readonly Sample[]): Stretch[] {
  const found: Stretch[] = []
  samples.forEach((sample, index) => {
    const state = sample.snapshot.breaker?.state
    const to = samples[index + 1]?.at ?? sample.at
    if (!state || to - sample.at > LONGEST_SECONDS) return
    const last = found.at(-1)
    if (last?.state === state && last.to === sample.at) last.to = to
    else found.push({ state, from: sample.at, to })
  })
  return found
}

/** Seconds in a state, altogether. */
export const secondsIn = (state: BreakerState, of: readonly Stretch[]) =>
  of.filter((each) => each.state === state).reduce((sum, each) => sum + each.to - each.from, 0)
