import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorState } from './ErrorState'

/** A fault in one page leaves the shell standing. `resetOn` (the path) clears it when the person goes elsewhere. */
export class Boundary extends Component<{ resetOn?: string; children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError = (error: unknown) => ({ error })

  override componentDidUpdate(before: { resetOn?: string }) {
    if (before.resetOn !== this.props.resetOn && this.state.error) this.setState({ error: null })
  }

  override render() {
    if (this.state.error) return <Fault error={this.state.error} onRetry={() => this.setState({ error: null })} />
    return this.props.children
  }
}

function Fault({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation('ui')
  return <ErrorState title={t('error.page')} error={error} onRetry={onRetry} />
}
