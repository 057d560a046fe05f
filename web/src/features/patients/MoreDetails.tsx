import { Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { FieldRow } from '~/ui'
import { bloodGroups, languages, relatives } from './choices'
import type { Draft } from './newPatient'
import styles from './Registration.module.css'

/** All that the counter asks only when there is time: folded, all of it optional. */
export function MoreDetails({ form }: { form: UseFormReturnType<Draft> }) {
  const { t } = useTranslation('patients')
  const text = (name: keyof Draft) => <TextInput label={t(`form.${name}`)} autoComplete="off" {...form.getInputProps(name)} />
  return (
    <details className={styles.more}>
      <summary>{t('form.more')}</summary>
      <div>
        <FieldRow>
          <Select label={t('form.relative_kind')} data={relatives} clearable {...form.getInputProps('relative_kind')} value={form.values.relative_kind || null} onChange={(value) => form.setFieldValue('relative_kind', value ?? '')} />
          {text('relative_name')}
        </FieldRow>
        <FieldRow>
          {text('name_local')}
          <Select
            label={t('form.language')} clearable data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('language')} value={form.values.language || null} onChange={(value) => form.setFieldValue('language', value ?? '')}
          />
        </FieldRow>
        <FieldRow>
          <Select label={t('form.blood_group')} data={bloodGroups} clearable {...form.getInputProps('blood_group')} value={form.values.blood_group || null} onChange={(value) => form.setFieldValue('blood_group', value ?? '')} />
          {text('abha')}
        </FieldRow>
        {text('address_line')}
        <FieldRow>
          {text('city')}
          {text('postal_code')}
        </FieldRow>
        <FieldRow>
          {text('contact_name')}
          {text('contact_relation')}
        </FieldRow>
        <FieldRow>
          {text('contact_phone')}
          {text('mrn')}
        </FieldRow>
      </div>
    </details>
  )
}
