// The store of the orders of whoever is signed in. A change of customer forgets everything of the one before.
import { useSyncExternalStore } from 'react'
import { begin, extend, keep, nothing, refresh, type Order, type Orders, type OrdersPage } from './list'
import { store } from './store'

export type { Order, Orders, OrdersPage } from './list'

let owner: string | null = null
const current = store(nothing)

/** From now on the orders are those of this customer; null: of nobody. Whether those of another were forgotten. */
export function ordersBelongTo(customerId: string | null): boolean {
  if (customerId === owner) return false
  const another = owner !== null
  owner = customerId
  current.set(nothing)
  return another
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
  if (customerId === owner) current.set(keep(current.get(), heard))
}

/** The list begins anew with its first page. */
export function listBegun(customerId: string, page: OrdersPage): void {
  if (customerId === owner) current.set(begin(current.get(), page))
}

/** The page that follows `after`. */
export function listExtended(customerId: string, after: string, page: OrdersPage): void {
  if (customerId === owner) current.set(extend(current.get(), after, page))
}

/** The first page, read once more while its list goes on. */
export function listRefreshed(customerId: string, page: OrdersPage): void {
  if (customerId === owner) current.set(refresh(current.get(), page))
}

/** A customer's orders as they are known now; nothing where they are another's. */
export const ordersOf = (customerId: string): Orders => (customerId === owner ? current.get() : nothing)

export const useOrders = (customerId: string): Orders => useSyncExternalStore(current.subscribe, () => ordersOf(customerId))
