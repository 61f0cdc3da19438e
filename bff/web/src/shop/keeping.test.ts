import { beforeEach, expect, test } from 'vitest'
import { EMPTY, read, write, type Draft } from './draft'
import { passedOn } from './keeping'

const TYPED: Draft = { ...EMPTY, fruitId: 'apple', address: '서울' }
const OLD: Draft = { ...EMPTY, fruitId: 'pear', address: '부산' }

beforeEach(() => sessionStorage.clear())

const pass = (owner: string | null, draft: Draft, customer: string | null, lost: string | null = null) =>
  passedOn({ owner, draft }, customer, lost, sessionStorage)

test('what was typed before signing in is the customer’s then, and nobody else’s', () => {
  write(sessionStorage, null, TYPED)
  expect(pass(null, TYPED, '7181')).toEqual({ owner: '7181', draft: TYPED })
  expect(read(sessionStorage, null)).toEqual(EMPTY)
  expect(read(sessionStorage, '7181')).toEqual(TYPED)
})

test('who typed nothing before finds what was left last time', () => {
  write(sessionStorage, '7181', OLD)
  expect(pass(null, EMPTY, '7181')).toEqual({ owner: '7181', draft: OLD })
})

test('a session that is lost leaves what was typed in view, and so does coming back', () => {
  expect(pass('7181', TYPED, null, '7181')).toEqual({ owner: '7181', draft: TYPED })
  expect(pass('7181', TYPED, '7181')).toEqual({ owner: '7181', draft: TYPED })
})

test('who signs out takes the draft along', () => {
  expect(pass('7181', TYPED, null)).toEqual({ owner: null, draft: EMPTY })
})

test('another customer does not see it', () => {
  expect(pass('7181', TYPED, '7182')).toEqual({ owner: '7182', draft: EMPTY })
})
