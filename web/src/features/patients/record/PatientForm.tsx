import { ActionIcon, Button, Checkbox, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { birthOf, missingDigits } from '~/lib/birth'
import { ifMatch } from '~/lib/blank'
import { FieldRow, Optional, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import { GenderChoice } from '../GenderChoice'
import { bloodGroups, languages, relatives } from '../choices'
import { changesOf, detailsOf, noContact, purposes, type Details } from './changes'
import styles from './PatientForm.module.css'

type Patient = components['schemas']['PatientRead']

/** Every demographic fact of a record, to be changed. Who was faster is told, and what was typed stays. */
export function PatientForm({ patient, onDone, onClose }: { patient: Patient; onDone: () => void; onClose: () => void }) {
  const { t, i18n } = useTranslation('patients')
  const change = $api.useMutation('patch', '/api/patients/{patient_id}')
  const form = useForm<Details>({
    initialValues: detailsOf(patient),
    validate: {
      name: (value) => (value.trim() || patient.is_unknown ? null : t('record.missing.name')),
      birth: (value) => (!value.trim() || birthOf(value) ? null : t('form.missing.age')),
      phones: (phones) => {
        const count = phones.map(missingDigits).find(Boolean)
        return count ? t('form.missing.phone', { count }) : null
      },
      contacts: {
        name: (value) => (value.trim() ? null : t('record.missing.contact')),
        relation: (value) => (value.trim() ? null : t('record.missing.relation')),
      },
    },
  })
  const send = async (values: Details) => {
    const body = changesOf(patient, values, i18n.language)
    if (Object.keys(body).length > 0) await change.mutateAsync({ params: { path: { patient_id: patient.id }, header: ifMatch(values.version) }, body })
    toast({ title: t('record.saved', { name: values.name }) })
    onDone()
  }
  const text = (field: 'relative_name' | 'name_local' | 'email' | 'abha' | 'address_line' | 'city' | 'district' | 'state' | 'postal_code', label = t(`form.${field}`)) => (
    <TextInput label={<Optional>{label}</Optional>} autoComplete="off" {...form.getInputProps(field)} />
  )
  return (
    <SideForm title={t('record.change')} form={form} action={t('record.save')} send={send} about={{ identifier_taken: 'abha' }} onClose={onClose}>
      <TextInput label={t('form.name')} autoFocus autoComplete="off" {...form.getInputProps('name')} />
      {text('name_local')}
      <GenderChoice value={form.values.gender} onChange={(gender) => form.setFieldValue('gender', gender)} />
      <FieldRow>
        <TextInput label={t('form.age')} description={t('form.ageHint')} autoComplete="off" {...form.getInputProps('birth')} />
        <Select label={<Optional>{t('form.blood_group')}</Optional>} data={bloodGroups} clearable value={form.values.blood_group || null} onChange={(value) => form.setFieldValue('blood_group', value ?? '')} />
      </FieldRow>
      <FieldRow>
        <Select label={<Optional>{t('form.relative_kind')}</Optional>} data={relatives} clearable value={form.values.relative_kind || null} onChange={(value) => form.setFieldValue('relative_kind', value ?? '')} />
        {text('relative_name')}
      </FieldRow>
      {form.values.phones.map((_, nth) => (
        <TextInput
          key={nth} type="tel" autoComplete="off" label={nth === 0 ? t('form.phone') : t('record.phoneNth', { nth: nth + 1 })}
          {...form.getInputProps(`phones.${nth}`)} error={nth === 0 ? form.errors.phones : undefined}
        />
      ))}
      {form.values.phones.length < 5 && <Button variant="subtle" className={styles.add} onClick={() => form.insertListItem('phones', '')}>{t('record.addPhone')}</Button>}
      <FieldRow>
        {text('email', t('record.email'))}
        <Select label={t('form.language')} allowDeselect={false} data={Object.entries(languages).map(([value, label]) => ({ value, label }))} value={form.values.language} onChange={(value) => value && form.setFieldValue('language', value)} />
      </FieldRow>
      {text('abha')}
      {text('address_line')}
      <FieldRow>
        {text('city')}
        {text('district', t('record.district'))}
      </FieldRow>
      <FieldRow>
        {text('state', t('record.state'))}
        {text('postal_code')}
      </FieldRow>
      {form.values.contacts.map((_, nth) => (
        <fieldset key={nth} className={styles.contact}>
          <legend>{t('record.contactNth', { nth: nth + 1 })}</legend>
          <ActionIcon size="sm" className={styles.remove} aria-label={t('record.removeContact', { nth: nth + 1 })} onClick={() => form.removeListItem('contacts', nth)}><X size={16} aria-hidden /></ActionIcon>
          <FieldRow>
            <TextInput label={t('form.name')} autoComplete="off" {...form.getInputProps(`contacts.${nth}.name`)} />
            <TextInput label={t('form.contact_relation')} autoComplete="off" {...form.getInputProps(`contacts.${nth}.relation`)} />
          </FieldRow>
          <TextInput label={<Optional>{t('form.phone')}</Optional>} type="tel" autoComplete="off" {...form.getInputProps(`contacts.${nth}.phone`)} />
          <Checkbox label={t('record.isEmergency')} {...form.getInputProps(`contacts.${nth}.is_emergency`, { type: 'checkbox' })} />
          <Checkbox label={t('record.isGuardian')} {...form.getInputProps(`contacts.${nth}.is_guardian`, { type: 'checkbox' })} />
        </fieldset>
      ))}
      {form.values.contacts.length < 10 && <Button variant="subtle" className={styles.add} onClick={() => form.insertListItem('contacts', noContact)}>{t('record.addContact')}</Button>}
      {!patient.privacy_notice_at && <Checkbox label={t('notice.shown')} {...form.getInputProps('was_notice_shown', { type: 'checkbox' })} />}
      {(patient.privacy_notice_at || form.values.was_notice_shown) &&
        purposes.map((purpose) => (
          <Select
            key={purpose} label={t(`record.purpose.${purpose}`)} allowDeselect={false} value={form.values[purpose]} onChange={(value) => form.setFieldValue(purpose, (value ?? '') as Details[typeof purpose])}
            data={(['', 'yes', 'no'] as const).filter((answer) => answer || !patient.consents.some((one) => one.purpose === purpose)).map((value) => ({ value, label: t(`record.answer.${value || 'open'}`) }))}
          />
        ))}
      <Checkbox label={t('record.isDeceased')} {...form.getInputProps('is_deceased', { type: 'checkbox' })} />
    </SideForm>
  )
}
