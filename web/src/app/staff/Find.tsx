import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '~/lib/keys'
import type { FindSource, Found } from '~/lib/find'
import { useFormats } from '~/lib/useFormats'
import { Dialog, Key, SearchBox } from '~/ui'
import styles from './Find.module.css'

type Group = { source: FindSource; found: readonly Found[] }
const settle_ms = 150

/** `/` or Ctrl-K: one box over all that the signed-in person may look through. */
export function Find({ sources }: { sources: readonly FindSource[] }) {
  const { t, i18n } = useTranslation('staff')
  const [opened, setOpened] = useState(false)
  const open = () => setOpened(true)
  useKeys({ find: open, findAnywhere: open })
  const what = sources.map(({ label }) => t(label).toLocaleLowerCase(i18n.language)).join(', ')
  return (
    <>
      <button type="button" className={styles.button} onClick={open} aria-label={t('find.open', { what })}>
        <Search size={15} aria-hidden />
        <span>{t('find.open', { what })}</span>
        <Key of="find" />
      </button>
      <Dialog bare width={560} opened={opened} onClose={() => setOpened(false)} title={t('find.open', { what })}>
        <Results sources={sources} label={t('find.open', { what })} onLeave={() => setOpened(false)} />
      </Dialog>
    </>
  )
}

function Results({ sources, label, onLeave }: { sources: readonly FindSource[]; label: string; onLeave: () => void }) {
  const { t } = useTranslation('staff')
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const { near } = useFormats()
  const groups = useFound(sources, text)
  const flat = groups?.flatMap(({ found }) => found) ?? []

  const go = (found: Found | undefined) => {
    if (!found) return
    onLeave()
    void navigate({ href: found.to })
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    setAt((now) => Math.max(0, Math.min(flat.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
  }
  const change = (value: string) => {
    setText(value)
    setAt(0)
  }
  return (
    <div className={styles.results}>
      <SearchBox label={label} value={text} onChange={change} onKeyDown={keyDown} onEnter={() => go(flat[at])} controls="found" activeDescendant={flat[at] && `found-${flat[at].id}`} />
      <div id="found" role="listbox" aria-label={label}>
        {groups?.map(({ source, found }) => (
          <div key={source.id} role="group" aria-label={t(source.label)}>
            <p>{t(source.label)}</p>
            {found.map((one) => (
              <div key={one.id} id={`found-${one.id}`} role="option" aria-selected={one === flat[at]} onClick={() => go(one)}>
                <b>{one.title}</b> {one.at && <span className="num">{near(one.at)}</span>} {one.detail && <span className="dim2">{one.detail}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
      {groups && flat.length === 0 && <p role="status">{t('find.nothing')}</p>}
    </div>
  )
}

/** Asks every source once the typing rests; an answer to an older text is dropped. */
function useFound(sources: readonly FindSource[], text: string): Group[] | null {
  const [answer, setAnswer] = useState<{ text: string; groups: Group[] } | null>(null)
  useEffect(() => {
    if (!text.trim()) return
    const asked = new AbortController()
    const timer = setTimeout(async () => {
      const all = await Promise.all(sources.map(async (source) => ({ source, found: await source.search(text.trim(), asked.signal).catch(() => []) })))
      if (!asked.signal.aborted) setAnswer({ text, groups: all.filter(({ found }) => found.length > 0) })
    }, settle_ms)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [sources, text])
  return text.trim() && answer ? answer.groups : null
}
