// Whether the system is light or dark now.
import { useSyncExternalStore } from 'react'

const dark = window.matchMedia('(prefers-color-scheme: dark)')

function subscribe(listener: () => void) {
  dark.addEventListener('change', listener)
  return () => dark.removeEventListener('change', listener)
}

export const useScheme = (): 'dark' | 'light' =>
  useSyncExternalStore(subscribe, () => (dark.matches ? 'dark' : 'light'))
