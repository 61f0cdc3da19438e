// The services: whether they are ready, and which of their events are not told yet.
import { Card } from './Card'
import type { Shown } from './FlowCards'
import { duration, plain } from './format'
import { line } from './lines'
import { Plot } from './Plot'
import type { Snapshot } from './snapshot'
import { useWords } from './words'

const TELLING = ['order', 'payment', 'delivery']

const serviceOf = (snapshot: Snapshot, name: string) => snapshot.services?.find((each) => each.name === name)

/** Those that have an outbox, as far as is known. */
const tellingOf = ({ services }: Snapshot) => [
  ...new Set([...TELLING, ...(services ?? []).filter((each) => each.outbox).map((each) => each.name)]),
]

export function OutboxCard({ now, samples, times, range }: Shown) {
  const { say, named } = useWords()
  const names = tellingOf(now)
  const lines = names.map((name) => line(samples, name, named(name), (each) => serviceOf(each, name)?.outbox?.depth))
  return (
    <Card title={say('outboxes')} wide>
      <div className="beside">
        <table>
          <thead>
            <tr>
              <th scope="col">{say('service')}</th>
              <th scope="col">{say('depth')}</th>
              <th scope="col">{say('oldest')}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{named(name)}</th>
                <td>{plain(serviceOf(now, name)?.outbox?.depth)}</td>
                <td>{duration(serviceOf(now, name)?.outbox?.oldestSeconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Plot title={say('depth')} times={times} range={range} lines={lines} format={plain} />
      </div>
    </Card>
  )
}

function Ready({ name, ready, said }: { name: string; ready: boolean | null; said?: string | null }) {
  const { say, named } = useWords()
  const state = ready === null ? 'unknown' : ready ? 'ready' : 'notReady'
  return (
    <li>
      <span className={`dot ${state}`} aria-hidden="true" />
      <span>{named(name)}</span> <strong className={state}>{say(state)}</strong>
      {said && <span className="soft said">{said}</span>}
    </li>
  )
}

export function ReadinessCard({ now }: { now: Snapshot }) {
  const { say } = useWords()
  return (
    <Card title={say('readiness')} wide>
      <ul className="readiness">
        {now.services?.map((each) => (
          <Ready key={each.name} {...each} />
        ))}
        {Object.entries(now.dependencies ?? {}).map(([name, ready]) => (
          <Ready key={name} name={name} ready={ready} />
        ))}
      </ul>
      {!now.services && !now.dependencies && <p>{say('unknown')}</p>}
    </Card>
  )
}
