// A sample for tests, with nothing known but what is given.
import type { Sample } from './history'
import type { Snapshot } from './snapshot'

const NOTHING: Snapshot = {
  at: '',
  replica: 'one',
  breaker: null,
  payment: null,
  orders: null,
  subscriptions: null,
  services: null,
  projection: null,
  dependencies: null,
  deadLetters: null,
  sandbox: null,
}

/** What was known so many seconds after 1970. */
export function sampled(at: number, known: Partial<Snapshot> = {}): Sample {
  return { at, snapshot: { ...NOTHING, at: new Date(at * 1000).toISOString(), ...known } }
}
