// A soft light over what has just changed.
import { useState } from 'react'

/** Shines once for each version after the first that was shown. */
export function Highlight({ version }: { version: number }) {
  const [first] = useState(version)
  return version === first ? null : <span key={version} className="highlight" aria-hidden="true" />
}
