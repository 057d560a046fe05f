type Aged = { age_years?: number | null; age_months?: number | null; gender: string }

/** "46 F", "9 m M", "newborn F": age and sex as the counter says them. Any `t` will do. */
export function ageSex({ age_years, age_months, gender }: Aged, t: (key: string) => string): string {
  const months = (age_years ?? 0) * 12 + (age_months ?? 0)
  const young = months === 0 && age_months != null ? t('lib:age.newborn') : `${months} ${t('lib:age.m')}`
  const age = age_years == null ? '' : age_years > 1 ? `${age_years}` : young
  return [age, t(`lib:sex.${gender}`)].filter(Boolean).join(' ')
}
