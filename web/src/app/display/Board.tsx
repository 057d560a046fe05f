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
import { announce } from './announce'
import { isSoundOn, soundOff, soundOn } from './chime'
import styles from './Board.module.css'
import { displayTopics } from './topics'
import { hush, say, useSpoken } from './voice'

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
  const heardAt = useRef<number | null>(null)
  useEffect(() => {
    const calledAt = calling ? Date.parse(calling.called_at) : 0
    // a call that is taken back leaves the one before on the board: that was heard
    if (calling && heardAt.current !== null && calledAt > heardAt.current) announce(calling)
    heardAt.current = Math.max(heardAt.current ?? 0, calledAt)
  }, [calling])
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
      <SoundSwitch />
    </section>
  )
}

/** Chime and voice, on or off; on, it names what is spoken. */
function SoundSwitch() {
  const [hasSound, setSound] = useState(isSoundOn())
  const spoken = useSpoken()
  const turn = () => {
    if (hasSound) {
      hush()
      void soundOff().then(() => setSound(false))
    } else {
      say((lng) => i18next.t('display:board.sound', { lng })) // in the touch itself: some browsers let none speak who didn't then
      void soundOn().then(() => setSound(true))
    }
  }
  const Icon = hasSound ? Volume2 : VolumeX
  const isNamed = hasSound && spoken.length > 0
  return (
    <button type="button" className={styles.sound} onClick={turn}>
      <Icon size={26} aria-hidden />
      <span className={isNamed ? 'vh' : undefined}>
        <Both word={hasSound ? 'board.sound' : 'board.noSound'} />
      </span>
      {isNamed && (
        <span>
          {spoken.map((lng, nth) => (
            <span key={lng} lang={lng}>{(nth ? ', ' : '') + i18next.t('display:board.voice', { lng })}</span>
          ))}
        </span>
      )}
    </button>
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
