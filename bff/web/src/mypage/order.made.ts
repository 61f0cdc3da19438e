// Orders for tests.
import type { Order } from './list'

/** An order of which only what is given matters; `minute`: of the day on which it was placed. */
export function anOrder(id: string, minute = 0, other: Partial<Order> = {}): Order {
  return {
    id,
    version: 1,
    status: 'PAYMENT_PENDING',
    statusLabel: '결제 대기',
    fruit: { id: 'apple', name: '사과', unitPrice: 1500 },
    quantity: 2,
    unitPrice: 1500,
    amount: 3000,
    address: '서울',
    placedAt: new Date(Date.UTC(2026, 0, 2, 0, minute)).toISOString(),
    updatedAt: new Date(Date.UTC(2026, 0, 2, 0, minute)).toISOString(),
    payment: null,
    delivery: null,
    cancelReason: null,
    cancelable: true,
    history: [],
    ...other,
  }
}
