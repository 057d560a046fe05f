export { findPractitioners, findStaff } from './find'
export { Practitioners } from './people/Practitioners'
export { StaffMembers } from './people/StaffMembers'
