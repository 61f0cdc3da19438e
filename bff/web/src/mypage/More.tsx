// The next page: by itself where the list's end comes near, and by a button.
import { useCallback, useEffect, useRef, useState } from 'react'
import { listExtended } from './orders'
import { readPage } from './reading'
import { TroubleText } from './TroubleText'
import { troubleOf, type Trouble } from './trouble'
import { useWords } from './words'

interface Props {
  customerId: string
  /** Where the next page begins. */
  next: string
}

type State = 'idle' | 'reading' | Trouble

function useMore({ customerId, next }: Props) {
  const [state, setState] = useState<State>('idle')
  const reading = useRef(false)
  const read = useCallback(async () => {
    if (reading.current) return
    reading.current = true
    setState('reading')
    try {
      const { page } = await readPage(next)
      listExtended(customerId, next, page)
      setState('idle')
    } catch (failure) {
      setState(troubleOf(failure))
    } finally {
      reading.current = false
    }
  }, [customerId, next])
  return { state, read }
}

export function More(props: Props) {
  const { t } = useWords()
  const { state, read } = useMore(props)
  const here = useRef<HTMLDivElement>(null)
  const trouble = typeof state === 'object' ? state : null
  useEffect(() => {
    if (trouble || !here.current) return
    const nearing = new IntersectionObserver(([entry]) => entry?.isIntersecting && void read(), { rootMargin: '600px 0px' })
    nearing.observe(here.current)
    return () => nearing.disconnect()
  }, [read, trouble])
  return (
    <div className="more" ref={here}>
      <p role="status" className="soft">
        {trouble && <TroubleText trouble={trouble} again="mypage.tryIn" />}
      </p>
      <button type="button" className="button" aria-disabled={state === 'reading'} onClick={() => void read()}>
        {t(state === 'reading' ? 'mypage.loadingMore' : trouble ? 'mypage.again' : 'mypage.more')}
      </button>
    </div>
  )
}
