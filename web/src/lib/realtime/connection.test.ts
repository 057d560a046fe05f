import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RealtimeConnection, waitBefore, type LiveStatus, type ServerEvent } from './connection'

class FakeSocket {
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((event?: { code: number }) => void) | null = null
  sent: unknown[] = []
  closed = false
  send = (text: string) => void this.sent.push(JSON.parse(text))
  close = () => void (this.closed = true)
  says = (message: unknown) => this.onmessage?.({ data: JSON.stringify(message) })
}

let sockets: FakeSocket[]
let events: ServerEvent[]
let statuses: LiveStatus[]
let resyncs: number
let ticket: () => Promise<{ ticket: string; seq: number }>
let connection: RealtimeConnection

const last = () => sockets.at(-1) as FakeSocket
const event = (seq: number) => ({ type: 'event', seq, event: 'AppointmentBooked', topic: 'appointments', ids: {} })
async function opens() {
  await vi.advanceTimersByTimeAsync(0)
  last().onopen?.()
}

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 })
  sockets = []
  events = []
  statuses = []
  resyncs = 0
  ticket = async () => ({ ticket: 'one-use', seq: 40 })
  connection = new RealtimeConnection({
    ticket: () => ticket(),
    open: () => {
      sockets.push(new FakeSocket())
      return last() as unknown as WebSocket
    },
    onEvent: (one) => events.push(one),
    onResync: () => void resyncs++,
    onStatus: (status) => statuses.push(status),
    random: () => 1,
  })
  connection.start()
  await opens()
})
afterEach(() => {
  connection.stop()
  vi.useRealTimers()
})

it('shows its ticket first, and answers pings', () => {
  expect(last().sent).toEqual([{ ticket: 'one-use', since: 40 }])
  last().says({ type: 'hello', seq: 40 })
  last().says({ type: 'ping' })
  expect(last().sent.at(-1)).toEqual({ type: 'pong' })
  expect(statuses).toEqual([{ state: 'connecting' }, { state: 'live' }])
})

it('goes on from its first ticket when the first socket never came to hello', async () => {
  last().onclose?.()
  ticket = async () => ({ ticket: 'second', seq: 47 })
  await vi.advanceTimersByTimeAsync(1_000)
  await opens()
  expect(last().sent).toEqual([{ ticket: 'second', since: 40 }])
})

describe('after a cut', () => {
  it('that the network itself reports, says so at once', () => {
    last().says({ type: 'hello', seq: 40 })
    connection.lost()
    expect(statuses.at(-1)).toEqual({ state: 'offline', since: 1_000_000, retryAt: 1_001_000 })
    connection.lost()
    expect(statuses).toHaveLength(3)
  })

  it('resumes from the last event, with a new ticket', async () => {
    last().says({ type: 'hello', seq: 40 })
    last().says(event(41))
    ticket = async () => ({ ticket: 'second', seq: 44 })
    last().onclose?.()
    await vi.advanceTimersByTimeAsync(1_000)
    await opens()
    expect(last().sent).toEqual([{ ticket: 'second', since: 41 }])
    last().says({ type: 'hello', seq: 44 })
    last().says(event(42))
    last().onclose?.() // cut again while it was catching up
    await vi.advanceTimersByTimeAsync(1_000)
    await opens()
    expect(last().sent).toEqual([{ ticket: 'second', since: 42 }])
    expect(events.map(({ seq }) => seq)).toEqual([41, 42])
  })

  it('says since when, and when it tries again', async () => {
    last().says({ type: 'hello', seq: 40 })
    last().onclose?.()
    expect(statuses.at(-1)).toEqual({ state: 'offline', since: 1_000_000, retryAt: 1_001_000 })
    ticket = () => Promise.reject(new Error('away'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(statuses.at(-1)).toEqual({ state: 'offline', since: 1_000_000, retryAt: 1_003_000 })
    ticket = async () => ({ ticket: 'back', seq: 40 })
    connection.retryNow()
    await opens()
    last().says({ type: 'hello', seq: 40 })
    expect(statuses.at(-1)).toEqual({ state: 'live' })
  })

  it('reads all again when the server cannot say what was missed, and goes on from there', async () => {
    last().says({ type: 'hello', seq: 40 })
    last().onclose?.()
    await vi.advanceTimersByTimeAsync(1_000)
    await opens()
    last().says({ type: 'hello', seq: 90_000 })
    last().says({ type: 'resync' })
    expect(resyncs).toBe(1)
    last().onclose?.()
    await vi.advanceTimersByTimeAsync(1_000)
    await opens()
    expect(last().sent).toEqual([{ ticket: 'one-use', since: 90_000 }])
  })
})

describe('a socket that the server closes because rights changed', () => {
  it('is opened anew at once, and no cut is told', async () => {
    last().says({ type: 'hello', seq: 40 })
    last().onclose?.({ code: 4401 })
    await opens()
    expect(sockets).toHaveLength(2)
    expect(last().sent).toEqual([{ ticket: 'one-use', since: 40 }])
    last().says({ type: 'hello', seq: 40 })
    expect(statuses.map(({ state }) => state)).toEqual(['connecting', 'live', 'connecting', 'live'])
  })

  it('before it said hello, waits as after any cut: the session may be over', async () => {
    last().onclose?.({ code: 4401 })
    await vi.advanceTimersByTimeAsync(0)
    expect(sockets).toHaveLength(1)
    expect(statuses.at(-1)).toMatchObject({ state: 'offline' })
  })
})

it('takes a long silence for a cut', async () => {
  last().says({ type: 'hello', seq: 40 })
  await vi.advanceTimersByTimeAsync(74_000)
  last().says({ type: 'ping' })
  await vi.advanceTimersByTimeAsync(74_000)
  expect(statuses.at(-1)).toEqual({ state: 'live' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(statuses.at(-1)).toMatchObject({ state: 'offline' })
  expect(last().closed).toBe(true)
})

it('once stopped stays stopped, whatever arrives late', async () => {
  const socket = last()
  const late = socket.onclose
  connection.stop()
  late?.()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(socket.closed).toBe(true)
  expect(sockets).toHaveLength(1)
})

it('waits longer each time, never past half a minute, never all at once', () => {
  expect([0, 1, 2, 3].map((attempt) => waitBefore(attempt, () => 1))).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(waitBefore(40, () => 1)).toBe(30_000)
  expect(waitBefore(2, () => 0)).toBe(2_000)
})
