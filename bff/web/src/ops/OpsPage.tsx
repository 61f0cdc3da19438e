// How the whole system is doing, live, and the levers to try it.
import { useEffect } from 'react'
import { useLanguage } from '../shared/language'
import { PageHeader } from '../shared/PageHeader'
import { useSession } from '../shared/session'
import { BreakerCard } from './BreakerCard'
import { DeadLetters } from './DeadLetters'
import { OrdersCard, PaymentCards, ProjectionCard, WatchingCard, type Shown } from './FlowCards'
import { clock } from './format'
import { shownWindow } from './history'
import { usePolled, type Polled } from './polling'
import { SandboxCard } from './SandboxCard'
import { OutboxCard, ReadinessCard } from './ServiceCards'
import { useWords } from './words'

const SHORT = 8

function Asking({ polled: { answeredAt, trouble, samples } }: { polled: Polled }) {
  const { say } = useWords()
  const replica = samples.at(-1)?.snapshot.replica
  return (
    <p className="asking">
      <span role="status" className={trouble ? 'failing' : ''}>
        {say(trouble === 'noAnswer' ? 'failing' : 'fine')}
      </span>{' '}
      {answeredAt !== undefined && (
        <span className="soft">{say('answeredAt', { time: clock(answeredAt / 1000) })}</span>
      )}{' '}
      {replica && <span className="soft">{say('replica', { replica: replica.slice(0, SHORT) })}</span>}
    </p>
  )
}

function Cards({ polled: { samples, answeredAt = 0, trouble } }: { polled: Polled }) {
  const now = samples.at(-1)?.snapshot
  if (!now) return null
  const shown: Shown = { now, samples, times: samples.map((each) => each.at), range: shownWindow(samples) }
  return (
    <div className={trouble ? 'cards stale' : 'cards'}>
      <ReadinessCard now={now} />
      <BreakerCard breaker={now.breaker} samples={samples} range={shown.range} answeredAt={answeredAt} />
      <PaymentCards {...shown} />
      <SandboxCard available={now.sandbox?.available ?? false} />
      <OrdersCard {...shown} />
      <ProjectionCard {...shown} />
      <WatchingCard {...shown} />
      <OutboxCard {...shown} />
      <DeadLetters counted={now.deadLetters} />
    </div>
  )
}

export function OpsPage() {
  const { language } = useLanguage()
  const { session } = useSession()
  const { say } = useWords()
  const polled = usePolled(session?.customerId)
  const { trouble, samples } = polled
  useEffect(() => {
    document.title = say('title')
  }, [language])
  return (
    <>
      <PageHeader here="ops" />
      <main className="ops">
        <h1>{say('heading')}</h1>
        {trouble === 'signedOut' || trouble === 'forbidden' ? (
          <p role="status">{say(trouble === 'signedOut' ? 'signInFirst' : 'forbidden')}</p>
        ) : (
          <Asking polled={polled} />
        )}
        {!samples.length && !trouble && <p>{say('waiting')}</p>}
        <Cards polled={polled} />
      </main>
    </>
  )
}
