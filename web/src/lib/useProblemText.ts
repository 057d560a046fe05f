import type { i18n } from 'i18next'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem, showFaults } from './api'

/** `problem.slot_taken` in whichever of the loaded words has it: each feature says its own refusals. */
function wordsFor(i18n: i18n, kind: 'problem' | 'fault', code: string): string | null {
  const loaded = Object.keys(i18n.store.data[i18n.language] ?? {})
  const namespace = loaded.find((ns) => i18n.exists(`${ns}:${kind}.${code}`))
  return namespace ? i18n.t(`${namespace}:${kind}.${code}`) : null
}

/** A refusal in the reader's words: ours where some namespace has its code, else the server's own sentence. */
export function useProblemText() {
  const { i18n } = useTranslation('lib')
  return useCallback(
    (error: unknown): string => {
      const { code, detail } = asProblem(error)
      return wordsFor(i18n, 'problem', code) ?? detail
    },
    [i18n],
  )
}

/** `show(form, error)`: the server's faults beside their fields, in the reader's words, the focus on the first. */
export function useFaults() {
  const { i18n } = useTranslation('lib')
  return useCallback(
    (form: Parameters<typeof showFaults>[0], error: unknown) =>
      showFaults(form, error, ({ code, message }) => wordsFor(i18n, 'fault', code) ?? message),
    [i18n],
  )
}
