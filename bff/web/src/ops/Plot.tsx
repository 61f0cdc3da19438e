// Lines over the last minutes, drawn by uPlot, and what they say at the moment in words beside them.
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useLanguage } from '../shared/language'
import { clock } from './format'
import { lineOf, optionsOf } from './plotting'
import { useScheme } from './scheme'

export interface Line {
  name: string
  label: string
  values: (number | null)[]
}

interface Props {
  title: string
  /** Where the card's heading says the same, the title is for screen readers alone. */
  titled?: boolean
  times: number[]
  range: [from: number, to: number]
  lines: Line[]
  format: (value: number | null | undefined) => string
}

export function Plot({ title, titled, times, range, lines, format }: Props) {
  const { language } = useLanguage()
  const titleId = useId()
  const scheme = useScheme()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const seen = useRef(range)
  const [pointed, setPointed] = useState<number | null>(null)
  const names = lines.map((line) => line.name).join()
  const data = useMemo(() => [times, ...lines.map((line) => line.values)] as uPlot.AlignedData, [times, lines])
  seen.current = range

  useEffect(() => {
    const element = place.current
    if (!element) return
    const options = optionsOf(element, names.split(','), () => seen.current, format, setPointed)
    const made = new uPlot(options, data, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: options.height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [names, scheme, language])

  useEffect(() => plot.current?.setData(data), [data])

  const at = pointed !== null && pointed < times.length ? pointed : times.length - 1
  return (
    <figure className="plot" aria-labelledby={titleId}>
      <figcaption id={titleId} className={titled ? 'visually-hidden' : undefined}>
        {title}
      </figcaption>
      <div ref={place} className="drawing" aria-hidden="true" />
      <ul className="legend">
        {pointed !== null && times[at] !== undefined && <li className="soft">{clock(times[at])}</li>}
        {lines.map((line, index) => (
          <li key={line.name}>
            <span className={`swatch ${lineOf(index)}`} aria-hidden="true" />
            {line.label} <strong>{format(line.values[at])}</strong>
          </li>
        ))}
      </ul>
    </figure>
  )
}
