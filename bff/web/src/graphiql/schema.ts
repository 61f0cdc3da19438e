// Whether the gateway tells its schema to whoever asks.
import { fetcher } from './fetcher'

interface Refusal {
  errors?: { extensions?: { code?: string } }[]
}

/** False where the gateway says that it does not; where it does not answer, GraphiQL says so better. */
export async function isSchemaTold(): Promise<boolean> {
  try {
    const answer = (await fetcher({ query: '{ __schema { queryType { name } } }' })) as Refusal
    return !answer.errors?.some((error) => error.extensions?.code === 'INTROSPECTION_DISABLED')
  } catch {
    return true
  }
}
