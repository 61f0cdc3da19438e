// What flows: payments, orders, events on their way, and whoever watches.
import { Card, Figures } from './Card'
import { duration, plain } from './format'
import type { Sample } from './history'
import { line, rateLines } from './lines'
import { Plot } from './Plot'
import { latencies } from './quantiles'
import type { Snapshot } from './snapshot'
import { useWords } from './words'

const SHARES = [0.5, 0.95, 0.99]
const LATENCY_SECONDS = 10
const RATE_SECONDS = 5
const PAYMENTS = ['approved', 'declined', 'unavailable', 'timeout', 'refused']
const ORDERS = ['OrderPlaced', 'PaymentPending', 'PaymentDeclined', 'PaymentUnavailable', 'InvalidOrder']
const TRANSPORTS = ['websocket', 'sse', 'multipart']

export interface Shown {
  now: Snapshot
  samples: readonly Sample[]
  times: number[]
  range: [from: number, to: number]
}

export function PaymentCards({ now, samples, times, range }: Shown) {
  const { say, named } = useWords()
  const { inFlight, atOnce } = now.payment ?? {}
  const lines = latencies(samples, SHARES, LATENCY_SECONDS).map((values, index) => {
    const name = `p${(SHARES[index] ?? 0) * 100}`
    return { name, label: name, values }
  })
  return (
    <>
      <Card title={say('payment')}>
        <Figures
          of={[{ name: say('inFlight'), value: say('ofAtMost', { now: plain(inFlight), most: plain(atOnce) }) }]}
        />
        <Plot title={say('latency')} times={times} range={range} lines={lines} format={duration} />
      </Card>
      <Card title={say('outcomes')}>
        <Plot
          title={say('outcomes')}
          titled
          times={times}
          range={range}
          lines={rateLines(samples, (each) => each.payment?.outcomes, PAYMENTS, named, RATE_SECONDS)}
          format={plain}
        />
      </Card>
    </>
  )
}

export function OrdersCard({ samples, times, range }: Shown) {
  const { say, named } = useWords()
  const lines = rateLines(samples, (each) => each.orders, ORDERS, named, RATE_SECONDS)
  return (
    <Card title={say('orders')}>
      <Plot title={say('orders')} titled times={times} range={range} lines={lines} format={plain} />
    </Card>
  )
}

export function ProjectionCard({ now, samples, times, range }: Shown) {
  const { say } = useWords()
  const quantiles = Object.entries(now.projection?.quantiles ?? {})
  const lines = [line(samples, 'lag', say('lag'), (each) => each.projection?.lagSeconds)]
  return (
    <Card title={say('projection')}>
      <Figures
        of={[
          { name: say('queued'), value: plain(now.projection?.waiting) },
          ...quantiles.map(([name, seconds]) => ({
            name: say('lastMinute', { share: name }),
            value: duration(seconds),
          })),
        ]}
      />
      <Plot title={say('lag')} times={times} range={range} lines={lines} format={duration} />
    </Card>
  )
}

export function WatchingCard({ now, samples, times, range }: Shown) {
  const { say, named } = useWords()
  const transports = now.subscriptions?.byTransport
  const lines = [
    line(samples, 'open', say('subscriptions'), (each) => each.subscriptions?.open),
    line(samples, 'connections', say('connections'), (each) => each.subscriptions?.connections),
  ]
  return (
    <Card title={say('watching')}>
      <Figures of={TRANSPORTS.map((name) => ({ name: named(name), value: plain(transports?.[name]) }))} />
      <Plot title={say('watching')} titled times={times} range={range} lines={lines} format={plain} />
    </Card>
  )
}
