// Amounts and times as people of the page's language write them.
import { language } from './language'

const locale = () => (language() === 'ko' ? 'ko-KR' : 'en-GB')

/** 12000 → ₩12,000 */
export const won = (amount: number) =>
  new Intl.NumberFormat(locale(), { style: 'currency', currency: 'KRW' }).format(amount)

export const dateTime = (iso: string) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))

/** With seconds, for what follows closely. */
export const toTheSecond = (iso: string) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso))

export const timeOfDay = (iso: string) =>
  new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(new Date(iso))

/** Whole seconds that are left of so many milliseconds, never less than 0. */
export const secondsLeft = (milliseconds: number) => Math.max(0, Math.ceil(milliseconds / 1000))
