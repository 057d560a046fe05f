export { LeaveRebooking, type LeaveToRebook } from './LeaveRebooking'
export { RebookInsideLeave } from './RebookInsideLeave'
