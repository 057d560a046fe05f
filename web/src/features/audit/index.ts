export { AuditTrail } from './AuditTrail'
