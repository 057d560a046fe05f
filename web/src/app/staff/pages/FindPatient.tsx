import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { FamilyList, optionId, usePatientSearch, type PatientRow } from '~/features/patients'
import { SearchBox } from '~/ui'
import styles from './Schedule.module.css'

const listId = 'schedule-patients'

/** A patient by phone, name, UHID or scan: arrows choose, Enter takes. */
export function FindPatient({ onFound }: { onFound: (patient: PatientRow) => void }) {
  const { t } = useTranslation('scheduling')
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const box = useRef<HTMLInputElement>(null)
  const found = usePatientSearch(typed)
  const items = found.items ?? []
  const chosen = items[Math.min(at, items.length - 1)]
  useEffect(() => {
    // After a dialog that holds it has opened: that takes the focus first.
    const frame = requestAnimationFrame(() => box.current?.focus())
    return () => cancelAnimationFrame(frame)
  }, [])
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by) return
    event.preventDefault()
    setAt((before) => Math.max(0, Math.min(items.length - 1, before + by)))
  }
  const type = (text: string) => {
    setTyped(text)
    setAt(0)
  }
  return (
    <div className={styles.find}>
      <SearchBox
        ref={box} label={t('columns.patient')} value={typed} onChange={type} onKeyDown={step}
        onEnter={() => found.isSettled && chosen && onFound(chosen)}
        controls={found.isAsked ? listId : undefined} activeDescendant={chosen && optionId(listId, chosen)}
      />
      {found.isAsked && <FamilyList id={listId} search={typed} items={found.items} error={found.error} onRetry={found.retry} at={at} onChoose={onFound} />}
    </div>
  )
}
