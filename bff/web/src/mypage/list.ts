// Orders by id, and as much of the list as its pages have told: plain values, and functions from one to the next.
import type { OrderFieldsFragment } from '../gql/graphql'

export type Order = OrderFieldsFragment

export interface OrdersPage {
  orders: readonly Order[]
  /** Where the next page begins; null where there is none. */
  next: string | null
  stale: boolean
}

/** Where something stands in the list. */
type Place = Pick<Order, 'id' | 'placedAt'>

export interface Orders {
  byId: ReadonlyMap<string, Order>
  /** Whether a page has been read. */
  read: boolean
  /** Where the next page begins; null where nothing more is to be read. */
  next: string | null
  /** The last order of the last page; what is older is not listed before its page has been read. */
  end: Place | null
  /** Whether the page that was read last may lack something. */
  stale: boolean
}

export const nothing: Orders = { byId: new Map(), read: false, next: null, end: null, stale: false }

/** Negative where `one` stands before `other`: newest first, as the gateway has it. */
export function before(one: Place, other: Place): number {
  const later = Date.parse(other.placedAt) - Date.parse(one.placedAt)
  if (later !== 0) return later
  return one.id === other.id ? 0 : one.id > other.id ? -1 : 1
}

/** Take orders in: of each, the highest version stays. The same value where nothing is new. */
export function keep(orders: Orders, heard: readonly Order[]): Orders {
  const byId = new Map(orders.byId)
  let changed = false
  for (const order of heard) {
    const known = byId.get(order.id)
    if (known && known.version >= order.version) continue
    byId.set(order.id, order)
    changed = true
  }
  return changed ? { ...orders, byId } : orders
}

/** The list begins anew with its first page: what is older than that is to be read again. */
export function begin(orders: Orders, page: OrdersPage): Orders {
  return { ...keep(orders, page.orders), read: true, ...reached(page, null) }
}

/** The page that follows `after`. One that was asked for from elsewhere than the list's end does not move it. */
export function extend(orders: Orders, after: string, page: OrdersPage): Orders {
  const kept = keep(orders, page.orders)
  return orders.next === after ? { ...kept, ...reached(page, orders.end) } : kept
}

/** The first page, read once more while its list goes on: it adds what it knows. */
export function refresh(orders: Orders, page: OrdersPage): Orders {
  const kept = keep(orders, page.orders)
  return kept.stale === page.stale ? kept : { ...kept, stale: page.stale }
}

function reached(page: OrdersPage, end: Place | null): Pick<Orders, 'next' | 'end' | 'stale'> {
  return { next: page.next, end: page.next === null ? null : (page.orders.at(-1) ?? end), stale: page.stale }
}

/** The list as far as it is known without a gap, newest first. */
export function listed({ byId, end }: Orders): Order[] {
  const all = [...byId.values()]
  return (end ? all.filter((order) => before(order, end) <= 0) : all).sort(before)
}
