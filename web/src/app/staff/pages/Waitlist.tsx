import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Waitlist as List } from '~/features/scheduling'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useMe } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useUrlState } from '~/lib/useUrlState'
import { DateNav, EmptyState, Page, SegmentedFilter } from '~/ui'
import { BranchFilter } from '../BranchFilter'
import styles from './Waitlist.module.css'

/** Who waits for a place at a branch: of all days or of one, of all doctors or of one. */
export default function Waitlist() {
  const { t } = useTranslation('staff')
  const format = useFormats()
  const { facilities, practitioner_id: mine } = useMe()
  const today = format.today(useNow())
  const [at, setAt] = useUrlState({ facility: facilities[0]?.id ?? '', doctor: mine ?? '', day: '' })
  const staff = $api.useQuery('get', '/api/practitioners', { params: { query: { facility_id: at.facility, is_active: true, limit: 200 } } }, { enabled: at.facility !== '' })
  if (!at.facility) return <Page label={t('nav.waitlist')}><EmptyState title={t('queue.nowhere')} why={t('queue.nowhereWhy')} /></Page>
  const day = /^\d{4}-\d\d-\d\d$/.test(at.day) ? at.day : ''
  return (
    <Page
      title={t('nav.waitlist')}
      tools={
        <>
          <SegmentedFilter label={t('waitlist.days')} value={day ? 'day' : 'all'} onChange={(which) => void setAt({ day: which === 'day' ? today : '' })} segments={[{ value: 'all', label: t('waitlist.all') }, { value: 'day', label: t('waitlist.day') }]} />
          {day && <span className={styles.day}><b className="num">{format.bareDay(day)}</b><DateNav day={day} today={today} onChange={(to) => void setAt({ day: to })} /></span>}
          <Select
            aria-label={t('waitlist.doctor')} placeholder={t('waitlist.everyDoctor')} clearable searchable value={at.doctor || null} onChange={(doctor) => void setAt({ doctor: doctor ?? '' })}
            data={(staff.data?.items ?? []).map(({ id, title, name }) => ({ value: id, label: `${title} ${name}`.trim() }))}
          />
          <BranchFilter value={at.facility} onChange={(facility) => void setAt({ facility, doctor: '' })} />
        </>
      }
    >
      <List key={`${at.facility} ${at.doctor} ${day}`} facilityId={at.facility} practitionerId={at.doctor} day={day} />
    </Page>
  )
}
