import { describe, expect, test } from 'vitest'
import { begin, extend, keep, listed, nothing, refresh, type Order, type Orders } from './list'
import { anOrder } from './order.made'

const page = (orders: Order[], next: string | null = null) => ({ orders, next, stale: false })
const ids = (orders: Orders) => listed(orders).map((order) => order.id)
const [oldest, older, newer, newest] = [anOrder('a', 1), anOrder('b', 2), anOrder('c', 3), anOrder('d', 4)] as const

describe('of one order', () => {
  const paid = anOrder('a', 1, { version: 2, status: 'PAID' })

  test('the higher version stays, in whichever order they come', () => {
    for (const heard of [[oldest, paid], [paid, oldest], [paid, oldest, paid]]) {
      expect(keep(nothing, heard).byId.get('a')).toBe(paid)
    }
  })

  test('what is heard twice changes nothing', () => {
    const orders = keep(nothing, [paid])
    expect(keep(orders, [paid, { ...paid }, oldest])).toBe(orders)
  })

  test('a page that is older than what was heard meanwhile takes nothing back', () => {
    const orders = begin(keep(nothing, [paid]), page([newest, oldest]))
    expect(orders.byId.get('a')).toBe(paid)
    expect(ids(orders)).toEqual(['d', 'a'])
  })
})

describe('the list', () => {
  test('is newest first, however its orders came', () => {
    expect(ids(keep(nothing, [older, newest, oldest, newer]))).toEqual(['d', 'c', 'b', 'a'])
  })

  test('has those of the same moment in the order of the gateway: the greater id first', () => {
    expect(ids(keep(nothing, [anOrder('x', 1), anOrder('z', 1), anOrder('y', 1)]))).toEqual(['z', 'y', 'x'])
  })

  test('does not care how a time is written', () => {
    const exact = anOrder('x', 1, { placedAt: '2026-01-02T00:01:00+00:00' })
    const later = anOrder('y', 1, { placedAt: '2026-01-02T00:01:00.250Z' })
    expect(ids(keep(nothing, [exact, later]))).toEqual(['y', 'x'])
  })

  test('shows what was just placed before any page has it', () => {
    expect(ids(keep(nothing, [newest]))).toEqual(['d'])
    expect(ids(keep(begin(nothing, page([older], 'b!')), [newest]))).toEqual(['d', 'b'])
  })

  test('has no gap: an order that is older than its last page waits for its own page', () => {
    const first = keep(begin(nothing, page([newest, newer], 'c!')), [{ ...oldest, version: 7 }])
    expect(ids(first)).toEqual(['d', 'c'])
    const all = extend(first, 'c!', page([older, oldest]))
    expect(ids(all)).toEqual(['d', 'c', 'b', 'a'])
    expect(all.byId.get('a')?.version).toBe(7)
  })

  test('is moved on once by a page that comes twice, or late', () => {
    const first = begin(nothing, page([newest], 'd!'))
    const second = extend(first, 'd!', page([newer], 'c!'))
    expect(extend(second, 'd!', page([newer], 'c!'))).toBe(second)
    expect(second.next).toBe('c!')
  })

  test('goes on where a page has come to be empty', () => {
    const orders = extend(begin(nothing, page([newest], 'd!')), 'd!', page([]))
    expect(orders.next).toBeNull()
    expect(ids(orders)).toEqual(['d'])
  })

  test('stays as long as it is when its first page is read once more', () => {
    const all = extend(begin(nothing, { ...page([newer], 'c!'), stale: true }), 'c!', page([older, oldest]))
    const again = refresh(all, page([newest, newer], 'c!'))
    expect(ids(again)).toEqual(['d', 'c', 'b', 'a'])
    expect(again.next).toBeNull()
    expect(refresh(again, page([newest]))).toBe(again)
  })

  test('says whether it may lack something, until a page says that it does not', () => {
    const behind = begin(nothing, { ...page([newest]), stale: true })
    expect(behind.stale).toBe(true)
    expect(refresh(behind, page([newest])).stale).toBe(false)
  })

  test('begun anew hides what could have a gap before it, and loses nothing that is known', () => {
    const before = begin(nothing, page([older, oldest]))
    const anew = begin(before, page([newest], 'd!'))
    expect(ids(anew)).toEqual(['d'])
    expect(ids(extend(anew, 'd!', page([newer, older], 'b!')))).toEqual(['d', 'c', 'b'])
  })
})
