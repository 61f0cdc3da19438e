// The shelf of fruit, and the form by which it is ordered.
import { useQuery } from 'urql'
import { FruitsDocument } from '../gql/graphql'
import { operation } from '../shared/client'
import { won } from '../shared/format'

const FRUITS = operation(FruitsDocument)

export function Shop() {
  const [{ data }] = useQuery({ query: FRUITS })
  return (
    <ul>
      {data?.fruits.map((fruit) => (
        <li key={fruit.id}>
          {fruit.name} {won(fruit.unitPrice)}
        </li>
      ))}
    </ul>
  )
}
