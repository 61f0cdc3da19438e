// A part of the page with a heading, and figures in it.
import { useId, type ReactNode } from 'react'

interface Props {
  title: string
  wide?: boolean
  children: ReactNode
}

export function Card({ title, wide, children }: Props) {
  const id = useId()
  return (
    <section className={wide ? 'card wide' : 'card'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

interface Figure {
  name: string
  value: ReactNode
  hint?: string
}

export function Figures({ of }: { of: Figure[] }) {
  return (
    <dl className="figures">
      {of.map(({ name, value, hint }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} {hint && <span className="soft">{hint}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
