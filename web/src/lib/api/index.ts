export { $api, api } from './client'
export { focusFirstError, showFaults } from './fields'
export { ApiProblem, asProblem, type FieldFault } from './problem'
export { newKey, useIdempotent } from './submit'
