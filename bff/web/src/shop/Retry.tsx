// Trying again when the time has come: with one click, or by itself.
import { useEffect, useRef } from 'react'
import { useLanguage } from '../shared/language'
import { useCountdown } from './countdown'

interface Props {
  milliseconds: number
  busy: boolean
  byItself: boolean
  setByItself: (on: boolean) => void
  again: () => void
}

/** Once for each answer: give it another key for the next. */
export function Retry({ milliseconds, busy, byItself, setByItself, again }: Props) {
  const { t } = useLanguage()
  const seconds = useCountdown(milliseconds)
  const tried = useRef(false)
  useEffect(() => {
    if (seconds > 0 || !byItself || tried.current) return
    tried.current = true
    again()
  })
  return (
    <div className="retry">
      {seconds > 0 && (
        <p role="timer" className="timer">
          {t('retry.in', { seconds })}
        </p>
      )}
      <p role="status" className={seconds > 0 ? 'visually-hidden' : 'timer'}>
        {seconds === 0 && t('retry.ready')}
      </p>
      <button type="button" className="button primary" disabled={seconds > 0} aria-disabled={busy} onClick={again}>
        {t(busy ? 'form.placing' : 'retry.now')}
      </button>
      <label className="check">
        <input type="checkbox" checked={byItself} onChange={(event) => setByItself(event.target.checked)} />
        {t('retry.byItself')}
      </label>
    </div>
  )
}
