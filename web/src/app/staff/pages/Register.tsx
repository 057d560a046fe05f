import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { OpdRegister } from '~/features/scheduling'
import { can, useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { ZoneOf } from '~/lib/ZoneOf'
import { Page } from '~/ui'
import { BranchFilter } from '../BranchFilter'

const everywhere = 'all'

/** The register of visits, as hospitals keep it. */
export default function Register() {
  const { facilities } = useMe()
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? everywhere, day: '', days: 1, doctor: '', outcome: '', visit: '', skip: 0 })
  return (
    <ZoneOf facilityId={at.facility}>
      <Lines at={at} onChange={(change) => void setAt(change)} />
    </ZoneOf>
  )
}

type Where = { facility: string; day: string; days: number; doctor: string; outcome: string; visit: string; skip: number }

function Lines({ at, onChange }: { at: Where; onChange: (change: Partial<Where>) => void }) {
  const { t } = useTranslation('register')
  const { today } = useFormats()
  const navigate = useNavigate()
  const facilityId = at.facility === everywhere ? '' : at.facility
  const where = { ...at, day: /^\d{4}-\d\d-\d\d$/.test(at.day) ? at.day : today() }
  return (
    <Page label={t('title')}>
      <OpdRegister
        facilityId={facilityId} where={where} onWhere={onChange}
        branches={<BranchFilter value={facilityId} onChange={(facility) => onChange({ facility: facility || everywhere, doctor: '', skip: 0 })} everywhere={t('everywhere')} />}
        onOpenPatient={can('patient.read') ? (id) => void navigate({ to: `/patients/${id}` } as never) : undefined}
      />
    </Page>
  )
}
