export { BookingForm } from './BookingForm'
export { TakenMeanwhile, type Place } from './TakenMeanwhile'
