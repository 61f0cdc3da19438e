// Numbers, durations and times of day, briefly; what is not known is a dash.
import { language } from '../shared/language'

const locale = () => (language() === 'ko' ? 'ko-KR' : 'en-GB')

const UNKNOWN = '–'

type Value = number | null | undefined

const number = (digits: number) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits })

/** To three figures or so. */
export const plain = (value: Value) => (value == null ? UNKNOWN : number(value < 10 ? 1 : 0).format(value))

export const share = (value: Value) =>
  value == null
    ? UNKNOWN
    : new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(value)

export function duration(seconds: Value): string {
  if (seconds == null) return UNKNOWN
  const unit = (size: number, name: string) =>
    new Intl.NumberFormat(locale(), {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      maximumFractionDigits: size < 10 ? 1 : 0,
    }).format(size)
  if (seconds > 0 && seconds < 1) return unit(seconds * 1000, 'millisecond')
  return seconds < 120 ? unit(seconds, 'second') : unit(seconds / 60, 'minute')
}

/** The time of day, of seconds since 1970. */
export const clock = (seconds: number) =>
  new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    seconds * 1000,
  )
