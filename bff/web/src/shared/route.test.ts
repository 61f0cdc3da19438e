import { expect, test } from 'vitest'
import { navigate, orderPath, routeOf } from './route'

test('the address names the view, and the order if there is one', () => {
  expect(routeOf('/')).toEqual({ view: 'shop' })
  expect(routeOf('/orders')).toEqual({ view: 'orders', orderId: null })
  expect(routeOf('/orders/')).toEqual({ view: 'orders', orderId: null })
  expect(routeOf(orderPath('a/b 1'))).toEqual({ view: 'orders', orderId: 'a/b 1' })
  expect(routeOf('/orders/%E0%A4%A')).toEqual({ view: 'orders', orderId: null })
  expect(routeOf('/elsewhere')).toEqual({ view: 'shop' })
})

test('going somewhere is heard, and going nowhere makes no history', () => {
  const heard: string[] = []
  window.addEventListener('popstate', () => heard.push(location.pathname))
  const before = history.length
  navigate('/orders')
  navigate('/orders')
  expect(heard).toEqual(['/orders', '/orders'])
  expect(history.length).toBe(before + 1)
})
