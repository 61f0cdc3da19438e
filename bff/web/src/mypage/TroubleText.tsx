// What is the matter, in words; where it passes, with the seconds that are left.
import { useCountdown } from '../shop/countdown'
import type { Trouble } from './trouble'
import { useWords } from './words'

type Again = 'mypage.againIn' | 'mypage.tryIn'

export function TroubleText({ trouble, again }: { trouble: Trouble; again: Again }) {
  const words = useWords()
  return (
    <>
      {words.trouble(trouble)}
      {trouble.kind === 'busy' && <Left milliseconds={trouble.afterMs} again={again} />}
    </>
  )
}

function Left({ milliseconds, again }: { milliseconds: number; again: Again }) {
  const { t } = useWords()
  const seconds = useCountdown(milliseconds)
  return <span aria-hidden={seconds === 0}> {t(again, { seconds })}</span>
}
