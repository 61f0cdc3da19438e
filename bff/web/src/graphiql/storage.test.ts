import { expect, test } from 'vitest'
import { storage } from './storage'

test('no header gets into the history that is kept', () => {
  storage.setItem('graphiql:queries', '{"queries":[{"query":"{a}","headers":"{\\"Authorization\\":\\"Bearer x\\"}"}]}')
  expect(storage.getItem('graphiql:queries')).toBe('{"queries":[{"query":"{a}"}]}')
})

test('clearing leaves alone what is not of the playground', () => {
  localStorage.setItem('fruitstore.language', 'en')
  storage.setItem('graphiql:theme', 'dark')
  storage.clear()
  expect([storage.length, localStorage.getItem('fruitstore.language')]).toEqual([0, 'en'])
})
