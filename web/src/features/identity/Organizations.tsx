import { useTranslation } from 'react-i18next'
import { useState } from 'react'
import { switchOrganization, useMe } from '~/lib/session'
import { DataTable, type Column } from '~/ui/DataTable'
import { useRoleWord } from './roleWord'

type Place = { id: string; name: string; roles: string[] }

/** Where I work and as what; another hospital is one press away. */
export function Organizations() {
  const { t } = useTranslation('identity')
  const wordOf = useRoleWord()
  const { memberships, organization } = useMe()
  const [going, setGoing] = useState(false)

  const places = new Map<string, Place>()
  for (const membership of memberships) {
    const { organization_id: id, organization_name: name, facility_name } = membership
    const place = places.get(id) ?? { id, name, roles: [] }
    const word = wordOf(membership)
    place.roles.push(facility_name ? `${word} (${facility_name})` : word)
    places.set(id, place)
  }
  const columns: Column<Place>[] = [
    { id: 'name', head: t('organizations.name'), cell: ({ name }) => <b>{name}</b> },
    { id: 'roles', head: t('organizations.roles'), cell: ({ roles }) => roles.join(', ') },
  ]
  const go = async (place: Place) => {
    setGoing(true)
    await switchOrganization(place.id).finally(() => setGoing(false))
  }
  return (
    <DataTable
      label={t('organizations.title')}
      list={{ data: { items: [...places.values()] } }}
      columns={columns}
      idOf={({ id }) => id}
      empty={null}
      isOver={() => false}
      actionHead={t('organizations.step')}
      action={(place) => (place.id === organization?.id || going ? null : { label: t('organizations.go'), onPress: () => void go(place) })}
    />
  )
}
