// What is the matter with the list at the moment, if anything.
import { store } from './store'
import type { Trouble } from './trouble'

const trouble = store<Trouble | null>(null)

export const troubleIs = trouble.set
export const useTrouble = trouble.use
