import { createStore } from '~/lib/store'

const rememberedKey = 'ar.acting-for'
const store = createStore<string | null>(localStorage.getItem(rememberedKey))

/** The patient for whom this phone is used just now; null: everybody whom its owner signs in for here. */
export function actFor(patientId: string | null) {
  if (patientId) localStorage.setItem(rememberedKey, patientId)
  else localStorage.removeItem(rememberedKey)
  store.set(patientId)
}

/** Of these people the one acted for; all of them where nobody was chosen, or one who is not among them (any more). */
export function useActingFor<Person extends { id: string }>(people: readonly Person[]): readonly Person[] {
  const chosen = store.use()
  const one = people.find(({ id }) => id === chosen)
  return one ? [one] : people
}
