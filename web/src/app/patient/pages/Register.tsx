import { useTranslation } from 'react-i18next'
import { Gate, SelfRegistration } from '~/features/identity'
import styles from './Register.module.css'

/** The first visit of a new patient, before anyone is signed in. A hospital may link to /my/register?hospital=CODE. */
export default function Register() {
  const { t } = useTranslation('patient')
  const hospitalCode = new URLSearchParams(location.search).get('hospital')
  return (
    <Gate title={t('register.title')} note={t('register.note')}>
      <SelfRegistration hospitalCode={hospitalCode} />
      <a className={styles.back} href="/my">
        {t('register.back')}
      </a>
    </Gate>
  )
}
