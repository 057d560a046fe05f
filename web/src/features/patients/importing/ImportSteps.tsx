import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '~/lib/api'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { ConfirmDialog, ErrorState, Notice, Panel, PanelBody } from '~/ui'
import { ColumnMapping } from './ColumnMapping'
import styles from './Importing.module.css'
import { isOpen, isWorking, pathOf, useImport, wasInterrupted, type Import } from './imports'
import { RefusedLines } from './RefusedLines'

/** One file from its columns to its patients: what can be done with it now, and what came of it. */
export function ImportSteps({ id }: { id: string }) {
  const found = useImport(id)
  if (found.error && !found.data) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const one = found.data
  if (!one) return null
  return (
    <>
      <State one={one} onMoved={() => void found.refetch()} />
      {!isWorking(one) && one.refused > 0 && <RefusedLines one={one} />}
      {isOpen(one) && <ColumnMapping key={one.status} one={one} onChecked={() => void found.refetch()} />}
    </>
  )
}

function State({ one, onMoved }: { one: Import; onMoved: () => void }) {
  const { t } = useTranslation('importing')
  const { count } = useFormats()
  const words = useProblemText()
  const [refusal, setRefusal] = useState<unknown>(null)
  const [asksUndo, setAsksUndo] = useState(false)
  const run = $api.useMutation('post', '/api/patient-imports/{import_id}/run')
  const cancel = $api.useMutation('post', '/api/patient-imports/{import_id}/cancel')
  const undo = $api.useMutation('post', '/api/patient-imports/{import_id}/undo')

  const step = async (does: typeof run | typeof cancel) => {
    setRefusal(null)
    try {
      await does.mutateAsync(pathOf(one))
      onMoved()
    } catch (error) {
      setRefusal(error)
    }
  }
  const mayUndo = one.run_at !== null && one.taken > 0 && ['done', 'failed', 'cancelled'].includes(one.status)
  return (
    <Panel title={one.filename} note={t(`status.${one.status}`)}>
      <PanelBody className={styles.state}>
        {isWorking(one) && <Progress one={one} />}
        <Counts one={one} />
        {one.failure && <Notice title={t('stopped', { line: count(one.lines_done) })}>{t(`failure.${one.failure}`)}</Notice>}
        {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
        <div className={styles.buttons}>
          {one.status === 'checked' && one.taken > 0 && (
            <Button loading={run.isPending} onClick={() => void step(run)}>
              {t('run', { count: one.taken, many: count(one.taken) })}
            </Button>
          )}
          {wasInterrupted(one) && (
            <Button loading={run.isPending} onClick={() => void step(run)}>
              {t('goOn', { line: count(one.lines_done + 1) })}
            </Button>
          )}
          {(one.status === 'checking' || one.status === 'running') && (
            <Button variant="default" loading={cancel.isPending} onClick={() => void step(cancel)}>
              {t(one.status === 'running' ? 'stop' : 'stopCheck')}
            </Button>
          )}
          {mayUndo && (
            <Button variant="subtle" color="red" onClick={() => setAsksUndo(true)}>
              {t('undo')}
            </Button>
          )}
        </div>
      </PanelBody>
      <ConfirmDialog
        opened={asksUndo}
        title={t('undoTitle')}
        restate={<><b>{one.filename}</b><div>{t('undoWhy', { count: one.taken, many: count(one.taken) })}</div></>}
        action={t('undo')}
        onClose={() => setAsksUndo(false)}
        onConfirm={async () => {
          await undo.mutateAsync(pathOf(one))
          onMoved()
        }}
      />
    </Panel>
  )
}

function Progress({ one }: { one: Import }) {
  const { t } = useTranslation('importing')
  const { count } = useFormats()
  const total = one.lines_total ?? 0
  const said = one.lines_total === null ? t('counting') : t('linesOf', { done: count(one.lines_done), total: count(total) })
  return (
    <div className={styles.progress}>
      <progress aria-label={t(`status.${one.status}`)} max={total || undefined} value={total ? one.lines_done : undefined} />
      <span className="num">{said}</span>
    </div>
  )
}

/** What a check found, or a run did; nothing before either. */
function Counts({ one }: { one: Import }) {
  const { t } = useTranslation('importing')
  const { count } = useFormats()
  if (one.status === 'uploaded') return null
  const verb = one.run_at ? 'did' : 'would'
  const told = [
    t(`${verb}.taken`, { count: one.taken, many: count(one.taken) }),
    ...(one.refused ? [t(`${verb}.refused`, { count: one.refused, many: count(one.refused) })] : []),
    ...(one.skipped ? [t('skipped', { count: one.skipped, many: count(one.skipped) })] : []),
    ...(one.status === 'undone' || one.undone ? [t('undone', { count: one.undone, many: count(one.undone) })] : []),
  ]
  return (
    <ul className={styles.counts}>
      {told.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
