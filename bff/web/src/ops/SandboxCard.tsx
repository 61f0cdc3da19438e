// The sandbox's levers, to try the circuit by hand.
import { useState, type FormEvent } from 'react'
import { Card } from './Card'
import { LONGEST_MS, MOST_AT_ONCE, PRESETS, type Levers, type Preset } from './levers'
import { useLevers, type Pulled } from './useLevers'
import { useWords } from './words'

interface NumberFieldProps {
  label: string
  value: number
  least: number
  most: number
  onChange: (value: number) => void
}

function NumberField({ label, value, least, most, onChange }: NumberFieldProps) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="number"
        inputMode="numeric"
        value={Number.isNaN(value) ? '' : value}
        min={least}
        max={most}
        step={1}
        required
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </label>
  )
}

function Fields({ levers, change }: { levers: Levers; change: (changed: Partial<Levers>) => void }) {
  const { say } = useWords()
  return (
    <>
      <NumberField
        label={say('latencyMin')}
        value={levers.latency_ms_min}
        least={0}
        most={LONGEST_MS}
        onChange={(latency_ms_min) => change({ latency_ms_min })}
      />
      <NumberField
        label={say('latencyMax')}
        value={levers.latency_ms_max}
        least={0}
        most={LONGEST_MS}
        onChange={(latency_ms_max) => change({ latency_ms_max })}
      />
      <NumberField
        label={say('failurePercent')}
        value={Math.round(levers.failure_rate * 100)}
        least={0}
        most={100}
        onChange={(percent) => change({ failure_rate: percent / 100 })}
      />
      <NumberField
        label={say('capacity')}
        value={levers.capacity}
        least={1}
        most={MOST_AT_ONCE}
        onChange={(capacity) => change({ capacity })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={levers.stopped}
          onChange={(event) => change({ stopped: event.target.checked })}
        />
        <span>{say('refusesAll')}</span>
      </label>
    </>
  )
}

type Result = Pulled | 'notOrdered'

function ResultText({ of: result }: { of: Result }) {
  const { say } = useWords()
  if (result === 'notOrdered') return say('notOrdered')
  return result.done ? say('applied') : say('didNotWork', { reason: result.reason ?? say('noAnswer') })
}

function Controls() {
  const { say } = useWords()
  const { levers, pull } = useLevers()
  const [draft, setDraft] = useState<Levers>()
  const [result, setResult] = useState<Result>()
  const shown = draft ?? levers

  async function pullTo(wanted: Partial<Levers>) {
    const pulled = await pull(wanted)
    if (pulled.done) setDraft(undefined)
    setResult(pulled)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!shown) return
    if (shown.latency_ms_min > shown.latency_ms_max) setResult('notOrdered')
    else void pullTo(shown)
  }

  return (
    <>
      <div role="group" aria-label={say('presets')} className="row">
        {(Object.keys(PRESETS) as Preset[]).map((preset) => (
          <button key={preset} type="button" className="button" onClick={() => void pullTo(PRESETS[preset])}>
            {say(preset)}
          </button>
        ))}
      </div>
      {shown ? (
        <form className="levers" onSubmit={submit}>
          <Fields levers={shown} change={(changed) => setDraft({ ...shown, ...changed })} />
          <button type="submit" className="button primary" disabled={!draft}>
            {say('apply')}
          </button>
        </form>
      ) : (
        <p>{say('unknown')}</p>
      )}
      <p role="status" className="result">
        {result && <ResultText of={result} />}
      </p>
    </>
  )
}

export function SandboxCard({ available }: { available: boolean }) {
  const { say } = useWords()
  return (
    <Card title={say('sandbox')} wide>
      <p className="soft">{say(available ? 'sandboxHint' : 'noSandbox')}</p>
      {available && <Controls />}
    </Card>
  )
}
