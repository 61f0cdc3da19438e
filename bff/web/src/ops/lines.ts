// What the plots draw: a name, and a value for each sample.
import { namesOf, rates, type Sample } from './history'
import type { Line } from './Plot'
import type { Counts, Snapshot } from './snapshot'

type Read = (snapshot: Snapshot) => Counts | null | undefined
type Named = (name: string) => string

/** How fast each of some counters grows: those that are known, and any other that has counted anything. */
export function rateLines(
  samples: readonly Sample[],
  read: Read,
  known: readonly string[],
  named: Named,
  seconds: number,
): Line[] {
  const last = samples.at(-1)
  const counts = (last && read(last.snapshot)) ?? {}
  const names = namesOf(samples, read, known).filter((name) => known.includes(name) || counts[name])
  const values = rates(samples, read, names, seconds)
  return names.map((name, index) => ({ name, label: named(name), values: values[index] ?? [] }))
}

export function line(
  samples: readonly Sample[],
  name: string,
  label: string,
  read: (snapshot: Snapshot) => number | null | undefined,
): Line {
  return { name, label, values: samples.map((sample) => read(sample.snapshot) ?? null) }
}
