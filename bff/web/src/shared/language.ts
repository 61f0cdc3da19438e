// The page's language: what was chosen last, else the browser's, else Korean.
import { useSyncExternalStore } from 'react'
import { texts, type TextKey } from './texts'

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

export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  return texts[key][current].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The language, how to change it, and texts in it; the component is drawn again when it changes. */
export function useLanguage() {
  return { language: useSyncExternalStore(subscribe, language), setLanguage, t }
}
