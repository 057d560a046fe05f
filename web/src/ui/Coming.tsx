/** Stands where a part of the page will be whose code is on its way; who listens is told to wait. */
export const Coming = () => <div aria-busy="true" />
