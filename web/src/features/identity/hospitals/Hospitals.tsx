import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useSettled } from '~/lib/useSettled'
import { ConfirmDialog, EmptyState, Facts, Panel, PanelBody, SearchBox, toast, type Column } from '~/ui'
import { Directory, directoryPage, ShownOnce, type DirectoryProps } from '~/ui/directory'
import { NewHospital } from './NewHospital'

type Hospital = components['schemas']['HospitalRead']

/** Every hospital of this platform: made with its first administrator, suspended, resumed. */
export function Hospitals(place: DirectoryProps) {
  const { t } = useTranslation('identity')
  const { date } = useFormats()
  const [search, setSearch] = useState('')
  const [secret, setSecret] = useState<{ name: string; password: string } | null>(null)
  const wanted = useSettled(search.trim())
  const list = $api.useQuery('get', '/api/hospitals', {
    params: { query: { skip: place.at.skip, limit: directoryPage, ...(wanted ? { search: wanted } : {}) } },
  })
  const columns: Column<Hospital>[] = [
    { id: 'name', head: t('hospitals.name'), skeleton: 160, cell: ({ name, code }) => <><b>{name}</b> <span className="dim2 num">{code}</span></> },
    { id: 'status', head: t('hospitals.status'), cell: ({ status }) => <State status={status} /> },
    { id: 'facilities', head: t('hospitals.branches'), align: 'end', width: 90, onNarrow: 'hide', cell: ({ facilities_count }) => facilities_count },
    { id: 'since', head: t('hospitals.since'), onNarrow: 'hide', cell: ({ created_at }) => <span className="num">{date(created_at)}</span> },
  ]
  if (secret) {
    return <ShownOnce title={secret.name} label={t('users.once')} why={t('users.onceWhy')} value={secret.password} onDone={() => setSecret(null)} />
  }
  return (
    <Directory
      {...place}
      withInactive={false}
      title={t('hospitals.title')}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={({ name }) => name}
      tools={<SearchBox label={t('hospitals.find')} value={search} onChange={setSearch} />}
      add={t('hospitals.add')}
      empty={<EmptyState title={t('hospitals.none')} why={t('hospitals.noneWhy')} />}
      form={(row, done, close) =>
        row ? (
          <HospitalCard hospital={row} onChanged={() => done(true)} />
        ) : (
          <NewHospital
            onClose={close}
            onMade={(name, password) => {
              setSecret({ name, password })
              done()
            }}
          />
        )
      }
    />
  )
}

function State({ status }: { status: string }) {
  const { t } = useTranslation('identity')
  return <span className={status === 'suspended' ? 'attention' : 'dim2'}>{t(status === 'suspended' ? 'hospitals.suspended' : 'hospitals.active')}</span>
}

function HospitalCard({ hospital, onChanged }: { hospital: Hospital; onChanged: () => void }) {
  const { t } = useTranslation('identity')
  const { date } = useFormats()
  const [isAsked, setAsked] = useState(false)
  const suspend = $api.useMutation('post', '/api/hospitals/{organization_id}/suspend')
  const resume = $api.useMutation('post', '/api/hospitals/{organization_id}/resume')
  const isSuspended = hospital.status === 'suspended'
  const params = { path: { organization_id: hospital.id } }
  const { name } = hospital
  return (
    <>
      <Panel title={name}>
        <PanelBody>
          <Facts
            items={[
              [t('hospitals.code'), <span className="num" key="code">{hospital.code}</span>],
              [t('hospitals.status'), <State key="status" status={hospital.status} />],
              [t('hospitals.branches'), hospital.facilities_count],
              [t('hospitals.since'), date(hospital.created_at)],
            ]}
          />
          <Button variant={isSuspended ? 'default' : 'subtle'} color={isSuspended ? undefined : 'red'} style={{ justifySelf: 'start' }} onClick={() => setAsked(true)}>
            {t(isSuspended ? 'hospitals.resume' : 'hospitals.suspend', { name })}
          </Button>
        </PanelBody>
      </Panel>
      <ConfirmDialog
        opened={isAsked}
        title={t(isSuspended ? 'hospitals.resumeTitle' : 'hospitals.suspendTitle')}
        restate={<><b>{name}</b>, {hospital.code}<div>{t(isSuspended ? 'hospitals.resumeWhy' : 'hospitals.suspendWhy')}</div></>}
        destroys={!isSuspended}
        action={t(isSuspended ? 'hospitals.resume' : 'hospitals.suspend', { name })}
        onClose={() => setAsked(false)}
        onConfirm={async () => {
          await (isSuspended ? resume : suspend).mutateAsync({ params })
          toast({ title: t(isSuspended ? 'hospitals.resumed' : 'hospitals.suspendedNow', { name }) })
          onChanged()
        }}
      />
    </>
  )
}
