import i18next from 'i18next'
import { Volume2, VolumeX } from 'lucide-react'
import { useEffect, useRef, useState, type CSSProperties } from 'react'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useNow } from '~/lib/clock'
import * as formats from '~/lib/formats'
import { placeName } from '~/lib/placeName'
import { useLive, useLiveConnection } from '~/lib/realtime'
import { Mark } from '~/ui/Mark'
import { Both } from './Both'
import { chime, isSoundOn, soundOn } from './chime'
import styles from './Board.module.css'
import { displayTopics } from './topics'

type Row = components['schemas']['DisplayRow']
type Calling = components['schemas']['Calling']

/** Who is called, who is inside, who is next, for how long: tokens and initials only, legible from ten metres. */
export function Board() {
  useLiveConnection(displayTopics)
  const { state } = useLive()
  const now = useNow()
  const { data } = $api.useQuery('get', '/api/display', {})
  if (!data) {
    return (
      <main className={styles.wait}>
        <Mark size={96} />
        <h1>
          <Both word={`board.${state}`} />
        </h1>
      </main>
    )
  }
  const place = { language: 'en', timeZone: data.time_zone }
  return (
    <main className={styles.board}>
      <NowCalling calling={data.calling} />
      <section className={styles.queues}>
        <header>
          <h1>{placeName(data.hospital_name, data.facility_name)}</h1>
          {state !== 'live' && <Both word={`board.${state}`} />}
          <time className="num">{formats.time(now, place)}</time>
        </header>
        {data.rows.length === 0 ? (
          <p className={styles.nobody}>
            <Both word="board.nobody" />
          </p>
        ) : (
          <table style={{ '--rows': data.rows.length } as CSSProperties}>
            <thead>
              <tr>
                {(['room', 'doctor', 'inside', 'next', 'wait'] as const).map((word) => (
                  <th key={word} scope="col">
                    <Both word={`board.${word}`} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => (
                <Line key={`${row.room}${row.practitioner_name}`} row={row} isCalled={data.calling?.practitioner_name === row.practitioner_name} until={row.until ? formats.time(row.until, place) : ''} />
              ))}
            </tbody>
          </table>
        )}
        <footer>
          <Both word="board.advice" />
        </footer>
      </section>
    </main>
  )
}

function NowCalling({ calling }: { calling: Calling | null }) {
  const [hasSound, setSound] = useState(isSoundOn())
  const heard = useRef<string | null>(null)
  const called = calling ? `${calling.token_id}${calling.called_at}` : null
  useEffect(() => {
    if (called && heard.current !== null && heard.current !== called) chime()
    heard.current = called ?? ''
  }, [called])
  const Icon = hasSound ? Volume2 : VolumeX
  return (
    <section className={styles.calling} aria-live="polite">
      {calling ? (
        <>
          <h2>
            <Both word="board.calling" />
          </h2>
          <b className={`num ${styles.number}`}>{calling.number}</b>
          <span className={styles.initials}>{calling.initials}</span>
          {calling.room && (
            <span className={styles.room}>
              <span lang="hi">{i18next.t('display:board.room', { lng: 'hi' })}</span>
              <b className="num" data-named={isName(calling.room) || undefined}>{calling.room}</b>
              <span lang="en">{i18next.t('display:board.room', { lng: 'en' })}</span>
            </span>
          )}
          <p>
            {calling.practitioner_name}
            <br />
            {calling.floor}
          </p>
        </>
      ) : (
        <h2>
          <Both word="board.nobodyCalled" />
        </h2>
      )}
      <button type="button" className={styles.sound} onClick={() => void soundOn().then(() => setSound(true))}>
        <Icon size={26} aria-hidden /> <Both word={hasSound ? 'board.sound' : 'board.noSound'} />
      </button>
    </section>
  )
}

/** "Physiotherapy": no number that is read from afar, but words that want room. */
const isName = (room: string | null) => room !== null && room.length > 5

function Line({ row, isCalled, until }: { row: Row; isCalled: boolean; until: string }) {
  const isAway = row.state === 'late' || row.state === 'on-break'
  return (
    <tr data-called={isCalled || undefined}>
      <td className={`num ${styles.rm}`} data-named={isName(row.room) || undefined}>{row.room ?? '–'}</td>
      <td>
        <b>{row.practitioner_name}</b>
        <span className={styles.specialty}>{[row.specialty_hi, row.specialty].filter(Boolean).join(', ')}</span>
      </td>
      <td className={`num ${styles.inside}`} colSpan={isAway && row.inside_number === null && row.next_numbers.length === 0 ? 2 : 1}>
        {row.inside_number ?? (isAway ? <span className={styles.away}><Both word={`board.${row.state}${until ? 'Until' : ''}`} values={{ until }} /></span> : '–')}
      </td>
      {!(isAway && row.inside_number === null && row.next_numbers.length === 0) && <td className={`num ${styles.next}`}>{row.next_numbers.map((number) => <span key={number}>{number}</span>)}</td>}
      <td className={`num ${styles.waits}`}>{row.next_numbers.length > 0 ? (row.wait_minutes ?? '') : ''}</td>
    </tr>
  )
}
