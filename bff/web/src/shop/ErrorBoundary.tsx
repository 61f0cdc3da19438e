// When the page itself breaks: a friendly face, and a way back.
import { Component, type ReactNode } from 'react'
import { t } from '../shared/language'
import { FruitDrawing } from './drawings'

export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  render() {
    if (!this.state.broken) return this.props.children
    return (
      <main className="broken" role="alert">
        <FruitDrawing id="watermelon" />
        <h1>{t('broken.title')}</h1>
        <p>{t('broken.text')}</p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {t('broken.reload')}
        </button>
      </main>
    )
  }
}
