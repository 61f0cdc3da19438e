// Asks whether somebody is sure; Escape means no.
import { useId, useLayoutEffect, useRef } from 'react'
import { useWords } from './words'

interface Props {
  question: string
  hint: string
  yes: string
  onAnswer: (sure: boolean) => void
}

export function Confirm({ question, hint, yes, onAnswer }: Props) {
  const { say } = useWords()
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close() // gives the focus back to where it was
  }, [])
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onAnswer(false)
      }}
    >
      <h2 id={id}>{question}</h2>
      <p>{hint}</p>
      <div className="row">
        <button type="button" className="button" autoFocus onClick={() => onAnswer(false)}>
          {say('cancel')}
        </button>
        <button type="button" className="button primary" onClick={() => onAnswer(true)}>
          {yes}
        </button>
      </div>
    </dialog>
  )
}
