import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import { useFormats } from '~/lib/useFormats'
import { EmptyState, Facts, Panel, PanelBody, toast, type Column } from '~/ui'
import { Directory, directoryPage, ShownOnce, SideForm, type DirectoryProps } from '~/ui/directory'

type DeviceLink = components['schemas']['DeviceLinkRead']

/** The waiting-room displays: each signed in by a link of its own, which can be taken back. */
export function Displays(place: DirectoryProps) {
  const { t } = useTranslation('identity')
  const { near, date } = useFormats()
  const now = useNow()
  const [made, setMade] = useState<{ name: string; link: string } | null>(null)
  const list = $api.useQuery('get', '/api/device-links', { params: { query: { skip: place.at.skip, limit: directoryPage } } })
  const facilities = $api.useQuery('get', '/api/facilities', { params: { query: { limit: 200 } } })
  const end = $api.useMutation('delete', '/api/device-links/{link_id}')
  const where = ({ facility_id }: DeviceLink) => facilities.data?.items.find(({ id }) => id === facility_id)?.name ?? ''
  const seen = ({ last_seen_at }: DeviceLink) => (last_seen_at ? near(last_seen_at, now) : t('displays.never'))

  const columns: Column<DeviceLink>[] = [
    { id: 'name', head: t('users.name'), cell: (one) => <><b>{one.name}</b> <span className="dim2">{where(one)}</span></> },
    { id: 'seen', head: t('displays.seen'), cell: (one) => <span className="num">{seen(one)}</span> },
  ]
  if (made) return <ShownOnce title={made.name} label={t('displays.link')} why={t('displays.linkWhy')} value={made.link} onDone={() => setMade(null)} />
  return (
    <Directory
      {...place}
      withInactive={false}
      title={t('displays.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      add={t('displays.add')}
      empty={<EmptyState title={t('displays.none')} why={t('displays.noneWhy')} />}
      form={(row, done, close) =>
        row ? (
          <Panel title={row.name}>
            <PanelBody>
              <Facts items={[[t('displays.where'), where(row)], [t('displays.made'), date(row.created_at)], [t('displays.seen'), seen(row)]]} />
            </PanelBody>
          </Panel>
        ) : (
          <NewDisplay
            facilities={(facilities.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            onClose={close}
            onMade={(one) => {
              setMade(one)
              done()
            }}
          />
        )
      }
      ending={{
        title: t('displays.endTitle'),
        action: (name) => t('displays.end', { name }),
        restate: t('displays.endWhy'),
        done: (name) => t('displays.ended', { name }),
        end: ({ id: link_id }) => end.mutateAsync({ params: { path: { link_id } } }),
      }}
    />
  )
}

type Choices = { value: string; label: string }[]
function NewDisplay({ facilities, onMade, onClose }: { facilities: Choices; onMade: (made: { name: string; link: string }) => void; onClose: () => void }) {
  const { t } = useTranslation('identity')
  const add = $api.useMutation('post', '/api/device-links')
  const form = useForm({
    initialValues: { name: '', facility_id: null as string | null },
    validate: { name: (value) => (value.trim() ? null : t('setup.missing')) },
  })
  // the branches may come after the form
  const facilityId = form.values.facility_id ?? facilities[0]?.value ?? null
  return (
    <SideForm
      title={t('displays.add')}
      form={form}
      action={t('displays.add')}
      onClose={onClose}
      send={async ({ name }, headers) => {
        if (!facilityId) return
        const link = await add.mutateAsync({ body: { name: name.trim(), facility_id: facilityId }, headers })
        toast({ title: t('displays.added', { name: link.name }) })
        onMade({ name: link.name, link: new URL(link.link, location.origin).href })
      }}
    >
      <TextInput label={t('users.name')} description={t('displays.nameHint')} autoFocus {...form.getInputProps('name')} />
      <Select label={t('displays.where')} allowDeselect={false} data={facilities} {...form.getInputProps('facility_id')} value={facilityId} />
    </SideForm>
  )
}
