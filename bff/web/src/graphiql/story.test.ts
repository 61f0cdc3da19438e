import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { story } from './story'

const schema = buildSchema(readFileSync('../../schema/exported/schema.graphql', 'utf8'))

test.each(story.map((tab) => [tab.query ?? '']))(
  'each operation of the story is one that the gateway knows',
  (query) => {
    expect(validate(schema, parse(query))).toEqual([])
  },
)

test('each is explained in Korean and in English', () => {
  for (const { query } of story) {
    expect(query).toMatch(/^#.*[가-힣]/m)
    expect(query).toMatch(/^#\s+[A-Z][a-z]/m)
  }
})
