export { BookingForm } from './BookingForm'
export { ScopeChoice, type Scope } from './ScopeChoice'
export { useHold } from './useHold'
export { TakenMeanwhile, type Place } from './TakenMeanwhile'
