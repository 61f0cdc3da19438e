import { beforeEach, expect, test } from 'vitest'
import { discard, EMPTY, intended, isUntouched, read, settled, write, type Draft } from './draft'
import { randomKey } from '../shared/keys'

const APPLES: Draft = { ...EMPTY, fruitId: 'apple', quantity: '2', address: '경기도 성남시' }
let made = 0
const newKey = () => `key-${++made}`

beforeEach(() => {
  made = 0
  sessionStorage.clear()
})

test('the same content keeps its key, however often it is sent', () => {
  const once = intended(APPLES, newKey)
  expect(intended(once, newKey)).toEqual(once)
  expect(once.intention.key).toBe('key-1')
})

test('spaces around the address do not make another intention', () => {
  const once = intended(APPLES, newKey)
  expect(intended({ ...once, address: ' 경기도 성남시 ' }, newKey).intention).toEqual(once.intention)
})

test.each([{ fruitId: 'pear' }, { quantity: '3' }, { address: '서울' }, { paymentMethod: 'card-declined' }])(
  'other content is another intention: %o',
  (change) => expect(intended({ ...intended(APPLES, newKey), ...change }, newKey).intention.key).toBe('key-2'),
)

test('what is changed and changed back before it is sent is the same intention', () => {
  const once = intended(APPLES, newKey)
  const changed = { ...once, quantity: '3' }
  expect(intended({ ...changed, quantity: '2' }, newKey).intention.key).toBe('key-1')
})

test('after the outcome the same content is a new intention', () => {
  expect(intended(settled(intended(APPLES, newKey)), newKey).intention.key).toBe('key-2')
})

test('a draft and its key survive a reload, per customer', () => {
  const kept = intended(APPLES, newKey)
  write(sessionStorage, '7181', kept)
  expect(read(sessionStorage, '7181')).toEqual(kept)
  expect(read(sessionStorage, '7182')).toEqual(EMPTY)
  expect(read(sessionStorage, null)).toEqual(EMPTY)
})

test('a customer whose name is guest is not the guest', () => {
  write(sessionStorage, 'guest', APPLES)
  expect(read(sessionStorage, null)).toEqual(EMPTY)
})

test.each(['', '{', 'null', '[]', '{"address": 7}', '{"intention": {"key": 7}}'])('what makes no sense is an empty draft: %s', (text) => {
  sessionStorage.setItem('fruitstore.draft.of.7181', text)
  expect(read(sessionStorage, '7181')).toEqual(EMPTY)
})

test('a discarded draft is gone', () => {
  write(sessionStorage, null, APPLES)
  discard(sessionStorage, null)
  expect(read(sessionStorage, null)).toEqual(EMPTY)
})

test('a storage that refuses is no obstacle', () => {
  const refuse = () => {
    throw new DOMException('no', 'QuotaExceededError')
  }
  const full = { getItem: refuse, setItem: refuse, removeItem: refuse } as unknown as Storage
  write(full, null, APPLES)
  discard(full, null)
  expect(read(full, null)).toEqual(EMPTY)
})

test('only what was typed counts as touched', () => {
  expect(isUntouched({ ...EMPTY, fruitId: 'apple' })).toBe(true)
  expect(isUntouched(APPLES)).toBe(false)
})

test('keys differ, and fit what the gateway takes', () => {
  expect(randomKey()).not.toBe(randomKey())
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/)
})
