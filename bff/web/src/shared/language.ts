// The page's language: what was chosen last, else the browser's, else Korean.
import { useSyncExternalStore } from 'react'
import { texts, type Text, type TextKey } from './texts'

export type Language = 'ko' | 'en'

const REMEMBERED = 'fruitstore.language'
const listeners = new Set<() => void>()

const isLanguage = (text: string | null): text is Language => text === 'ko' || text === 'en'

export function preferred(remembered: string | null, browser: readonly string[]): Language {
  if (isLanguage(remembered)) return remembered
  return browser.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'ko'
}

let current: Language = preferred(localStorage.getItem(REMEMBERED), navigator.languages)
document.documentElement.lang = current

export const language = () => current

export function setLanguage(next: Language): void {
  current = next
  localStorage.setItem(REMEMBERED, next)
  document.documentElement.lang = next
  listeners.forEach((listener) => listener())
}

export type Values = Record<string, string | number>

/** A text in the page's language, with the values where it names them in braces. */
export function said(text: Text, values: Values = {}): string {
  return text[current].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export const t = (key: TextKey, values: Values = {}): string => said(texts[key], values)

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The language, how to change it, and texts in it; the component is drawn again when it changes. */
export function useLanguage() {
  return { language: useSyncExternalStore(subscribe, language), setLanguage, t }
}

/** As useLanguage, for a page that keeps its texts by itself, so that no other has to load them. */
export function useTexts<Keys extends string>(own: Record<Keys, Text>) {
  useSyncExternalStore(subscribe, language)
  return (key: Keys, values: Values = {}) => said(own[key], values)
}
