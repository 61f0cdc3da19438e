import { beforeEach, expect, test } from 'vitest'
import { consistencyToken, forget, remember } from './consistency'

beforeEach(forget)

test('a read waits for all that was done, in its order, and nothing twice', () => {
  expect(consistencyToken()).toBeUndefined()
  for (const each of ['a', 'b', 'a', undefined, '']) remember(each)
  expect(consistencyToken()).toBe('b,a')
})

test('no more than the last twenty are kept', () => {
  for (let each = 0; each < 25; each++) remember(`t${each}`)
  const kept = consistencyToken()?.split(',')
  expect(kept).toHaveLength(20)
  expect(kept?.[0]).toBe('t5')
})
