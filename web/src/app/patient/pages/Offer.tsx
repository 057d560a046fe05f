import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Gate } from '~/features/identity'
import { OfferByLink } from '~/features/scheduling'

/** The link of a message about a held place leads here: /my/offer#token. The token goes out of the address at once. */
export default function Offer() {
  const { t } = useTranslation('offerLink')
  const [token] = useState(() => location.hash.slice(1))
  useEffect(() => {
    if (token) history.replaceState(history.state, '', location.pathname)
  }, [token])
  return (
    <Gate title={t('title')}>
      <title>{`${t('title')} · Arogya`}</title>
      <OfferByLink token={token} />
    </Gate>
  )
}
