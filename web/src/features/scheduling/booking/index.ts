export { BookingForm } from './BookingForm'
export { ScopeChoice, type Scope } from './ScopeChoice'
export { useHold } from './useHold'
export { isTaken, TakenMeanwhile, type Place, type Taken } from './TakenMeanwhile'
