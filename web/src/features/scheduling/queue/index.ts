export { Consultation } from './Consultation'
export { DayState } from './DayState'
export { insideOf, isNow, stateOf, type QueueEntry } from './queueOf'
export { QueuePanel } from './QueuePanel'
