import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { ConfirmDialog, Facts, Panel, PanelBody } from '~/ui'
import { purposes } from './changes'
import { PatientForm } from './PatientForm'
import styles from './PatientPhoto.module.css'
import { PhotoButtons } from './PatientPhoto'

const isPurpose = (purpose: string): purpose is (typeof purposes)[number] => purposes.includes(purpose as never)

/** The mother of a "Baby of …", by her name. */
function MotherLink({ motherId }: { motherId: string }) {
  const mother = $api.useQuery('get', '/api/patients/{patient_id}', { params: { path: { patient_id: motherId } } })
  return <Link to={`/patients/${motherId}` as never}>{mother.data ? `${mother.data.name}, ${mother.data.mrn}` : '…'}</Link>
}

/** What is recorded of a patient, and closing or reopening the record. PatientHead says why when it can't be read. */
export function PatientDetails({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const { phone, date } = useFormats()
  const [isAsked, setAsked] = useState(false)
  const [isChanging, setChanging] = useState(false)
  const params = { path: { patient_id: patientId } }
  const patient = $api.useQuery('get', '/api/patients/{patient_id}', { params })
  const close = $api.useMutation('delete', '/api/patients/{patient_id}')
  const reopen = $api.useMutation('post', '/api/patients/{patient_id}/reactivate')
  const one = patient.data
  if (!one) return null
  const address = [...new Set([one.address_line, one.city, one.district, one.state, one.postal_code])].filter(Boolean).join(', ') // a district is often called as its city
  const none = '—'
  const action = t(one.is_active ? 'record.close' : 'record.reopen', { name: one.name })
  const change = async () => {
    await (one.is_active ? close : reopen).mutateAsync({ params })
    await patient.refetch()
  }
  const changed = () => {
    setChanging(false)
    void patient.refetch()
  }
  if (isChanging) return <PatientForm patient={one} onDone={changed} onClose={changed} />
  return (
    <Panel title={t('record.title')} note={one.is_active ? undefined : t('list.closed')}>
      <PanelBody>
        <Facts
          items={[
            [t('record.birth'), one.birth_date ? date(one.birth_date) : none],
            [t('form.phone'), one.phones.map(({ number }) => phone(number)).join(', ') || none],
            [t('record.email'), one.email || none],
            [t('form.address_line'), address || none],
            [t('record.numbers'), one.identifiers.map(({ kind, value }) => (kind === 'abha_number' ? `ABHA ${value}` : value)).join(', ') || none],
            [t('record.contacts'), one.contacts.map((who) => [who.name, who.relation, who.is_guardian && t('record.guardian'), who.phone && phone(who.phone)].filter(Boolean).join(' · ')).join('; ') || none],
            [t('record.notice'), one.privacy_notice_at ? t('record.noticeShown', { day: date(one.privacy_notice_at), version: one.privacy_notice_version }) : t('record.noticeOpen')],
            ...(one.mother_id ? [[t('record.mother'), <MotherLink key="mother" motherId={one.mother_id} />] as const] : []),
            ...(one.former_names.length ? [[t('record.formerNames'), one.former_names.map(({ name, until }) => t('record.formerName', { name, day: date(until) })).join('; ')] as const] : []),
            ...one.consents.map(({ purpose, is_given }) => [isPurpose(purpose) ? t(`record.purpose.${purpose}`) : purpose, t(`record.answer.${is_given ? 'yes' : 'no'}`)] as const),
          ]}
        />
        {one.is_active && can('patient.update') && (
          <div className={styles.buttons}>
            <Button variant={one.is_unknown ? 'filled' : 'default'} onClick={() => setChanging(true)}>{t(one.is_unknown ? 'record.giveName' : 'record.change')}</Button>
            <PhotoButtons patientId={patientId} hasPhoto={one.has_photo} />
          </div>
        )}
        {can('patient.deactivate') && (
          <Button variant={one.is_active ? 'subtle' : 'default'} color={one.is_active ? 'red' : undefined} style={{ justifySelf: 'start' }} onClick={() => setAsked(true)}>
            {action}
          </Button>
        )}
      </PanelBody>
      <ConfirmDialog
        opened={isAsked} destroys={one.is_active} title={t(one.is_active ? 'record.closeTitle' : 'record.reopenTitle')} action={action}
        restate={<p><b>{one.name}</b>, <span className="num">{one.mrn}</span></p>} onConfirm={change} onClose={() => setAsked(false)}
      />
    </Panel>
  )
}
