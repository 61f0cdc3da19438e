// The circuit in front of payment: how it stands, why, and how it stood over the last minutes.
import { useEffect, useState } from 'react'
import { secondsLeft } from '../shared/format'
import { Card, Figures } from './Card'
import { duration, plain, share } from './format'
import type { Sample } from './history'
import type { Breaker } from './snapshot'
import { secondsIn, stretches } from './stretches'
import { useWords } from './words'

const TICK_MS = 250
const HEIGHTS = { closed: 10, half_open: 20, open: 30 }

/** Milliseconds that are left of what the last answer said. */
function useLeft(retryInMs: number | null, answeredAt: number): number {
  const [now, setNow] = useState(answeredAt)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS)
    return () => window.clearInterval(timer)
  }, [])
  return (retryInMs ?? 0) - Math.max(0, now - answeredAt)
}

function Countdown({ retryInMs, answeredAt }: { retryInMs: number | null; answeredAt: number }) {
  const { say } = useWords()
  return <span className="soft">{say('triesIn', { seconds: secondsLeft(useLeft(retryInMs, answeredAt)) })}</span>
}

function Strip({ samples, range: [from, to] }: { samples: readonly Sample[]; range: [number, number] }) {
  const { say } = useWords()
  const found = stretches(samples)
  const text = say('strip', {
    closed: duration(Math.round(secondsIn('closed', found))),
    open: duration(Math.round(secondsIn('open', found))),
    half: duration(Math.round(secondsIn('half_open', found))),
  })
  return (
    <>
      <svg className="strip" viewBox={`0 0 ${to - from} 30`} preserveAspectRatio="none" aria-hidden="true">
        {found.map((each) => (
          <rect
            key={each.from}
            className={each.state}
            x={each.from - from}
            width={each.to - each.from}
            y={30 - HEIGHTS[each.state]}
            height={HEIGHTS[each.state]}
          />
        ))}
      </svg>
      <p className="soft">{text}</p>
    </>
  )
}

interface Props {
  breaker: Breaker | null | undefined
  samples: readonly Sample[]
  range: [from: number, to: number]
  answeredAt: number
}

export function BreakerCard({ breaker, samples, range, answeredAt }: Props) {
  const { say } = useWords()
  return (
    <Card title={say('breaker')}>
      <p>
        <strong className={`badge ${breaker?.state ?? ''}`} data-testid="breaker" data-state={breaker?.state}>
          {breaker ? say(breaker.state) : say('unknown')}
        </strong>{' '}
        {breaker?.state === 'open' && <Countdown retryInMs={breaker.retryInMs} answeredAt={answeredAt} />}
      </p>
      <Figures
        of={[
          {
            name: say('failureRate'),
            value: share(breaker?.rate),
            hint: say('opensAt', { rate: share(breaker?.failureRate) }),
          },
          {
            name: say('inWindow', { seconds: plain(breaker?.windowSeconds) }),
            value: plain(breaker?.calls),
            hint: say('judgedFrom', { calls: plain(breaker?.minimumVolume) }),
          },
          { name: say('failures'), value: plain(breaker?.failures) },
        ]}
      />
      <Strip samples={samples} range={range} />
    </Card>
  )
}
