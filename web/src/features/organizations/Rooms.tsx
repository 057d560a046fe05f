import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { ifMatch, orNull } from '~/lib/blank'
import { can } from '~/lib/session'
import { EmptyState, FieldRow, Optional, toast, type Column } from '~/ui'
import { Directory, directoryQuery, SideForm, type DirectoryProps } from '~/ui/directory'

type Room = components['schemas']['RoomRead']

/** The rooms of the branches: where sessions are held, and which no two share at one time. */
export function Rooms(place: DirectoryProps) {
  const { t } = useTranslation('organizations')
  const branches = useBranches()
  const [branch, setBranch] = useState<string | null>(null)
  const list = $api.useQuery('get', '/api/rooms', { params: { query: { ...directoryQuery(place.at), ...(branch ? { facility_id: branch } : {}) } } })
  const end = $api.useMutation('delete', '/api/rooms/{room_id}')
  const bring = $api.useMutation('post', '/api/rooms/{room_id}/reactivate')
  const mayChange = can('organization.manage')
  const of = ({ id: room_id }: Room) => ({ params: { path: { room_id } } })
  const nameOf = ({ facility_id }: Room) => branches.find(({ value }) => value === facility_id)?.label

  const columns: Column<Room>[] = [
    { id: 'name', head: t('name'), cell: ({ name, floor }) => <><b>{name}</b> <span className="dim2">{floor}</span></> },
    ...(branches.length > 1 ? [{ id: 'branch', head: t('rooms.branch'), cell: nameOf }] : []),
    { id: 'note', head: t('rooms.note'), cell: ({ note }) => note, onNarrow: 'hide' },
  ]
  return (
    <Directory
      {...place}
      title={t('rooms.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      tools={branches.length > 1 && <Select aria-label={t('rooms.branch')} placeholder={t('rooms.everyBranch')} clearable data={branches} value={branch} onChange={setBranch} />}
      add={mayChange ? t('rooms.add') : undefined}
      empty={<EmptyState title={t('rooms.none')} why={t('rooms.noneWhy')} />}
      form={(row, done, close) => <RoomForm room={row} onDone={done} onClose={close} />}
      ending={
        mayChange
          ? {
              title: t('rooms.endTitle'),
              action: (name) => t('end', { name }),
              restate: t('rooms.endWhy'),
              done: (name) => t('ended', { name }),
              end: (row) => end.mutateAsync(of(row)),
            }
          : undefined
      }
      reactivate={mayChange ? (row) => bring.mutateAsync(of(row)) : undefined}
    />
  )
}

/** The branches that a room can be of. */
function useBranches() {
  const { data } = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  return (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))
}

function RoomForm({ room, onDone, onClose }: { room: Room | null; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation('organizations')
  const branches = useBranches()
  const [version] = useState(room?.version)
  const add = $api.useMutation('post', '/api/rooms')
  const change = $api.useMutation('patch', '/api/rooms/{room_id}')
  const form = useForm({
    initialValues: { name: room?.name ?? '', floor: room?.floor ?? '', note: room?.note ?? '', facility_id: room?.facility_id ?? null },
    validate: { name: (value) => (value.trim() ? null : t('needed')) },
  })
  // one branch need not be asked for
  const facilityId = form.values.facility_id ?? (branches.length === 1 ? (branches[0]?.value ?? null) : null)
  const send = async (values: typeof form.values, headers: { 'Idempotency-Key': string }) => {
    if (!facilityId) {
      form.setFieldError('facility_id', t('needed'))
      return
    }
    const body = { name: values.name.trim(), floor: orNull(values.floor), note: orNull(values.note) }
    if (room) await change.mutateAsync({ params: { path: { room_id: room.id }, header: ifMatch(version) }, body })
    else await add.mutateAsync({ body: { ...body, facility_id: facilityId }, headers })
    toast({ title: t('saved', { name: body.name }) })
    onDone()
  }
  return (
    <SideForm
      title={room?.name ?? t('rooms.add')}
      form={form}
      action={can('organization.manage') && room?.is_active !== false ? t(room ? 'save' : 'rooms.add') : undefined}
      send={send}
      about={{ name_taken: 'name' }}
      onClose={onClose}
    >
      <TextInput label={t('name')} description={t('rooms.nameHint')} autoFocus={!room} maxLength={60} {...form.getInputProps('name')} />
      <FieldRow>
        <Select label={t('rooms.branch')} data={branches} allowDeselect={false} disabled={room !== null} {...form.getInputProps('facility_id')} value={facilityId} />
        <TextInput label={<Optional>{t('rooms.floor')}</Optional>} maxLength={60} {...form.getInputProps('floor')} />
      </FieldRow>
      <TextInput label={<Optional>{t('rooms.note')}</Optional>} description={t('rooms.noteHint')} maxLength={200} {...form.getInputProps('note')} />
    </SideForm>
  )
}
