// A quiet line that says when what is shown may not be up to date. It takes the same room whether it says something or not.
import { useConnection } from '../shared/connection'
import { TroubleText } from './TroubleText'
import { useTrouble } from './troubles'
import { useWords } from './words'

export function ConnectionLine({ stale }: { stale: boolean }) {
  const { t } = useWords()
  const connection = useConnection()
  const trouble = useTrouble()
  const lost = connection === 'offline' || connection === 'reconnecting' ? connection : null
  return (
    <div className="connection">
      <p role="status" data-testid="connection" data-state={connection}>
        {lost ? t(`mypage.${lost}`) : trouble ? <TroubleText trouble={trouble} again="mypage.againIn" /> : stale && t('mypage.stale')}
      </p>
    </div>
  )
}
