// Brings the tabs of the story back beside the user's own, and fills in what the story knows by then.
import { pick, ToolbarButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'
import { useTexts } from '../shared/language'
import { filledIn } from './noted'
import { story } from './story'
import { playgroundTexts } from './texts'

const nameOf = (query: string) => /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1] ?? ''

const storyTabs = () =>
  story.map(({ query, variables = null }) => ({
    id: crypto.randomUUID(),
    hash: `${query ?? ''}|${variables ?? ''}|`,
    title: nameOf(query ?? ''),
    operationName: nameOf(query ?? ''),
    query,
    variables,
    headers: null,
    response: null,
  }))

/** Whenever another tab is shown, what is left empty in its variables is filled in. */
function useFilledIn(): void {
  const { activeTabIndex, variableEditor } = useGraphiQL(pick('activeTabIndex', 'variableEditor'))
  useEffect(() => {
    const typed = variableEditor?.getValue() ?? ''
    const filled = filledIn(typed)
    if (filled !== typed) variableEditor?.setValue(filled)
  }, [activeTabIndex, variableEditor])
}

export function StoryTabs() {
  const say = useTexts(playgroundTexts)
  const tabs = useGraphiQL((state) => state.tabs)
  const { changeTab, moveTab } = useGraphiQLActions()
  useFilledIn()

  function bringBack() {
    const untouched = new Set(story.map((tab) => tab.query))
    const own = tabs.filter((tab) => tab.query && !untouched.has(tab.query))
    moveTab([...storyTabs(), ...own])
    changeTab(0)
  }

  return (
    <ToolbarButton label={say('storyTabs')} onClick={bringBack}>
      <svg className="graphiql-toolbar-icon" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d="M3 2.5h7.5a2 2 0 0 1 2 2v9H5a2 2 0 0 1-2-2zM5.5 6h4.5M5.5 9h4.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
        />
      </svg>
    </ToolbarButton>
  )
}
