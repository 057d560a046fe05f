/** Which version of the privacy notice this program shows: `privacyNotice` in the words beside this file. */
export const noticeVersion = '1'
