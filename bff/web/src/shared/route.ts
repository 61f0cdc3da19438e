// Which view the address names; moving within the page keeps the history.
import { useMemo, useSyncExternalStore } from 'react'

export type Route = { view: 'shop' } | { view: 'orders'; orderId: string | null }

export const orderPath = (id: string) => `/orders/${encodeURIComponent(id)}`

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part) || null
  } catch {
    return null
  }
}

export function routeOf(path: string): Route {
  const [, first, second = ''] = path.split('/')
  return first === 'orders' ? { view: 'orders', orderId: decoded(second) } : { view: 'shop' }
}

/** Go there without loading the page again; whoever listens to popstate hears of it. */
export function navigate(path: string): void {
  if (path !== location.pathname) history.pushState(null, '', path)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

function subscribe(listener: () => void) {
  window.addEventListener('popstate', listener)
  return () => window.removeEventListener('popstate', listener)
}

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => location.pathname)
  return useMemo(() => routeOf(path), [path])
}
