// The face of what became of an order that somebody tried to place.
import { useLanguage } from '../shared/language'
import { useSession } from '../shared/session'
import type { TextKey } from '../shared/texts'
import type { Face, Order } from './outcome'
import { Panel } from './Panel'
import { Bill, Reason, Receipt } from './Receipt'
import { Retry } from './Retry'
import { SignIn } from './SignIn'
import { useSettling } from './watching'

export interface Doing {
  attempt: number
  busy: boolean
  byItself: boolean
  setByItself: (on: boolean) => void
  again: () => void
  more: () => void
  otherMeans: () => void
  show: (face: Face) => void
}

function Pending({ face, doing }: { face: Face & { kind: 'PaymentPending' }; doing: Doing }) {
  const { t } = useLanguage()
  const away = useSettling(face, doing.show)
  return (
    <Panel kind={face.kind} tone="warn" title={t('outcome.pending')} spot={<span className="spinner" />}>
      <p>{away ? t('outcome.pendingAway') : face.message}</p>
      <Receipt order={face.order} />
    </Panel>
  )
}

function Declined({ face, doing }: { face: Face & { kind: 'PaymentDeclined' }; doing: Doing }) {
  const { t } = useLanguage()
  return (
    <Panel kind={face.kind} tone="bad" title={t('outcome.declined')}>
      <p>
        <Reason code={face.reason} /> {t('outcome.declinedKeep')}
      </p>
      <button type="button" className="button" onClick={doing.otherMeans}>
        {t('outcome.otherMeans')}
      </button>
    </Panel>
  )
}

function Canceled({ order, doing }: { order: Order; doing: Doing }) {
  const { t } = useLanguage()
  return (
    <Panel kind="OrderCanceled" tone="bad" title={t('outcome.canceled')}>
      <p>{order.cancelReason && t(`cancel.${order.cancelReason}`)}</p>
      <button type="button" className="button primary" onClick={doing.again}>
        {t('outcome.again')}
      </button>
    </Panel>
  )
}

interface LaterProps {
  face: Face
  title: TextKey
  text: TextKey
  after?: number
  doing: Doing
}

/** It did not work now; it can be tried again with the same key. */
function Later({ face, title, text, after, doing }: LaterProps) {
  const { t } = useLanguage()
  return (
    <Panel kind={face.kind} tone="warn" title={t(title)}>
      <p>{t(text)}</p>
      {after === undefined ? (
        <button type="button" className="button primary" aria-disabled={doing.busy} onClick={doing.again}>
          {t(doing.busy ? 'form.placing' : 'retry.now')}
        </button>
      ) : (
        <Retry key={doing.attempt} milliseconds={after} {...doing} />
      )}
    </Panel>
  )
}

function SignedOut() {
  const { t } = useLanguage()
  const { lostCustomer } = useSession()
  return (
    <Panel kind="UNAUTHENTICATED" tone="warn" title={t(lostCustomer ? 'outcome.signedOutAgain' : 'outcome.signedOut')}>
      <p>{t('form.signInFirst')}</p>
      <SignIn />
    </Panel>
  )
}

function Bug({ face, doing }: { face: Face & { kind: 'INTERNAL_SERVER_ERROR' }; doing: Doing }) {
  const { t } = useLanguage()
  return (
    <Panel kind={face.kind} tone="bad" title={t('outcome.bug')}>
      <p>{t('outcome.bugText')}</p>
      {face.correlationId && (
        <p className="hint">
          {t('outcome.number')}: <code>{face.correlationId}</code>
        </p>
      )}
      <button type="button" className="button" aria-disabled={doing.busy} onClick={doing.again}>
        {t(doing.busy ? 'form.placing' : 'retry.now')}
      </button>
    </Panel>
  )
}

export function Outcome({ face, doing }: { face: Face; doing: Doing }) {
  const { t } = useLanguage()
  const later = { face, doing }
  switch (face.kind) {
    case 'OrderPlaced':
      return <Bill order={face.order} more={doing.more} />
    case 'PaymentPending':
      return <Pending face={face} doing={doing} />
    case 'PaymentDeclined':
      return <Declined face={face} doing={doing} />
    case 'OrderCanceled':
      return <Canceled order={face.order} doing={doing} />
    case 'PaymentUnavailable':
      return <Later {...later} title="outcome.busy" text="outcome.busyKeep" after={face.retryAfterMs} />
    case 'RATE_LIMITED':
      return <Later {...later} title="outcome.limited" text="outcome.limitedText" after={face.retryAfterMs} />
    case 'InvalidOrder':
      return (
        <Panel kind={face.kind} tone="bad" title={t('problem.summary')} focused={false}>
          {face.other && <p>{t('problem.again')}</p>}
        </Panel>
      )
    case 'UNAUTHENTICATED':
      return <SignedOut />
    case 'SERVICE_UNAVAILABLE':
      return <Later {...later} title="outcome.unavailable" text="outcome.unavailableText" />
    case 'NETWORK_FAILURE':
      return <Later {...later} title={face.online ? 'outcome.noAnswer' : 'outcome.offline'} text="outcome.noAnswerText" />
    case 'INTERNAL_SERVER_ERROR':
      return <Bug face={face} doing={doing} />
  }
}
