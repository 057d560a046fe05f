import { useSyncExternalStore } from 'react'
import type { Language } from '~/lib/words'

/** As the board is read: Hindi first. */
const spoken: readonly Language[] = ['hi', 'en']

const voices = () => ('speechSynthesis' in window ? speechSynthesis : null)

/** The browser's own for this language, India's before others; many have none for Hindi. */
function voiceOf(language: Language): SpeechSynthesisVoice | undefined {
  const some = (voices()?.getVoices() ?? []).filter(({ lang }) => new RegExp(`^${language}\\b|^${language}_`, 'i').test(lang))
  return some.find(({ lang }) => /IN$/i.test(lang)) ?? some[0]
}

/** One after the other, each by a voice of its language; nothing in a language without one. */
export function say(words: (language: Language) => string): void {
  for (const language of spoken) {
    const voice = voiceOf(language)
    if (!voice) continue
    const sentence = new SpeechSynthesisUtterance(words(language))
    sentence.voice = voice
    sentence.lang = voice.lang
    speechSynthesis.speak(sentence)
  }
}

export const hush = () => voices()?.cancel()

const canSay = () => spoken.filter(voiceOf).join()
function subscribe(tell: () => void) {
  const from = voices()
  from?.addEventListener('voiceschanged', tell) // they come some time after the page
  return () => from?.removeEventListener('voiceschanged', tell)
}

/** The languages in which this browser can speak. */
export const useSpoken = () => useSyncExternalStore(subscribe, canSay).split(',').filter(Boolean) as Language[]
