export { findPractitioners, findStaff } from './find'
export { Practitioners } from './people/Practitioners'
export { Services } from './people/Services'
export { StaffMembers } from './people/StaffMembers'
