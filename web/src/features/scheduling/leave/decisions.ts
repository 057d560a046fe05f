import type { components } from '~/api/schema'

export type Affected = components['schemas']['AffectedRead']
export type Proposal = components['schemas']['Proposal']
type Decision = components['schemas']['Decision']

/** What is chosen for one booking: the number of its option, or what else becomes of it. */
export type Choice = `${number}` | 'cancel' | 'keep'
export type Choices = Readonly<Record<string, Choice>>

/** What is proposed first; who has no proposal stays until somebody calls them. */
export const usual = ({ options }: Affected): Choice => (options.length > 0 ? '0' : 'keep')

export const choiceOf = (item: Affected, choices: Choices): Choice => {
  const chosen = choices[item.appointment.id] ?? usual(item)
  return chosen === 'cancel' || chosen === 'keep' || item.options[Number(chosen)] ? chosen : usual(item)
}

export function decisionOf(item: Affected, choices: Choices): Decision {
  const appointment_id = item.appointment.id
  const chosen = choiceOf(item, choices)
  if (chosen === 'cancel' || chosen === 'keep') return { appointment_id, action: chosen }
  const { practitioner_id, facility_id, starts_at } = item.options[Number(chosen)] as Proposal
  return { appointment_id, action: 'move', practitioner_id, facility_id, starts_at }
}

/** How many are moved, cancelled, kept. */
export function countOf(items: readonly Affected[], choices: Choices) {
  const actions = items.map((item) => decisionOf(item, choices).action)
  const of = (wanted: string) => actions.filter((action) => action === wanted).length
  return { move: of('move'), cancel: of('cancel'), keep: of('keep') }
}
