// The fruit on sale, in the page's language; asked for until there is an answer.
import { useEffect, useState } from 'react'
import { FruitsDocument, type FruitsQuery } from '../gql/graphql'
import { client, operation } from '../shared/client'
import { useLanguage } from '../shared/language'
import { untilDone } from '../shared/patience'

export type Fruit = FruitsQuery['fruits'][number]

const FRUITS = operation(FruitsDocument)

async function ask(): Promise<Fruit[]> {
  const { data, error } = await client.query(FRUITS, {}).toPromise()
  if (!data) throw error ?? new Error('no answer')
  return data.fruits
}

/** The fruit, undefined until they are known; and whether asking has failed so far. */
export function useFruits() {
  const { language } = useLanguage()
  const [fruits, setFruits] = useState<Fruit[]>()
  const [away, setAway] = useState(false)
  useEffect(() => {
    const leaving = new AbortController()
    const work = async () => {
      const found = await ask()
      if (leaving.signal.aborted) return
      setFruits(found)
      setAway(false)
    }
    void untilDone(work, leaving.signal, () => setAway(true))
    return () => leaving.abort()
  }, [language])
  return { fruits, away }
}
