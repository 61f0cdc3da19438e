// The levers of payment's sandbox, by payment's own names, and what they can be pulled to.

export interface Levers {
  latency_ms_min: number
  latency_ms_max: number
  failure_rate: number
  capacity: number
  stopped: boolean
}

export const LONGEST_MS = 600_000
export const MOST_AT_ONCE = 100_000

/** What is left out is as at first. */
export const PRESETS = {
  asUsual: {},
  slow: { latency_ms_min: 700, latency_ms_max: 900 },
  failsHalf: { failure_rate: 0.5 },
  oneAtATime: { capacity: 1 },
  stopped: { stopped: true },
} as const satisfies Record<string, Partial<Levers>>

export type Preset = keyof typeof PRESETS
