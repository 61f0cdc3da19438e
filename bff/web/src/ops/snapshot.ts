// What GET /ops/state says: one moment of the whole system. What could not be had is null.

/** An upper bound in seconds, and how many calls took at most that. */
export type Bucket = readonly [seconds: number, count: number]

export type Counts = Readonly<Record<string, number>>

export type BreakerState = 'closed' | 'open' | 'half_open'

export interface Breaker {
  state: BreakerState
  retryInMs: number | null
  failures: number
  calls: number
  rate: number
  failureRate: number
  minimumVolume: number
  windowSeconds: number
}

export interface Payment {
  calls: number
  outcomes: Counts
  buckets: readonly Bucket[]
  inFlight: number
  atOnce: number
}

export interface Service {
  name: string
  ready: boolean | null
  said: string | null
  outbox: { depth: number; oldestSeconds: number } | null
}

export interface Snapshot {
  /** ISO 8601, by the gateway's clock. */
  at: string
  replica: string | null
  breaker: Breaker | null
  payment: Payment | null
  orders: Counts | null
  subscriptions: { open: number; connections: number; byTransport: Counts } | null
  services: readonly Service[] | null
  projection: { lagSeconds: number | null; quantiles?: Counts | null; waiting: number | null } | null
  dependencies: Readonly<Record<string, boolean | null>> | null
  deadLetters: { total: number | null; queues: readonly { hearer: string; count: number }[] } | null
  sandbox: { available: boolean } | null
}
