import { useTranslation } from 'react-i18next'
import { useMe } from '~/lib/session'
import { SegmentedFilter } from '~/ui'

type Props = {
  value: string
  onChange: (facilityId: string) => void
  /** The word for all branches together, where they can be shown so: its value is ''. */
  everywhere?: string
}

/** Which branch is shown; nothing where a person has one only. */
export function BranchFilter({ value, onChange, everywhere }: Props) {
  const { t } = useTranslation('staff')
  const { facilities } = useMe()
  if (facilities.length < 2) return null
  const branches = facilities.map(({ id, name }) => ({ value: id, label: name.split(',').at(-1)?.trim() ?? name }))
  return <SegmentedFilter label={t('branch')} value={value} onChange={onChange} segments={everywhere ? [...branches, { value: '', label: everywhere }] : branches} />
}
