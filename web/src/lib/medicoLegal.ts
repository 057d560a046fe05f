/** "MLC", wherever a name stands: police papers follow this patient. Null for others. Any `t` will do. */
export const medicoLegal = (patient: { is_medico_legal?: boolean } | null | undefined, t: (key: string) => string) =>
  patient?.is_medico_legal ? { short: t('lib:medicoLegal.short'), long: t('lib:medicoLegal.long') } : null
