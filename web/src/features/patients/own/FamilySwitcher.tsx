import { Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { switchOrganization, useMe } from '~/lib/session'
import { actFor, useActingFor } from './actingFor'
import styles from './Own.module.css'

/** Whom am I acting for: oneself, a child, a parent, in whichever hospital. `add`: a link to claim another record. */
export function FamilySwitcher({ add }: { add?: (children: ReactNode, className: string | undefined) => ReactNode }) {
  const { t } = useTranslation('own')
  const { organization, patients } = useMe()
  const acting = useActingFor(patients)
  const [going, setGoing] = useState<string | null>(null)
  const family = $api.useQuery('get', '/api/patients/family')
  // Until the list is there, those of this hospital, who are known already: nothing jumps where there is only one.
  const here = patients.map(({ id, name, relation }) => ({ patient_id: id, name, relation, organization_id: organization?.id ?? '', organization_name: organization?.name ?? '' }))
  const members = family.data?.items ?? here
  const hospitals = new Set(members.map(({ organization_id }) => organization_id))
  if (members.length < 2 && !add) return null

  const choose = async (patient_id: string, organization_id: string) => {
    if (organization_id !== organization?.id) {
      setGoing(patient_id)
      await switchOrganization(organization_id).catch(() => undefined)
      setGoing(null)
    }
    actFor(patient_id)
  }
  const isEverybody = acting.length === patients.length && patients.length > 1
  return (
    <div className={styles.switcher} data-wraps={!!add || undefined} role="group" aria-label={t('switcher.label')}>
      {patients.length > 1 && (
        <button type="button" className={styles.person} aria-pressed={isEverybody} onClick={() => actFor(null)}>
          {t('switcher.everybody')}
        </button>
      )}
      {members.map(({ patient_id, organization_id, organization_name, name, relation }) => (
        <button
          key={patient_id} type="button" className={styles.person} aria-busy={going === patient_id}
          aria-pressed={organization_id === organization?.id && !isEverybody && acting.some(({ id }) => id === patient_id)}
          onClick={() => void choose(patient_id, organization_id)}
        >
          <span>{name.split(' ')[0]}</span>
          <small>{hospitals.size > 1 ? organization_name : t(`relation.${relation}`)}</small>
        </button>
      ))}
      {add?.(
        <>
          <Plus size={18} aria-hidden />
          {t('switcher.add')}
        </>,
        styles.add,
      )}
    </div>
  )
}
