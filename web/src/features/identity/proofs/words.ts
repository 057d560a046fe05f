import { loadWords } from '~/lib/words'

/** The words of this folder come with its code: most visits need neither. */
export async function withProofs<Code>(code: Promise<Code>): Promise<Code> {
  await loadWords(['proofs'])
  return code
}
