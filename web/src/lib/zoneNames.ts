/** Browsers still give these zones names that their cities have left. */
const renamed: Record<string, string> = {
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
}
export const todaysZoneName = (zone: string) => renamed[zone] ?? zone

/** Every zone that may be chosen, by its name of today. */
export const zoneNames = () => [...new Set(Intl.supportedValuesOf('timeZone').map(todaysZoneName))].sort()
