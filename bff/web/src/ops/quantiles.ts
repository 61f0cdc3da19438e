// How long calls took, from a histogram that only ever counts up.
import { bases, type Sample } from './history'
import type { Bucket, Payment } from './snapshot'

export interface Histogram {
  calls: number
  buckets: readonly Bucket[]
}

/** What came to a histogram since it was another one. */
export function came(before: Histogram, after: Histogram): Histogram {
  const known = new Map(before.buckets)
  return {
    calls: after.calls - before.calls,
    buckets: after.buckets.map(([bound, count]) => [bound, count - (known.get(bound) ?? 0)] as const),
  }
}

/**
 * The time in seconds within which this share of the calls was answered, evenly within a bucket.
 * Beyond the last bound, that bound; null where there were no calls.
 */
export function quantile(share: number, { calls, buckets }: Histogram): number | null {
  if (calls <= 0) return null
  const rank = share * calls
  let [low, until] = [0, 0]
  for (const [bound, count] of buckets) {
    if (count >= rank && count > until) return low + ((bound - low) * Math.max(0, rank - until)) / (count - until)
    low = bound
    until = Math.max(until, count)
  }
  return buckets.length ? low : null
}

const histogramOf = (payment: Payment | null | undefined): Histogram | undefined =>
  payment?.buckets ? { calls: payment.calls, buckets: payment.buckets } : undefined

/** Quantiles of the payment calls in the `seconds` before each sample, a series for each share. */
export function latencies(samples: readonly Sample[], shares: readonly number[], seconds: number): (number | null)[][] {
  const compared = bases(samples, seconds)
  const grown = samples.map((sample, index) => {
    const before = histogramOf(compared[index]?.snapshot.payment)
    const after = histogramOf(sample.snapshot.payment)
    return before && after && came(before, after)
  })
  return shares.map((share) => grown.map((each) => (each ? quantile(share, each) : null)))
}
