import { useLiveEvent } from '~/lib/realtime'
import { readMe, session, useMe } from '~/lib/session'

/** The server remembers what a person may for half a second. */
const forgottenBy_ms = 550

/** Read again what I may do when a role of mine was given, ended or changed: the pages follow without a reload. */
export function useRightsKeptFresh() {
  const { user, memberships } = useMe()
  const again = () => {
    if (session().status === 'signed-in') void readMe().catch(() => undefined)
  }
  const soon = () => void setTimeout(again, forgottenBy_ms)
  useLiveEvent('MembershipsChanged', ({ ids }) => {
    if (ids.user_id === user.id) soon()
  })
  useLiveEvent('CustomRoleChanged', ({ ids }) => {
    if (memberships.some(({ custom_role }) => custom_role?.id === ids.custom_role_id)) soon()
  })
}
