import i18next from 'i18next'
import type { components } from '~/api/schema'
import { chime, chimeLasts_ms, isSoundOn } from './chime'
import { say } from './voice'

type Calling = components['schemas']['Calling']

/** 4, 12B, G-07; not X-ray, which is a room's name. */
const isNumber = (room: string) => room.length <= 5 && /\d/.test(room)

/** A call for those who don't look up: the chime, then number and room. Never of whom: a voice reaches further than the board. */
export function announce({ number, room }: Calling): void {
  chime()
  const word = !room ? 'say' : isNumber(room) ? 'sayRoom' : 'sayPlace'
  setTimeout(() => isSoundOn() && say((lng) => i18next.t(`display:board.${word}`, { lng, number, room })), chimeLasts_ms)
}
