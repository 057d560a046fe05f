import { useTranslation } from 'react-i18next'

type Held = { role: string | null; custom_role: { name: string; name_hi: string | null } | null }

/** What a membership's role is called: a built-in one in the reader's words, the hospital's own as it named it. */
export function useRoleWord() {
  const { t, i18n } = useTranslation('identity')
  return ({ role, custom_role: own }: Held): string => {
    if (own) return (i18n.language === 'hi' && own.name_hi) || own.name
    return i18n.exists(`role.${role}`, { ns: 'identity' }) ? t(`role.${role}`) : (role ?? '')
  }
}
