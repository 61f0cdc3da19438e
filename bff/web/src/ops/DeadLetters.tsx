// What nobody could take in: a list of it with the reasons, and sending it again.
import { useState } from 'react'
import { dateTime } from '../shared/format'
import { Card } from './Card'
import { Confirm } from './Confirm'
import { plain } from './format'
import type { Snapshot } from './snapshot'
import { useLetters, type Letter, type Redriven } from './useLetters'
import { useWords } from './words'

function Reason({ letter: { reason, exception } }: { letter: Letter }) {
  const { named } = useWords()
  const brief = named(reason ?? 'unknown')
  if (!exception) return brief
  return (
    <details>
      <summary>{brief}</summary>
      <span className="soft">{exception}</span>
    </details>
  )
}

function Letters({ letters, onRedrive }: { letters: Letter[]; onRedrive: (letter: Letter) => void }) {
  const { say, named } = useWords()
  const columns = ['hearer', 'type', 'orderId', 'reason', 'setAsideAt', 'attempts', 'action'] as const
  return (
    <table className="letters">
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {say(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <tr key={letter.id}>
            <th scope="row">{named(letter.hearer)}</th>
            <td data-name={say('type')}>{letter.type ?? say('unknown')}</td>
            <td data-name={say('orderId')}>{letter.orderId ?? '–'}</td>
            <td data-name={say('reason')} className="why">
              <Reason letter={letter} />
            </td>
            <td data-name={say('setAsideAt')}>{letter.at ? dateTime(letter.at) : '–'}</td>
            <td data-name={say('attempts')}>{plain(letter.attempts)}</td>
            <td>
              <button
                type="button"
                className="button"
                aria-label={say('redriveThis', { hearer: named(letter.hearer), type: letter.type ?? say('unknown') })}
                onClick={() => onRedrive(letter)}
              >
                {say('redrive')}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Which letter somebody is asked about: one of them, or all. */
type Asked = Letter | 'all'

function useQuestion(total: number) {
  const { say, named } = useWords()
  return (asked: Asked) =>
    asked === 'all'
      ? say('sureAll', { count: total })
      : say('sureOne', { hearer: named(asked.hearer), type: asked.type ?? say('unknown') })
}

export function DeadLetters({ counted }: { counted: Snapshot['deadLetters'] }) {
  const { say, named } = useWords()
  const { letters, trouble, look, redrive } = useLetters(counted?.total)
  const [asked, setAsked] = useState<Asked>()
  const [redriven, setRedriven] = useState<Redriven | 'sending'>()
  const question = useQuestion(counted?.total ?? letters.length)
  const failure = typeof redriven === 'object' && 'reason' in redriven ? redriven : trouble

  function answer(sure: boolean) {
    setAsked(undefined)
    if (!sure || !asked) return
    setRedriven('sending')
    void redrive(asked === 'all' ? null : asked.id).then(setRedriven)
  }

  return (
    <Card title={say('deadLetters')} wide>
      {counted?.total === 0 && <p>{say('none')}</p>}
      {counted?.total == null && <p>{say('unknown')}</p>}
      {!!counted?.total && (
        <div className="row">
          {counted.queues
            .filter((queue) => queue.count > 0)
            .map(({ hearer, count }) => (
              <span key={hearer} className="badge">
                {say('countOf', { hearer: named(hearer), count })}
              </span>
            ))}
          <button type="button" className="button" onClick={() => void look()}>
            {say('lookAgain')}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={redriven === 'sending'}
            onClick={() => setAsked('all')}
          >
            {say('redriveAll')}
          </button>
        </div>
      )}
      {letters.length > 0 && <Letters letters={letters} onRedrive={setAsked} />}
      <p role="status" className="result">
        {redriven === 'sending' && say('sending')}
        {typeof redriven === 'object' && 'count' in redriven && say('redriven', { count: redriven.count })}
        {failure && say('didNotWork', { reason: failure.reason ?? say('noAnswer') })}
      </p>
      {asked && <Confirm question={question(asked)} hint={say('sureHint')} yes={say('redrive')} onAnswer={answer} />}
    </Card>
  )
}
