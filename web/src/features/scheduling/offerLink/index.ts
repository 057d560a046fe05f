export { OfferByLink } from './OfferByLink'
