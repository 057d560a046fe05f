import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'

type Practitioner = { practitioner_id: string; title: string; name: string; specialty?: string | null }

/** For those who help at several doors: whose queue to look at. */
export function PractitionerChoice({ practitioners, value, onChange }: { practitioners: readonly Practitioner[] | undefined; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation('staff')
  const data = (practitioners ?? []).map(({ practitioner_id, title, name, specialty }) => ({
    value: practitioner_id,
    label: [`${title} ${name}`.trim(), specialty].filter(Boolean).join(', '),
  }))
  return <Select aria-label={t('queue.whose')} data={data} value={value || null} onChange={(id) => id && onChange(id)} searchable allowDeselect={false} m="0 12px 10px" />
}
