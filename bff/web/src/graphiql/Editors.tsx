// What GraphiQL's editors are told besides: to wrap lines, and to follow when the system turns dark or light.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'

export function Editors() {
  const { setTheme } = useGraphiQLActions()
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick('queryEditor', 'variableEditor', 'responseEditor'),
  )
  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) editor?.updateOptions({ wordWrap: 'on' })
  }, [queryEditor, variableEditor, responseEditor])
  useEffect(() => {
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    const follow = () => setTheme(null)
    scheme.addEventListener('change', follow)
    return () => scheme.removeEventListener('change', follow)
  }, [setTheme])
  return null
}
