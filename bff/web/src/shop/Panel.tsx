// A panel that says what became of something: announced, and focused when it comes.
import { useEffect, useRef, type ReactNode } from 'react'
import type { Face } from './outcome'

const MARKS = { good: 'M5 13l5 5L20 7', warn: 'M12 6v7.5M12 17.6v.2', bad: 'M7 7l10 10M17 7L7 17' }

interface Props {
  kind: Face['kind']
  tone: keyof typeof MARKS
  title: string
  spot?: ReactNode
  focused?: boolean
  children?: ReactNode
}

function Mark({ tone }: { tone: keyof typeof MARKS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={MARKS[tone]} fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}

export function Panel({ kind, tone, title, spot, focused = true, children }: Props) {
  const panel = useRef<HTMLDivElement>(null)
  const Title = tone === 'good' ? 'h2' : 'h3'
  useEffect(() => {
    const at = document.activeElement
    if (focused && (!at || at === document.body || at.closest('.shop'))) panel.current?.focus()
  }, [focused])
  return (
    <div
      ref={panel}
      tabIndex={-1}
      className={`outcome ${tone}`}
      role={tone === 'good' || kind === 'PaymentPending' ? 'status' : 'alert'}
      data-testid="outcome"
      data-outcome={kind}
    >
      <Title>
        <span className="mark">{spot ?? <Mark tone={tone} />}</span>
        {title}
      </Title>
      {children}
    </div>
  )
}
