import { ActionIcon, Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { FieldRow, Notice, Optional, toast } from '~/ui'
import { SideForm } from '~/ui/directory'
import styles from './Setup.module.css'
import { useChoices } from './useChoices'
import { sessionAfter, usualWeek, weekdays, type Session } from './week'

export type Schedule = components['schemas']['ScheduleRead']
type Values = {
  practitioner_id: string | null
  facility_id: string | null
  room_id: string | null
  kind: string
  mode: string
  slot_minutes: number | string
  places: number | string
  buffer_before_minutes: number | string
  buffer_after_minutes: number | string
  patients_may_book: boolean
  kept_for_desk: number | string
  extra_places: number | string
  valid_from: string
  valid_to: string
  sessions: Session[]
}

const valuesOf = (one: Schedule | null, today: string): Values => ({
  practitioner_id: one?.practitioner_id ?? null, facility_id: one?.facility_id ?? null, room_id: one?.room_id ?? null, kind: one?.kind ?? 'slots', mode: one?.mode ?? 'in-person',
  slot_minutes: one?.slot_minutes ?? 15, places: one?.places ?? 1, valid_from: one?.valid_from ?? today, valid_to: one?.valid_to ?? '',
  buffer_before_minutes: one?.buffer_before_minutes ?? 0, buffer_after_minutes: one?.buffer_after_minutes ?? 0,
  patients_may_book: one?.patients_may_book ?? true, kept_for_desk: one?.kept_for_desk ?? 0, extra_places: one?.extra_places ?? 0,
  sessions: one ? one.sessions.map((session) => ({ ...session })) : usualWeek(),
})

export function ScheduleForm({ schedule, onDone, onClose }: { schedule: Schedule | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const { today } = useFormats()
  const choices = useChoices()
  const [version] = useState(schedule?.version)
  const add = $api.useMutation('post', '/api/schedules')
  const change = $api.useMutation('patch', '/api/schedules/{schedule_id}')
  const needed = (value: unknown) => (value ? null : t('setup.needed'))
  const form = useForm<Values>({
    initialValues: valuesOf(schedule, today()),
    validate: {
      practitioner_id: needed,
      slot_minutes: needed,
      places: needed,
      valid_from: needed,
      kept_for_desk: (value, { places }) => (Number(value) > Number(places) ? t('setup.keptTooMany') : null),
      valid_to: (value, { valid_from }) => (value && value < valid_from ? t('setup.endsBefore') : null),
      sessions: { ends: (value, { sessions }, path) => (value && value !== sessions[Number(path.split('.')[1])]?.starts ? null : t('setup.sessionShape')) },
    },
  })
  // one branch need not be asked for
  const facilityId = form.values.facility_id ?? (choices.facilities.length === 1 ? (choices.facilities[0]?.value ?? null) : null)
  const rooms = useRooms(facilityId, schedule)
  // A service's usual length, and a doctor's where one was entered.
  const choose = (id: string | null) => {
    form.setFieldValue('practitioner_id', id)
    const minutes = choices.minutesOf(id)
    if (!schedule && minutes !== null && !form.isDirty('slot_minutes')) form.setFieldValue('slot_minutes', minutes)
  }

  const send = async (values: Values, headers: { 'Idempotency-Key': string }) => {
    if (!facilityId) {
      form.setFieldError('facility_id', t('setup.needed'))
      return
    }
    const body = {
      room_id: rooms.some(({ value }) => value === values.room_id) ? values.room_id : null,
      kind: values.kind === 'tokens' ? ('tokens' as const) : ('slots' as const), mode: values.mode === 'video' ? ('video' as const) : ('in-person' as const),
      slot_minutes: Number(values.slot_minutes), places: Number(values.places), valid_from: values.valid_from, valid_to: orNull(values.valid_to), sessions: values.sessions,
      buffer_before_minutes: Number(values.buffer_before_minutes), buffer_after_minutes: Number(values.buffer_after_minutes),
      patients_may_book: values.patients_may_book, kept_for_desk: values.patients_may_book ? Number(values.kept_for_desk) : 0, extra_places: Number(values.extra_places),
    }
    const kept = schedule
      ? await change.mutateAsync({ params: { path: { schedule_id: schedule.id }, header: ifMatch(version) }, body })
      : await add.mutateAsync({ body: { ...body, practitioner_id: values.practitioner_id ?? '', facility_id: facilityId }, headers })
    toast({ title: t('setup.schedules.saved', { name: kept.practitioner_name }) })
    const others = [...new Set(kept.warnings?.map(({ practitioner_name }) => practitioner_name))]
    if (others.length > 0) toast({ title: t('setup.schedules.shared', { count: others.length, names: others.join(', ') }), detail: t('setup.schedules.sharedWhy') })
    onDone()
  }
  const isTokens = form.values.kind === 'tokens'
  return (
    <SideForm
      title={schedule?.practitioner_name ?? t('setup.schedules.add')}
      form={form}
      action={can('schedule.manage') && schedule?.is_active !== false ? t(schedule ? 'setup.save' : 'setup.schedules.add') : undefined}
      send={send}
      onClose={onClose}
    >
      {schedule && <Notice tone="neutral">{t('setup.schedules.changeWhy')}</Notice>}
      <Select label={choices.bookableWord} data={choices.practitioners} searchable allowDeselect={false} disabled={schedule !== null} {...form.getInputProps('practitioner_id')} onChange={choose} />
      <Select label={t('setup.branch')} data={choices.facilities} allowDeselect={false} disabled={schedule !== null} {...form.getInputProps('facility_id')} value={facilityId} />
      {rooms.length > 0 && <Select label={<Optional>{t('setup.room')}</Optional>} description={t('setup.roomHint')} data={rooms} searchable clearable {...form.getInputProps('room_id')} />}
      <FieldRow>
        <Select label={t('setup.kind')} allowDeselect={false} data={['slots', 'tokens'].map((value) => ({ value, label: t(`setup.kinds.${value}`) }))} {...form.getInputProps('kind')} />
        <Select label={t('setup.mode')} allowDeselect={false} data={['in-person', 'video'].map((value) => ({ value, label: t(`setup.modes.${value}`) }))} {...form.getInputProps('mode')} />
      </FieldRow>
      <FieldRow>
        <NumberInput label={t(isTokens ? 'setup.visitMinutes' : 'setup.slotMinutes')} min={5} max={240} hideControls {...form.getInputProps('slot_minutes')} />
        <NumberInput label={t(isTokens ? 'setup.sessionPlaces' : 'setup.slotPlaces')} min={1} max={500} hideControls {...form.getInputProps('places')} />
      </FieldRow>
      {!isTokens && (
        <FieldRow>
          <NumberInput label={t('setup.bufferBefore')} description={t('setup.bufferHint')} min={0} max={120} hideControls {...form.getInputProps('buffer_before_minutes')} />
          <NumberInput label={t('setup.bufferAfter')} description={t('setup.bufferHint')} min={0} max={120} hideControls {...form.getInputProps('buffer_after_minutes')} />
        </FieldRow>
      )}
      <Checkbox label={t('setup.patientsMayBook')} {...form.getInputProps('patients_may_book', { type: 'checkbox' })} />
      <FieldRow>
        <NumberInput label={t('setup.keptForDesk')} description={t('setup.keptHint')} min={0} max={500} hideControls disabled={!form.values.patients_may_book} {...form.getInputProps('kept_for_desk')} />
        <NumberInput label={t('setup.extraPlaces')} description={t('setup.extraHint')} min={0} max={100} hideControls {...form.getInputProps('extra_places')} />
      </FieldRow>
      <FieldRow>
        <TextInput type="date" label={t('setup.validFrom')} {...form.getInputProps('valid_from')} />
        <TextInput type="date" label={<Optional>{t('setup.validTo')}</Optional>} {...form.getInputProps('valid_to')} />
      </FieldRow>
      <Week form={form} />
    </SideForm>
  )
}

/** The branch's rooms; the one that the schedule has, closed or not. */
function useRooms(facility_id: string | null, schedule: Schedule | null) {
  const { data } = $api.useQuery('get', '/api/rooms', { params: { query: { facility_id, limit: 200 } } }, { enabled: facility_id !== null })
  const open = (data?.items ?? []).map(({ id, name, floor }) => ({ value: id, label: [name, floor].filter(Boolean).join(', ') }))
  const { room_id: id, room_name: name } = schedule ?? {}
  return !id || !name || open.some(({ value }) => value === id) ? open : [...open, { value: id, label: name }]
}

/** Weekday by weekday, from when to when. */
function Week({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation('scheduling')
  const sessions = form.values.sessions.map((session, at) => ({ ...session, at }))
  return (
    <fieldset className={styles.week}>
      <legend>{t('setup.week')}</legend>
      {weekdays.map((weekday) => (
        <div key={weekday} className={styles.day} role="group" aria-label={t(`setup.dayLong.${weekday}`)}>
          <span className={styles.dayName}>{t(`setup.day.${weekday}`)}</span>
          <div className={styles.sessions}>
            {sessions
              .filter((session) => session.weekday === weekday)
              .map(({ at }) => (
                <div key={at} className={styles.session}>
                  <TextInput type="time" aria-label={t('setup.from')} {...form.getInputProps(`sessions.${at}.starts`)} />
                  <TextInput type="time" aria-label={t('setup.to')} {...form.getInputProps(`sessions.${at}.ends`)} />
                  <ActionIcon aria-label={t('setup.removeSession', { day: t(`setup.dayLong.${weekday}`) })} onClick={() => form.removeListItem('sessions', at)}>
                    <X size={15} aria-hidden />
                  </ActionIcon>
                </div>
              ))}
          </div>
          <ActionIcon aria-label={t('setup.addSession', { day: t(`setup.dayLong.${weekday}`) })} onClick={() => form.insertListItem('sessions', sessionAfter(form.values.sessions, weekday))}>
            <Plus size={15} aria-hidden />
          </ActionIcon>
        </div>
      ))}
    </fieldset>
  )
}
