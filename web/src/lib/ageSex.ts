type Aged = { age_years?: number | null; age_months?: number | null; gender: string }

/** "46 F", "9 m M": age and sex as the counter says them. Any `t` will do. */
export function ageSex({ age_years, age_months, gender }: Aged, t: (key: string) => string): string {
  const age = age_years == null ? '' : age_years > 1 ? `${age_years}` : `${age_years * 12 + (age_months ?? 0)} ${t('lib:age.m')}`
  return [age, t(`lib:sex.${gender}`)].filter(Boolean).join(' ')
}
