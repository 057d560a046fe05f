let audio: AudioContext | null = null

export const isSoundOn = () => audio?.state === 'running'

/** Browsers let a page sound only after a touch: once, when the screen is hung up. */
export async function soundOn(): Promise<void> {
  audio ??= new AudioContext()
  await audio.resume()
  chime()
}

export const soundOff = async () => audio?.suspend()

export const chimeLasts_ms = 1_400

/** Two soft notes, the second lower: someone is called. */
export function chime(): void {
  if (audio?.state !== 'running') return
  const start = audio.currentTime
  for (const [nth, pitch_hz] of [784, 587].entries()) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    const at = start + nth * 0.42
    tone.frequency.value = pitch_hz
    volume.gain.setValueAtTime(0.0001, at)
    volume.gain.exponentialRampToValueAtTime(0.35, at + 0.03)
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.9)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + 1)
  }
}
