import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, focusFirstError, useIdempotent } from '~/lib/api'
import { readCounter, useCounter, useMe } from '~/lib/session'
import { useFaults, useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'
import { toast } from '~/ui/toast'
import styles from '../Gate.module.css'

/** What this computer is: a shared counter, or one person's that can be made one. */
export function ShareComputer() {
  const { t } = useTranslation('identity')
  const counter = useCounter()
  useEffect(() => void readCounter().catch(() => undefined), [])
  if (counter === undefined) return null
  if (counter) return <p className={styles.note}>{t('counter.is', { name: counter.name, count: counter.idle_minutes })}</p>
  return <ShareForm />
}

function ShareForm() {
  const { t } = useTranslation('identity')
  const words = useProblemText()
  const showFaults = useFaults()
  const idempotent = useIdempotent()
  const { facilities } = useMe()
  const share = $api.useMutation('post', '/api/counters')
  const [refusal, setRefusal] = useState<unknown>(null)
  const form = useForm({
    initialValues: { name: '', facility_id: facilities[0]?.id ?? '', idle_minutes: 3 as number | string },
    validate: {
      name: (value) => (value.trim() ? null : t('setup.missing')),
      idle_minutes: (value) => (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 60 ? null : t('counter.idleShape')),
    },
  })
  const submit = form.onSubmit(
    async ({ name, facility_id, idle_minutes }) => {
      if (share.isPending) return
      setRefusal(null)
      try {
        const made = await idempotent((headers) => share.mutateAsync({ body: { name: name.trim(), facility_id, idle_minutes: Number(idle_minutes) }, headers }))
        await readCounter()
        toast({ title: t('counter.shared', { name: made?.name ?? name }) })
      } catch (error) {
        if (!showFaults(form, error)) setRefusal(error)
      }
    },
    (errors) => focusFirstError(form, Object.keys(errors)),
  )
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('counter.here')}>
      <p className={styles.note}>{t('counter.why')}</p>
      <TextInput label={t('counter.name')} description={t('counter.nameHint')} {...form.getInputProps('name')} />
      <Select label={t('counter.where')} allowDeselect={false} data={facilities.map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps('facility_id')} />
      <NumberInput label={t('counter.idle')} min={1} max={60} allowDecimal={false} {...form.getInputProps('idle_minutes')} />
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <Button type="submit" variant="default" loading={share.isPending} style={{ justifySelf: 'start' }}>
        {t('counter.share')}
      </Button>
    </form>
  )
}
