export { Departments } from './Departments'
export { Facilities } from './Facilities'
export { TheHospital } from './TheHospital'
