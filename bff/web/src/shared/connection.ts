// How the live connection is doing, for the quiet line that says so.
import { useSyncExternalStore } from 'react'

export type Connection = 'idle' | 'connected' | 'reconnecting' | 'offline'

let current: Connection = 'idle'
const listeners = new Set<() => void>()

export function setConnection(next: Connection): void {
  current = next
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => current)
}
