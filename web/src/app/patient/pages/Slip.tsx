import { useEffect, useState } from 'react'
import { SlipSignIn } from '~/features/identity'
import { navigate } from '../router'

/** The QR of a slip leads here: /my/slip#token. The token goes out of the address at once. */
export default function Slip() {
  const [token] = useState(() => location.hash.slice(1))
  useEffect(() => {
    if (token) history.replaceState(history.state, '', location.pathname)
    else navigate('/home', { replace: true }) // just signed in by it, or opened with none
  }, [token])
  return token && <SlipSignIn token={token} onIn={() => navigate('/home', { replace: true })} />
}
