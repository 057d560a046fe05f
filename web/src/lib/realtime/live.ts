import { useEffect, useRef } from 'react'
import { api, ApiProblem } from '../api'
import { queryClient } from '../query'
import { createStore } from '../store'
import { RealtimeConnection, type LiveStatus, type ServerEvent } from './connection'
import { createInvalidator, type Topics } from './invalidator'

const status = createStore<LiveStatus>({ state: 'connecting' })
const listeners = new Set<(event: ServerEvent) => void>()
let connection: RealtimeConnection | null = null

async function ticket() {
  const { data } = await api.POST('/api/realtime/ticket')
  if (!data) throw new ApiProblem({ code: 'no_ticket' })
  return data
}

const open = () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/realtime`)

/** Follow the hospital while the calling shell is on the screen. Who is of no hospital has none to follow. */
export function useLiveConnection(topics: Topics, { enabled = true } = {}) {
  const fixedTopics = useRef(topics)
  useEffect(() => {
    if (!enabled) return
    const invalidator = createInvalidator(queryClient, fixedTopics.current)
    const mine = new RealtimeConnection({
      ticket,
      open,
      onStatus: status.set,
      onResync: invalidator.everything,
      onEvent(event) {
        invalidator.changed(event.topic)
        listeners.forEach((listener) => listener(event))
      },
    })
    connection = mine
    mine.start()
    const lost = () => mine.lost()
    window.addEventListener('online', retryNow)
    window.addEventListener('offline', lost)
    return () => {
      window.removeEventListener('online', retryNow)
      window.removeEventListener('offline', lost)
      mine.stop()
      invalidator.stop()
      connection = null
    }
  }, [enabled])
}

/** Live, or offline since when and until when. */
export const useLive = status.use
export const retryNow = () => connection?.retryNow()

/** Act on single events (a chime, a toast); the screens' data follows by itself. */
export function useLiveEvent(name: string, act: (event: ServerEvent) => void) {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    const listener = (event: ServerEvent) => {
      if (event.event === name) latest.current(event)
    }
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [name])
}
