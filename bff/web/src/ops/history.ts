// The last ten minutes, and what counters have grown by within them.
import type { Counts, Snapshot } from './snapshot'

export const KEPT_SECONDS = 600
const SHOWN_AT_LEAST_SECONDS = 120
const GAP_SECONDS = 5

export interface Sample {
  /** Seconds since 1970, by the gateway's clock. */
  at: number
  snapshot: Snapshot
}

type Values = (number | null)[]

const sum = (counts: Counts | null | undefined) => Object.values(counts ?? {}).reduce((a, b) => a + b, 0)

/** The history with one more snapshot; what is too old goes, and what is there already is not taken twice. */
export function kept(samples: readonly Sample[], snapshot: Snapshot): readonly Sample[] {
  const at = Date.parse(snapshot.at) / 1000
  if (!Number.isFinite(at) || at === samples.at(-1)?.at) return samples
  return [...samples.filter((each) => each.at < at && each.at >= at - KEPT_SECONDS), { at, snapshot }]
}

/** From when to when plots go: what is there, two minutes at least. */
export function shownWindow(samples: readonly Sample[]): [from: number, to: number] {
  const to = samples.at(-1)?.at ?? Date.now() / 1000
  return [Math.min(samples[0]?.at ?? to, to - SHOWN_AT_LEAST_SECONDS), to]
}

/** Whether counters of the one go on in the other: the same process, without a gap. */
function goesOn(before: Sample, after: Sample): boolean {
  return (
    after.at - before.at <= GAP_SECONDS &&
    before.snapshot.replica === after.snapshot.replica &&
    (after.snapshot.payment?.calls ?? Infinity) >= (before.snapshot.payment?.calls ?? 0) &&
    sum(after.snapshot.orders) >= sum(before.snapshot.orders)
  )
}

/** For each sample the oldest of the `seconds` before it that it can be compared with; else undefined. */
export function bases(samples: readonly Sample[], seconds: number): (Sample | undefined)[] {
  let start = 0
  return samples.map((sample, index) => {
    const before = samples[index - 1]
    if (before && !goesOn(before, sample)) start = index
    while (start < index && (samples[start]?.at ?? 0) < sample.at - seconds) start += 1
    return start < index ? samples[start] : undefined
  })
}

/** By name, how fast each of some counters has grown over the `seconds` before each sample, per second. */
export function rates(
  samples: readonly Sample[],
  read: (snapshot: Snapshot) => Counts | null | undefined,
  names: readonly string[],
  seconds: number,
): Values[] {
  const compared = bases(samples, seconds)
  const rate = (name: string) =>
    samples.map((sample, index) => {
      const base = compared[index]
      const [before, after] = [base && read(base.snapshot), read(sample.snapshot)]
      if (!base || !before || !after) return null
      return ((after[name] ?? 0) - (before[name] ?? 0)) / (sample.at - base.at)
    })
  return names.map(rate)
}

/** Those names that are known, and after them whatever else was counted. */
export function namesOf(
  samples: readonly Sample[],
  read: (snapshot: Snapshot) => Counts | null | undefined,
  known: readonly string[],
): string[] {
  const last = samples.at(-1)
  return [...new Set([...known, ...Object.keys((last && read(last.snapshot)) ?? {})])]
}
