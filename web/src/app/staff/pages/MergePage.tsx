import { useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Comparison } from '~/features/patients'
import { useUrlState } from '~/lib/useUrlState'
import { Page } from '~/ui'

/** Two records side by side, to be merged or called two. */
export default function MergePage() {
  const { t } = useTranslation('patients')
  const navigate = useNavigate()
  const { id = '', other = '' } = useParams({ strict: false }) as { id?: string; other?: string }
  const [{ duplicate }] = useUrlState({ duplicate: '' })
  const open = (patient: string) => void navigate({ to: `/patients/${patient}` } as never)
  const next = (patient: string) => (duplicate ? void navigate({ to: '/duplicates' }) : open(patient))
  return (
    <Page label={t('merging.title')}>
      <Comparison key={`${id} ${other}`} oneId={id} otherId={other} duplicateId={duplicate || undefined} onMerged={next} onDifferent={() => next(id)} onOpen={open} />
    </Page>
  )
}
