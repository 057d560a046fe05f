import { act, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { queryClient } from '~/lib/query'
import { languages } from '~/lib/words'
import { show } from '~tests/render'
import { serve } from '~tests/server'
import { Board } from './Board'
import { chimeLasts_ms } from './chime'

/** What rang, and what was said in which voice. */
let rung = 0
let said: string[] = []
const nothing = () => undefined

class FakeAudio {
  static newest?: FakeAudio
  state = 'suspended'
  currentTime = 0
  constructor() {
    FakeAudio.newest = this
  }
  resume = async () => void (this.state = 'running')
  suspend = async () => void (this.state = 'suspended')
  createOscillator = () => ({ frequency: {}, connect: (to: unknown) => to, start: () => void rung++, stop: nothing })
  createGain = () => ({ gain: { setValueAtTime: nothing, exponentialRampToValueAtTime: nothing }, connect: (to: unknown) => to })
}
/** Two notes a chime. */
const chimes = () => rung / 2

const hindi = { lang: 'hi-IN', name: 'Lekha' }
const english = [{ lang: 'en-US', name: 'Samantha' }, { lang: 'en_IN', name: 'Rishi' }]
let installed: { lang: string; name: string }[] = []
const tellVoices = new Set<() => void>()
const cancel = vi.fn()

class FakeSentence {
  voice: { name: string } | null = null
  lang = ''
  constructor(readonly text: string) {}
}

class FakeSocket {
  static newest: FakeSocket
  onopen?: () => void
  onmessage?: (message: { data: string }) => void
  onclose?: () => void
  constructor() {
    FakeSocket.newest = this
  }
  send = nothing
  close = nothing
  tell = (message: object) => act(() => this.onmessage?.({ data: JSON.stringify(message) }))
}

const call = (number: number, called_at: string, more: object = {}) => ({ number, initials: 'F S', room: '4', floor: 'First floor', practitioner_name: 'Dr Kavita Iyer', called_at, token_id: `t${number}`, calls: 1, ...more })
const sixteen = call(16, '2026-11-23T05:30:00.5Z')
const seventeen = call(17, '2026-11-23T05:31:00Z')

let calling: object | null = null
let seq = 0
const asked = () => server.to('GET /api/display').length
let server: ReturnType<typeof serve>

/** The queue moved: the socket says so, and the board reads what is called now. */
async function move(now: object | null) {
  calling = now
  const before = asked()
  FakeSocket.newest.tell({ type: 'event', seq: ++seq, event: 'TokenCalled', topic: 'queue', ids: {} })
  await waitFor(() => expect(asked()).toBe(before + 1))
  await act(() => new Promise((done) => setTimeout(done)))
}

const connected = async (before?: FakeSocket) => {
  await waitFor(() => expect(FakeSocket.newest).not.toBe(before))
  FakeSocket.newest.tell({ type: 'hello', seq })
}

async function hang(first: object | null = sixteen) {
  calling = first
  const before = FakeSocket.newest
  const shown = await show(<Board />, ['display', 'lib'], languages)
  await screen.findByText('Nirmal Hospital, Kothrud')
  await connected(before)
  return shown
}

const touch = async () => {
  await userEvent.click(screen.getByRole('button', { name: /Touch for sound/ }))
  await screen.findByRole('button', { name: /Sound is on/ })
  rung = 0
  said = []
}
/** What waits for the chime to end. */
let due: (() => void)[] = []
const chimeIsOver = () => due.splice(0).forEach((speak) => speak())

beforeEach(() => {
  queryClient.clear()
  if (FakeAudio.newest) FakeAudio.newest.state = 'suspended'
  rung = 0
  said = []
  due = []
  installed = [...english, hindi]
  cancel.mockClear()
  const later = setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, wait_ms: number) => (wait_ms === chimeLasts_ms ? due.push(run) : later(run, wait_ms))) as typeof setTimeout)
  vi.stubGlobal('AudioContext', FakeAudio)
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('SpeechSynthesisUtterance', FakeSentence)
  vi.stubGlobal('speechSynthesis', {
    getVoices: () => installed,
    speak: ({ text, voice }: FakeSentence) => void said.push(`${voice?.name}: ${text}`),
    cancel,
    addEventListener: (_: string, tell: () => void) => tellVoices.add(tell),
    removeEventListener: (_: string, tell: () => void) => tellVoices.delete(tell),
  })
  server = serve({
    'GET /api/display': () => ({ body: { hospital_name: 'Nirmal Hospital', facility_name: 'Kothrud', time_zone: 'Asia/Kolkata', now: '2026-11-23T05:31:00Z', calling, rows: [] } }),
    'POST /api/realtime/ticket': () => ({ body: { ticket: 'once', seq } }),
  })
})

describe('the waiting room', () => {
  it('is silent before it was touched', async () => {
    await hang()
    await move(seventeen)
    expect(await screen.findByText('17')).toBeTruthy()
    chimeIsOver()
    expect([chimes(), said]).toEqual([0, []])
  })

  it('hears the chime, then number and room in Hindi and in English, and no more of whom', async () => {
    await hang()
    await touch()
    await move(seventeen)
    expect([chimes(), said]).toEqual([1, []])
    chimeIsOver()
    expect(said).toEqual(['Lekha: टोकन नंबर 17, कमरा नंबर 4', 'Rishi: Token number 17, room number 4'])
    expect(chimes()).toBe(1)
  })

  it('hears the first call of the day', async () => {
    await hang(null)
    await touch()
    await move(sixteen)
    expect(chimes()).toBe(1)
  })

  it('hears a number that is called again', async () => {
    await hang()
    await touch()
    await move({ ...sixteen, called_at: '2026-11-23T05:30:20Z', calls: 2 })
    chimeIsOver()
    expect(chimes()).toBe(1)
    expect(said).toHaveLength(2)
  })

  it('hears nothing anew where only the rest of the board moved, or it was drawn again', async () => {
    const { unmount } = await hang()
    await touch()
    await move({ ...sixteen })
    await move({ ...sixteen, floor: 'Ground floor' })
    unmount()
    await hang()
    expect(screen.getByRole('button', { name: /Sound is on/ })).toBeTruthy()
    expect(chimes()).toBe(0)
  })

  it('hears nothing anew when its line comes back, but what was called meanwhile', async () => {
    await hang()
    await touch()
    for (const [now, heard] of [[sixteen, 0], [seventeen, 1]] as const) {
      calling = now
      const [cut, before] = [FakeSocket.newest, asked()]
      act(() => cut.onclose?.())
      act(() => void window.dispatchEvent(new Event('online')))
      await connected(cut)
      FakeSocket.newest.tell({ type: 'resync' })
      await waitFor(() => expect(asked()).toBe(before + 1))
      await screen.findByText(String(now.number))
      expect(chimes()).toBe(heard)
    }
  })

  it('hears no old call again when the newest is taken back', async () => {
    await hang()
    await touch()
    await move(seventeen)
    await move(null)
    await move(sixteen)
    expect(await screen.findByText('16')).toBeTruthy()
    expect(chimes()).toBe(1)
  })

  it.each([
    ['Physiotherapy', 'Token number 17, Physiotherapy'],
    ['X-ray', 'Token number 17, X-ray'],
    ['12B', 'Token number 17, room number 12B'],
    [null, 'Token number 17'],
  ])('is told of room %s', async (room, sentence) => {
    await hang()
    await touch()
    await move({ ...seventeen, room })
    chimeIsOver()
    expect(said[1]).toBe(`Rishi: ${sentence}`)
  })
})

describe('its sign', () => {
  const sign = () => screen.getByRole('button')

  it('names what is spoken, and is tried at once', async () => {
    await hang()
    expect(sign().textContent).toContain('Touch for sound')
    await userEvent.click(sign())
    await waitFor(() => expect(sign().textContent).toContain('हिंदी, English'))
    expect(said).toEqual(['Lekha: आवाज़ चालू है', 'Rishi: Sound is on'])
    expect(chimes()).toBe(1)
  })

  it('names a language only where the browser has a voice for it, and stays silent in the others', async () => {
    installed = english
    await hang()
    await touch()
    expect(sign().textContent).not.toContain('हिंदी')
    await move(seventeen)
    chimeIsOver()
    expect(said).toEqual(['Rishi: Token number 17, room number 4'])
    installed = [...english, hindi]
    act(() => tellVoices.forEach((tell) => tell()))
    expect(sign().textContent).toContain('हिंदी, English')
  })

  it.each([
    ['no voice', () => void (installed = [])],
    ['no speech at all', () => void Reflect.deleteProperty(window, 'speechSynthesis')],
  ])('chimes alone where the browser has %s', async (_, take) => {
    take()
    await hang()
    await touch()
    await move(seventeen)
    chimeIsOver()
    expect([chimes(), said]).toEqual([1, []])
    expect(sign().textContent).not.toMatch(/हिंदी|English/)
  })

  it('turns chime and voice off, also in the midst of a call', async () => {
    await hang()
    await touch()
    await move(seventeen)
    await userEvent.click(sign())
    await screen.findByRole('button', { name: /Touch for sound/ })
    await move(call(18, '2026-11-23T05:32:00Z'))
    chimeIsOver()
    expect([chimes(), said]).toEqual([1, []])
    expect(cancel).toHaveBeenCalled()
  })
})
