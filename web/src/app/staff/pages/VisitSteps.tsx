import { Consultation, insideOf, type Visit } from '~/features/scheduling'
import { $api } from '~/lib/api'

/** For who may finish visits: the doctor's steps for one that was called or is inside, as on the queue's page. */
export function VisitSteps({ visit, onVisit }: { visit: Visit; onVisit: (visit: Visit) => void }) {
  const { token, practitioner_id, facility_id } = visit
  const isInside = token !== null && insideOf([token]) !== undefined
  const queue = $api.useQuery('get', '/api/queue', { params: { query: { facility_id, practitioner_id } } }, { enabled: isInside })
  // Of the queue, which may come a moment later than the visit: what is shown is what its key does.
  const entry = insideOf(queue.data?.items.filter(({ token_id }) => token_id === token?.id) ?? [])
  if (!isInside || !queue.data || !entry) return null
  return (
    <Consultation
      key={entry.token_id} entry={entry} entries={queue.data.items} practitionerId={practitioner_id} facilityId={facility_id}
      onCalled={({ appointment }) => onVisit(appointment)} isBelowVisit
    />
  )
}
