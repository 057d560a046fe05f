export { DoctorList } from './DoctorList'
export { loadAt, useLoad, weekOf } from './load'
export { LoadMark } from './LoadMark'
export { Week } from './Week'
