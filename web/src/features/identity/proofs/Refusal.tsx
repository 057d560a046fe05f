import { useTranslation } from 'react-i18next'
import { asProblem } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'

/** Why it was refused, and, where it was tried too often, how long to wait. */
export function Refusal({ of }: { of: unknown }) {
  const { t } = useTranslation('proofs')
  const words = useProblemText()
  if (of === null) return null
  const wait_s = asProblem(of).retryAfter_s
  return <Notice urgent>{wait_s ? t('wait', { count: wait_s }) : words(of)}</Notice>
}
