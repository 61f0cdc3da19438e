// The store of the orders of whoever is signed in. A change of customer forgets everything of the one before.
import { useSyncExternalStore } from 'react'
import { begin, extend, keep, nothing, type Order, type Orders, type OrdersPage } from './list'

export type { Order, Orders, OrdersPage } from './list'

let owner: string | null = null
let current: Orders = nothing
const listeners = new Set<() => void>()

/** From now on the orders are those of this customer; null: of nobody. */
export function ordersBelongTo(customerId: string | null): void {
  if (customerId === owner) return
  owner = customerId
  become(nothing)
}

/**
 * An order that was just placed is shown at once, before any page has it.
 * `customerId`: who placed it; where that is no longer who is signed in, nothing happens.
 */
export function orderPlaced(order: Order, customerId: string | null = owner): void {
  if (customerId) ordersHeard(customerId, [order])
}

/** Take in what was heard of a customer's orders, in any order and however often. */
export function ordersHeard(customerId: string, heard: readonly Order[]): void {
  if (customerId === owner) become(keep(current, heard))
}

/** The list begins anew with its first page. */
export function listBegun(customerId: string, page: OrdersPage): void {
  if (customerId === owner) become(begin(current, page))
}

/** The page that follows `after`. */
export function listExtended(customerId: string, after: string, page: OrdersPage): void {
  if (customerId === owner) become(extend(current, after, page))
}

/** A customer's orders as they are known now; nothing where they are another's. */
export const ordersOf = (customerId: string): Orders => (customerId === owner ? current : nothing)

export const useOrders = (customerId: string): Orders => useSyncExternalStore(subscribe, () => ordersOf(customerId))

function become(next: Orders): void {
  if (next === current) return
  current = next
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
