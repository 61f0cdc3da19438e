// A value that components follow.
import { useSyncExternalStore } from 'react'

export interface Store<Value> {
  get: () => Value
  set: (next: Value) => void
  use: () => Value
  subscribe: (listener: () => void) => () => void
}

export function store<Value>(first: Value): Store<Value> {
  let current = first
  const listeners = new Set<() => void>()
  const get = () => current
  const set = (next: Value) => {
    if (next === current) return
    current = next
    listeners.forEach((listener) => listener())
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return { get, set, subscribe, use: () => useSyncExternalStore(subscribe, get) }
}
