// GraphiQL, signed in by the same session as the shop.
import { explorerPlugin } from '@graphiql/plugin-explorer'
import { HISTORY_PLUGIN } from '@graphiql/plugin-history'
import { DocsIcon, type GraphiQLPlugin } from '@graphiql/react'
import { GraphiQL } from 'graphiql'
import { useEffect, useState } from 'react'
import { useLanguage, useTexts } from '../shared/language'
import { PageHeader } from '../shared/PageHeader'
import { useSession } from '../shared/session'
import { Editors } from './Editors'
import { fetcher, reconnect } from './fetcher'
import { isSchemaTold } from './schema'
import { storage } from './storage'
import { story } from './story'
import { StoryTabs } from './StoryTabs'
import { playgroundTexts } from './texts'

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()]

function NotTold() {
  const say = useTexts(playgroundTexts)
  return <p className="not-told">{say('notTold')}</p>
}

const NO_DOCUMENTATION: GraphiQLPlugin = { title: 'Documentation', icon: DocsIcon, content: NotTold }

function useTold(): boolean | undefined {
  const [told, setTold] = useState<boolean>()
  useEffect(() => void isSchemaTold().then(setTold), [])
  return told
}

/** Sockets speak for who was signed in when they were opened; on signing out the gateway closes them. */
function useFreshSockets(): void {
  const { session } = useSession()
  useEffect(() => {
    if (session?.customerId) reconnect()
  }, [session?.customerId, session?.expiresAt])
}

export function Playground() {
  const { language } = useLanguage()
  const say = useTexts(playgroundTexts)
  const told = useTold()
  useFreshSockets()
  useEffect(() => {
    document.title = say('title')
  }, [language])
  return (
    <>
      <PageHeader here="graphiql" />
      <main>
        <h1 className="visually-hidden">{say('title')}</h1>
        {told !== undefined && (
          <GraphiQL
            fetcher={fetcher}
            schema={told ? undefined : null}
            referencePlugin={told ? undefined : NO_DOCUMENTATION}
            plugins={PLUGINS}
            defaultTabs={story}
            storage={storage}
            forcedTheme="system"
            showPersistHeadersSettings={false}
          >
            <GraphiQL.Logo> </GraphiQL.Logo>
            <GraphiQL.Toolbar>
              {({ prettify, copy, merge }) => (
                <>
                  {prettify}
                  {merge}
                  {copy}
                  <StoryTabs />
                </>
              )}
            </GraphiQL.Toolbar>
            <Editors />
          </GraphiQL>
        )}
      </main>
    </>
  )
}
