// A field for each lever of the sandbox.
import { LONGEST_MS, MOST_AT_ONCE, type Levers } from './levers'
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

export function Fields({ levers, change }: { levers: Levers; change: (changed: Partial<Levers>) => void }) {
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
