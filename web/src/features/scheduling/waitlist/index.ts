export { Offers as WaitlistOffers } from './Offers'
export { Waitlist } from './Waitlist'
export { WaitFor } from './WaitFor'
