import type { LinkInAddress } from './linkInAddress'
import { AcceptInvitation } from './AcceptInvitation'
import { ResetPassword } from './ResetPassword'
import { VerifyEmail } from './VerifyEmail'

const pages = { reset: ResetPassword, 'verify-email': VerifyEmail, invitation: AcceptInvitation }

/** What a letter's link leads to, whoever is or is not signed in on this device. */
export function LinkPage({ page, token }: LinkInAddress) {
  const Page = pages[page]
  return <Page token={token} />
}
