import { Button } from '@mantine/core'
import { ArrowLeft, Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api, useIdempotent } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { DataTable, EmptyState, Notice, Panel, type Column } from '~/ui'
import styles from './Importing.module.css'
import { ImportSteps } from './ImportSteps'
import type { Import } from './imports'

export type ImportsPlace = { open: string; skip: number }
type Props = { at: ImportsPlace; onGo: (change: Partial<ImportsPlace>) => void }
const limit = 25

/** The files that were sent, or the one that is open with its steps. */
export function PatientImports({ at, onGo }: Props) {
  const { t } = useTranslation('importing')
  return at.open ? (
    <div className={styles.one}>
      <button type="button" className={styles.back} onClick={() => onGo({ open: '' })}>
        <ArrowLeft size={16} aria-hidden />
        {t('all')}
      </button>
      <ImportSteps key={at.open} id={at.open} />
    </div>
  ) : (
    <SentFiles at={at} onGo={onGo} />
  )
}

function SentFiles({ at, onGo }: Props) {
  const { t } = useTranslation('importing')
  const { date, time, count } = useFormats()
  const [chosenId, setChosenId] = useState<string | null>(null)
  const list = $api.useQuery('get', '/api/patient-imports', { params: { query: { skip: at.skip, limit } } })
  const columns: Column<Import>[] = [
    { id: 'file', head: t('file'), skeleton: 160, cell: ({ filename }) => <b>{filename}</b> },
    { id: 'status', head: t('state'), cell: ({ status }) => t(`status.${status}`) },
    { id: 'taken', head: t('taken'), align: 'end', cell: (one) => <span className="num">{one.run_at ? count(one.taken) : ''}</span> },
    { id: 'refused', head: t('refused'), align: 'end', onNarrow: 'hide', cell: ({ refused }) => <span className="num">{refused ? count(refused) : ''}</span> },
    { id: 'at', head: t('sentAt'), onNarrow: 'hide', cell: ({ created_at }) => <span className="num">{`${date(created_at)} ${time(created_at)}`}</span> },
  ]
  return (
    <Panel title={t('title')} right={<SendFile onSent={(id) => onGo({ open: id })} />}>
      <p className={styles.lead}>{t('lead')}</p>
      <DataTable
        label={t('title')} list={list} columns={columns} idOf={({ id }) => id} chosenId={chosenId} onChoose={({ id }) => setChosenId(id)} onOpen={({ id }) => onGo({ open: id })} takesArrows
        action={({ id }) => ({ label: t('open'), of: id === chosenId ? 'open' : undefined, onPress: () => onGo({ open: id }) })}
        empty={<EmptyState title={t('none')} why={t('noneWhy')} />}
        paging={{ skip: at.skip, limit, onSkip: (skip) => onGo({ skip }) }}
      />
    </Panel>
  )
}

function SendFile({ onSent }: { onSent: (id: string) => void }) {
  const { t } = useTranslation('importing')
  const words = useProblemText()
  const once = useIdempotent()
  const picker = useRef<HTMLInputElement>(null)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const send = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    setRefusal(null)
    const form = new FormData()
    form.append('file', file)
    try {
      const { data } = await once((headers) =>
        api.POST('/api/patient-imports', { headers, body: form as never, bodySerializer: (body: unknown) => body as FormData }),
      )
      if (data) onSent(data.id)
    } catch (error) {
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      <input ref={picker} type="file" accept=".csv,.tsv,.txt,.xlsx" hidden aria-label={t('choose')} onChange={({ target }) => { void send(target.files?.[0]); target.value = '' }} />
      <Button loading={isBusy} leftSection={<Upload size={15} aria-hidden />} onClick={() => picker.current?.click()}>
        {t('choose')}
      </Button>
    </>
  )
}
