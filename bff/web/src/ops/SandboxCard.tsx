// The sandbox's levers, to try the circuit by hand.
import { useState, type FormEvent } from 'react'
import { Card } from './Card'
import { Fields } from './LeverFields'
import { PRESETS, type Levers, type Preset } from './levers'
import { useLevers, type Pulled } from './useLevers'
import { useWords } from './words'

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
