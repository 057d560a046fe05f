import { createContext, use, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import * as formats from './formats'
import { useSession } from './session'
import { dayOf } from './wallTime'

const fallbackZone = 'Asia/Kolkata'

/** The zone of the branch that a part of the page is about; ZoneOf sets it. */
export const ZoneContext = createContext<string | null>(null)

/** The zone that times are shown in: the shown branch's, else mine, else the hospital's, whatever this computer is set to. */
export function useZone(): string {
  const shown = use(ZoneContext)
  const now = useSession()
  if (shown) return shown
  if (now.status !== 'signed-in') return fallbackZone
  const { facilities, organization } = now.me
  const mine = facilities.length === 1 ? facilities[0] : organization
  return mine?.time_zone ?? fallbackZone
}

/** The formats bound to this language and zone: `const { time, rupees } = useFormats()`. */
export function useFormats() {
  const { t, i18n } = useTranslation('lib')
  const timeZone = useZone()
  const language = i18n.language
  return useMemo(() => {
    const place = { language, timeZone }
    const minutes = (count: number) => {
      const whole = Math.max(0, Math.round(count))
      if (whole < 60) return t('minutes', { count: whole })
      if (whole % 60 === 0) return t('wholeHours', { count: whole / 60 })
      return t('hours', { hours: Math.floor(whole / 60), minutes: whole % 60 })
    }
    type At = number | string | Date
    return {
      timeZone,
      time: (at: At) => formats.time(at, place),
      dayShort: (at: At) => formats.dayShort(at, place),
      dayLong: (at: At) => formats.dayLong(at, place),
      date: (at: At) => formats.date(at, place),
      bareDay: (day: string, how?: 'short' | 'long' | 'date') => formats.bareDay(day, language, how),
      near: (at: At, now = Date.now()) => formats.near(at, now, place, { today: t('today'), tomorrow: t('tomorrow') }),
      /** The same inside a sentence: today 10:52. */
      nearInside: (at: At, now = Date.now()) =>
        formats.near(at, now, place, { today: t('today').toLocaleLowerCase(language), tomorrow: t('tomorrow').toLocaleLowerCase(language) }),
      day: (at: At, now = Date.now()) => formats.day(at, now, place, { today: t('today'), tomorrow: t('tomorrow') }),
      dayOf: (at: number | string) => dayOf(at, timeZone),
      today: (now = Date.now()) => dayOf(now, timeZone),
      rupees: formats.rupees,
      count: formats.count,
      phone: formats.phone,
      age: (birthDay: string, now = Date.now()) =>
        formats.age(birthDay, dayOf(now, timeZone), { y: t('age.y'), m: t('age.m'), d: t('age.d') }),
      /** "22 min"; "2 h 5 min" from an hour on. */
      minutes,
      /** Minutes from then to now, in words. */
      since: (at: At, now: number) => {
        const whole = formats.minutesSince(at, now)
        return whole < 1 ? t('justNow') : minutes(whole)
      },
    }
  }, [t, language, timeZone])
}
