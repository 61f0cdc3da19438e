// What is wrong with a field, beside it.
import type { Field } from './outcome'

/** How an input says that it is wrong, and where that is explained. */
export const wrongness = (field: Field, text: string | undefined) =>
  text ? ({ 'aria-invalid': true, 'aria-describedby': `problem-${field}` } as const) : {}

export function Problem({ of, text }: { of: Field; text: string | undefined }) {
  if (!text) return null
  return (
    <p className="problem" id={`problem-${of}`}>
      {text}
    </p>
  )
}
