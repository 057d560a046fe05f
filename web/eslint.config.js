import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const never = (regex, message) => ({ regex, message })
const imports = (files, ...patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } })

const noFeature = never('^~/features/', 'A feature never imports another: compose them in a page under src/app.')
const noApp = never('^~/app/', 'Only src/app imports src/app.')
const noUi = never('^~/ui', 'src/lib knows nothing of how things look.')
const noDeep = never('^~/features/[^/]+/.+', "Use what the feature's index.ts gives.")
const noClimb = never('^(\\.\\./){2}', 'Two steps up leaves the folder: use ~/lib, ~/ui, or the page.')

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  hooks.configs.flat['recommended-latest'],
  {
    rules: {
      'no-console': 'error',
      'react-hooks/purity': 'off', // takes the handler given to form.onSubmit(…) for rendering
      eqeqeq: ['error', 'smart'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  imports(['src/lib/**'], noUi, noFeature, noApp),
  imports(['src/ui/**'], noFeature, noApp),
  imports(['src/features/**'], noFeature, noApp, noClimb),
  imports(['src/app/**'], noDeep),
  { files: ['scripts/**', 'tests/**'], rules: { 'no-console': 'off' } },
)
