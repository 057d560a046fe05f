import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { Plus, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { ifMatch } from '~/lib/blank'
import { can } from '~/lib/session'
import { FieldRow, Optional, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import { bodyOf, paiseOf, valuesOf, type Practitioner, type PractitionerValues } from './practitionerForm'
import styles from './People.module.css'
import { useChoices } from './useChoices'

type Props = { practitioner: Practitioner | null; onDone: () => void; onClose: () => void }
type Form = UseFormReturnType<PractitionerValues>

export function PractitionerForm({ practitioner, onDone, onClose }: Props) {
  const { t } = useTranslation('people')
  const { departments, facilities } = useChoices()
  const [version] = useState(practitioner?.version)
  const add = $api.useMutation('post', '/api/practitioners')
  const change = $api.useMutation('patch', '/api/practitioners/{practitioner_id}')
  const year = (value: string) => (!value || /^(19[3-9]\d|20\d\d)$/.test(value) ? null : t('yearShape'))
  const form = useForm<PractitionerValues>({
    initialValues: valuesOf(practitioner, facilities.map(({ value }) => value)),
    validate: {
      name: (value) => (value.trim() ? null : t('needed')),
      fee: (value) => (paiseOf(value) === null ? t('feeShape') : null),
      practising_since: year,
      qualifications: { year },
    },
  })
  // the branches may come after the form: a hospital with one branch need not be asked which
  const first = facilities[0]?.value
  useEffect(() => {
    if (!practitioner && first && form.values.facilities.length === 0 && !form.isDirty('facilities')) {
      form.setFieldValue('facilities', [{ facility_id: first, room: '', floor: '' }])
      form.resetDirty()
    }
    // only when the first branch becomes known
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first])

  const send = async (values: PractitionerValues, headers: { 'Idempotency-Key': string }) => {
    const body = bodyOf(values)
    if (practitioner) await change.mutateAsync({ params: { path: { practitioner_id: practitioner.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body, headers })
    toast({ title: t('saved', { name: `${body.title} ${body.name}`.trim() }) })
    onDone()
  }
  return (
    <SideForm
      title={practitioner ? `${practitioner.title} ${practitioner.name}`.trim() : t('doctors.add')}
      form={form}
      action={can('practitioner.manage') && practitioner?.is_active !== false ? t(practitioner ? 'save' : 'doctors.add') : undefined}
      send={send}
      about={{ registration_taken: 'registration_number' }}
      onClose={onClose}
    >
      <div className={styles.named}>
        <TextInput label={t('title')} {...form.getInputProps('title')} />
        <TextInput label={t('name')} autoFocus={!practitioner} {...form.getInputProps('name')} />
      </div>
      <FieldRow>
        <TextInput label={<Optional>{t('specialty')}</Optional>} {...form.getInputProps('specialty')} />
        <Select label={<Optional>{t('department')}</Optional>} data={departments} searchable clearable {...form.getInputProps('department_id')} />
      </FieldRow>
      <FieldRow>
        <TextInput label={<Optional>{t('registration')}</Optional>} spellCheck={false} {...form.getInputProps('registration_number')} />
        <TextInput label={<Optional>{t('council')}</Optional>} {...form.getInputProps('registration_council')} />
      </FieldRow>
      <FieldRow>
        <TextInput label={t('fee')} inputMode="decimal" leftSection="₹" {...form.getInputProps('fee')} />
        <TextInput label={<Optional>{t('since')}</Optional>} inputMode="numeric" {...form.getInputProps('practising_since')} />
      </FieldRow>
      <Branches form={form} facilities={facilities} />
      <Qualifications form={form} />
      <TextInput label={<Optional>{t('languages')}</Optional>} description={t('languagesHint')} {...form.getInputProps('languages')} />
      <FieldRow>
        <Select label={t('gender.label')} allowDeselect={false} data={['female', 'male', 'other', 'unknown'].map((value) => ({ value, label: t(`gender.${value}`) }))} {...form.getInputProps('gender')} />
        <TextInput label={<Optional>{t('phone')}</Optional>} type="tel" {...form.getInputProps('phone')} />
      </FieldRow>
      <TextInput label={<Optional>{t('email')}</Optional>} type="email" {...form.getInputProps('email')} />
    </SideForm>
  )
}

/** At which branches, in which room. */
function Branches({ form, facilities }: { form: Form; facilities: { value: string; label: string }[] }) {
  const { t } = useTranslation('people')
  const taken = form.values.facilities.map(({ facility_id }) => facility_id)
  const free = facilities.find(({ value }) => !taken.includes(value))
  return (
    <fieldset className={styles.group}>
      <legend>{t('branches')}</legend>
      {form.values.facilities.map(({ facility_id }, at) => (
        <div key={facility_id} className={styles.branch}>
          <Select aria-label={t('branch')} data={facilities.filter(({ value }) => value === facility_id || !taken.includes(value))} allowDeselect={false} {...form.getInputProps(`facilities.${at}.facility_id`)} />
          <TextInput aria-label={t('room')} placeholder={t('room')} {...form.getInputProps(`facilities.${at}.room`)} />
          <TextInput aria-label={t('floor')} placeholder={t('floor')} {...form.getInputProps(`facilities.${at}.floor`)} />
          <ActionIcon aria-label={t('removeBranch')} onClick={() => form.removeListItem('facilities', at)}>
            <X size={15} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {free && (
        <Button variant="subtle" size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => form.insertListItem('facilities', { facility_id: free.value, room: '', floor: '' })}>
          {t('addBranch')}
        </Button>
      )}
    </fieldset>
  )
}

function Qualifications({ form }: { form: Form }) {
  const { t } = useTranslation('people')
  return (
    <fieldset className={styles.group}>
      <legend>{t('qualifications')}</legend>
      {form.values.qualifications.map((_, at) => (
        <div key={at} className={styles.qualification}>
          <TextInput aria-label={t('degree')} placeholder={t('degree')} {...form.getInputProps(`qualifications.${at}.degree`)} />
          <TextInput aria-label={t('institution')} placeholder={t('institution')} {...form.getInputProps(`qualifications.${at}.institution`)} />
          <TextInput aria-label={t('year')} placeholder={t('year')} inputMode="numeric" {...form.getInputProps(`qualifications.${at}.year`)} />
          <ActionIcon aria-label={t('removeQualification')} onClick={() => form.removeListItem('qualifications', at)}>
            <X size={15} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button variant="subtle" size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={() => form.insertListItem('qualifications', { degree: '', institution: '', year: '' })}>
        {t('addQualification')}
      </Button>
    </fieldset>
  )
}
