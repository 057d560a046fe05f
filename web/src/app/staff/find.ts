import { findPatients } from '~/features/patients'
import { findVisits } from '~/features/scheduling'
import { findPractitioners, findStaff } from '~/features/staff'
import type { FindSource } from '~/lib/find'

/** What the search box looks through, in the order of its results. Each feature's index gives its source. */
export const findSources: readonly FindSource[] = [findPatients, findVisits, findPractitioners, findStaff]
