import { useTranslation } from 'react-i18next'
import { chooseLanguage, type Language } from '~/lib/words'
import { HindiWord } from './HindiWord'
import styles from './LanguageSwitch.module.css'

/** What is read out must hold what is seen: "EN" is not in "English". */
const names: Record<Language, { short: string; full: string; spoken: string }> = {
  en: { short: 'EN', full: 'English', spoken: 'EN, English' },
  hi: { short: 'हिं', full: 'हिन्दी', spoken: 'हिन्दी' },
}

/** EN | हिं. Each language is named in itself; Hindi's name is a shape, so that its font waits for Hindi. */
export function LanguageSwitch({ full = false }: { full?: boolean }) {
  const { t, i18n } = useTranslation('ui')
  const size = full ? 15 : 13
  return (
    <div className={styles.switch} role="group" aria-label={t('language.label')} data-full={full || undefined}>
      {(Object.keys(names) as Language[]).map((language) => (
        <button
          key={language}
          type="button"
          lang={language === i18n.language ? undefined : language}
          aria-pressed={language === i18n.language}
          aria-label={full ? names[language].full : names[language].spoken}
          onClick={() => void chooseLanguage(language)}
        >
          {language === 'hi' ? <HindiWord word={full ? 'full' : 'short'} size={size} /> : names[language][full ? 'full' : 'short']}
        </button>
      ))}
    </div>
  )
}
