/** "Nirmal Hospital, Kothrud"; a branch's name may already begin with the hospital's. */
export const placeName = (hospital: string, branch: string) => (branch.startsWith(hospital) ? branch : `${hospital}, ${branch}`)
