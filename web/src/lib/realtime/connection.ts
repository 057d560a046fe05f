/**
 * The socket: one-use ticket, resume by the last seq, a longer wait after each failure. It carries no data, only the
 * news that something changed.
 */

export type ServerEvent = { type: 'event'; seq: number; event: string; topic: string; ids: Record<string, string> }
type ServerMessage = ServerEvent | { type: 'hello'; seq: number } | { type: 'resync' } | { type: 'ping' }

export type LiveStatus =
  | { state: 'connecting' | 'live' }
  /** `since` and `retryAt` are times in milliseconds; no retryAt while a try is running. */
  | { state: 'offline'; since: number; retryAt: number | null }

export type Wiring = {
  /** A word for one socket, and where the server stood: what comes between the first reads and the first socket is heard. */
  ticket: () => Promise<{ ticket: string; seq: number }>
  open: () => WebSocket
  onEvent: (event: ServerEvent) => void
  /** Too much was missed: everything on the screen may be old. */
  onResync: () => void
  onStatus: (status: LiveStatus) => void
  random?: () => number
}

const firstWait_ms = 1_000
const longestWait_ms = 30_000
const silence_ms = 75_000
const rightsChanged = 4401

/** Between half and all of 1 s, 2 s, 4 s … 30 s: after an outage the counters must not come back in one wave. */
export const waitBefore = (attempt: number, random: () => number) =>
  Math.min(longestWait_ms, firstWait_ms * 2 ** attempt) * (0.5 + random() / 2)

export class RealtimeConnection {
  private socket: WebSocket | null = null
  private seq: number | null = null
  /** Where the server stood when this socket opened. */
  private helloSeq: number | null = null
  private attempt = 0
  private lostAt: number | null = null
  private stopped = true
  private round = 0
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private silenceTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly wiring: Wiring) {}

  start() {
    if (!this.stopped) return
    this.stopped = false
    this.wiring.onStatus({ state: 'connecting' })
    void this.connect()
  }

  stop() {
    this.stopped = true
    this.round++
    clearTimeout(this.retryTimer)
    clearTimeout(this.silenceTimer)
    this.hangUp()
    this.seq = null
    this.attempt = 0
    this.lostAt = null
  }

  /** Try at once: the person pressed "Try now", or the network came back. */
  retryNow() {
    if (this.stopped || this.lostAt === null) return
    clearTimeout(this.retryTimer)
    this.attempt = 0
    void this.connect()
  }

  /** The network itself says that it is gone: sooner known than by a silence. */
  lost() {
    if (!this.stopped && this.lostAt === null) this.fail()
  }

  private async connect() {
    const round = ++this.round
    this.hangUp()
    if (this.lostAt !== null) this.wiring.onStatus({ state: 'offline', since: this.lostAt, retryAt: null })
    try {
      const { ticket, seq } = await this.wiring.ticket()
      if (round !== this.round) return
      this.seq ??= seq
      this.listen(this.wiring.open(), ticket, round)
    } catch {
      if (round === this.round) this.fail()
    }
  }

  private listen(socket: WebSocket, ticket: string, round: number) {
    this.socket = socket
    this.helloSeq = null
    socket.onopen = () => socket.send(JSON.stringify({ ticket, since: this.seq }))
    socket.onmessage = ({ data }) => {
      if (round === this.round) this.take(JSON.parse(String(data)) as ServerMessage)
    }
    socket.onclose = (event?: CloseEvent) => {
      if (round !== this.round) return
      // the server closes a socket whose rights changed: no fault of the line, so nobody is told that it is cut
      if (event?.code === rightsChanged && this.helloSeq !== null) this.openAnew()
      else this.fail()
    }
    this.expectSound()
  }

  private openAnew() {
    this.wiring.onStatus({ state: 'connecting' })
    void this.connect()
  }

  private take(message: ServerMessage) {
    this.expectSound()
    switch (message.type) {
      case 'hello':
        this.helloSeq = message.seq
        this.attempt = 0
        this.lostAt = null
        this.wiring.onStatus({ state: 'live' })
        break
      case 'event':
        this.seq = message.seq
        this.wiring.onEvent(message)
        break
      case 'resync':
        this.seq = this.helloSeq
        this.wiring.onResync()
        break
      case 'ping':
        this.socket?.send('{"type":"pong"}')
    }
  }

  /** A dead network closes no socket; a server that says nothing for so long is gone. */
  private expectSound() {
    clearTimeout(this.silenceTimer)
    this.silenceTimer = setTimeout(() => this.fail(), silence_ms)
  }

  private fail() {
    if (this.stopped) return
    this.round++
    clearTimeout(this.silenceTimer)
    this.hangUp()
    this.lostAt ??= Date.now()
    const wait_ms = waitBefore(this.attempt++, this.wiring.random ?? Math.random)
    this.wiring.onStatus({ state: 'offline', since: this.lostAt, retryAt: Date.now() + wait_ms })
    this.retryTimer = setTimeout(() => void this.connect(), wait_ms)
  }

  private hangUp() {
    if (!this.socket) return
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null
    this.socket.close()
    this.socket = null
  }
}
