export { Departments } from './Departments'
export { Facilities } from './Facilities'
export { Rooms } from './Rooms'
export { TheHospital } from './TheHospital'
