// How far an order has come, as a line of steps.
import type { Order } from './list'
import { steps, type Step } from './progress'
import { useWords } from './words'

const SAID = { done: 'order.step.done', current: null, stopped: null, waiting: 'order.step.waiting', ahead: 'order.step.ahead' } as const
const stands = ({ state }: Step) => state === 'current' || state === 'waiting' || state === 'stopped'

export function ProgressLine({ order }: { order: Order }) {
  const { t } = useWords()
  return (
    <ol className="progress" data-testid="progress" aria-label={t('order.progress')}>
      {steps(order).map((step) => (
        <li key={step.name} className={`step ${step.state} ${step.name}`} aria-current={stands(step) ? 'step' : undefined}>
          <span className="dot" aria-hidden="true" />
          <span className="step-name">
            {t(`order.step.${step.name}`)}
            <Aside step={step} />
          </span>
        </li>
      ))}
    </ol>
  )
}

function Aside({ step }: { step: Step }) {
  const { t } = useWords()
  const said = SAID[step.state]
  return said && <span className="visually-hidden"> ({t(said)})</span>
}
