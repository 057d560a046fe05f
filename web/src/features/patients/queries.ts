import { keepPreviousData } from '@tanstack/react-query'
import type { components } from '~/api/schema'
import { $api } from '~/lib/api'
import { useSettled } from '~/lib/useSettled'

export type PatientRow = components['schemas']['PatientRow']
export type Patient = components['schemas']['PatientRegisteredRead']

const shortest = 2
const settle_ms = 120

const lastSeen = ({ last_visit }: PatientRow) => (last_visit ? Date.parse(last_visit.at) : 0)

/** Phone, name, UHID or a scan → who it may be, the last seen first. `isSettled`: the answer is to what stands there. */
export function usePatientSearch(typed: string) {
  const search = useSettled(typed.trim(), settle_ms)
  const query = $api.useQuery(
    'post',
    '/api/patients/search',
    { body: { search, all: false, is_active: true, skip: 0, limit: 12 } },
    { enabled: search.length >= shortest, placeholderData: keepPreviousData },
  )
  const isAsked = typed.trim().length >= shortest
  const items = isAsked ? query.data?.items : undefined
  return {
    isAsked,
    isSettled: isAsked && search === typed.trim() && !query.isPlaceholderData && !!query.data,
    items: items && [...items].sort((one, other) => lastSeen(other) - lastSeen(one)),
    total: query.data?.total ?? 0,
    error: query.error,
    retry: () => void query.refetch(),
  }
}

/** Who may be the same person as the one being typed. */
export function useSimilar(typed: { name: string; phone: string; birth_date?: string }) {
  const { name, phone, birth_date } = useSettled(typed, 350)
  const digits = phone.replace(/\D/g, '')
  const isEnough = name.trim().length >= 4 || digits.length >= 10
  const query = $api.useQuery(
    'post',
    '/api/patients/similar',
    { body: { name: name.trim() || null, phone: digits.length >= 10 ? phone.trim() : null, birth_date: birth_date ?? null } },
    { enabled: isEnough },
  )
  return isEnough ? (query.data?.items ?? []) : []
}
