import { createTheme, defaultVariantColorsResolver, mergeThemeOverrides } from '@mantine/core'
import type { CSSVariablesResolver, MantineColorsTuple, MantineThemeOverride } from '@mantine/core'

/*
 * Arogya's visual language as a Mantine theme. Colours live in roles.css; screens name those roles and never a palette
 * number. The components' defaults are plain objects, not Button.extend(…): naming a component here would pull it into
 * the patient's phone.
 */

// Index 7 is the filled shade in light (>= 6.5:1 on white); index 4 in dark (autoContrast puts dark text on it).
const petrol: MantineColorsTuple = [
  '#eef6fa', '#dcecf3', '#b5d7e5', '#8cc3d8', '#63b5d4', '#3793b6', '#1b7599', '#0c6487', '#084b66', '#06384d']
const red: MantineColorsTuple = [
  '#fdf0ef', '#fbdedc', '#f3b5b1', '#ee8f89', '#ff9a92', '#d9423a', '#c42f28', '#b3211d', '#8f1712', '#6e100c']
const amber: MantineColorsTuple = [
  '#fdf5e3', '#faeac6', '#f0d28c', '#e3be6c', '#f0c060', '#c98a16', '#a86400', '#8a5200', '#6f4300', '#553300']
const green: MantineColorsTuple = [
  '#ebf6ef', '#d5ebdd', '#a5d3b5', '#7cc096', '#7fcf9b', '#34915a', '#267a48', '#1c6b3a', '#15532c', '#0f3f21']
const gray: MantineColorsTuple = [
  '#f6f7f8', '#f0f2f4', '#e2e5e9', '#d0d5db', '#aeb6bf', '#868f9a', '#6d7681', '#5b6470', '#434c57', '#151a20']
const dark: MantineColorsTuple = [
  '#e8ebee', '#bcc3cb', '#98a1ab', '#6f7985', '#3a424b', '#2a3037', '#1f2429', '#171b1f', '#101316', '#0b0d0f']

const role = (name: string) => `var(--ar-${name})`
const fromRoles = {
  '--mantine-color-body': role('canvas'), '--mantine-color-text': role('ink'), '--mantine-color-dimmed': role('ink-3'),
  '--mantine-color-placeholder': role('ink-3'), '--mantine-color-error': role('danger'), '--mantine-color-anchor': role('accent'),
  '--mantine-color-default': role('surface'), '--mantine-color-default-hover': role('sunken'), '--mantine-color-default-color': role('ink'),
  '--mantine-color-default-border': role('line'),
  '--mantine-color-petrol-light': role('accent-tint'), '--mantine-color-petrol-light-color': role('accent-ink'),
  '--mantine-color-red-light': role('danger-tint'), '--mantine-color-red-light-color': role('danger-ink'),
  '--mantine-color-amber-light': role('attention-tint'), '--mantine-color-amber-light-color': role('attention-ink'),
  '--mantine-color-green-light': role('ok-tint'), '--mantine-color-green-light-color': role('ok-ink'),
  '--mantine-color-petrol-outline': role('accent'), '--mantine-color-red-outline': role('danger'),
}
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: fromRoles, dark: fromRoles })

type Size = 'xs' | 'sm' | 'md' | 'lg' | 'xl'
const heights: Record<Size, string> = { xs: '26px', sm: '32px', md: '36px', lg: '44px', xl: '52px' }
const heightOf = (size: unknown, usual: Size) => heights[(size as Size) ?? usual] ?? heights[usual]
const textOf = (size: unknown) => (size === 'xs' ? '12px' : size === 'lg' || size === 'xl' ? '16px' : '13px')
type Sized = { size?: unknown }

const componentsAt = (control: Size): MantineThemeOverride['components'] => ({
  Button: {
    defaultProps: { size: control },
    vars: (_theme: unknown, { size }: Sized) => ({
      root: { '--button-height': heightOf(size, control), '--button-fz': textOf(size ?? control) },
    }),
    styles: { label: { fontWeight: 'var(--ar-weight-medium)' } },
  },
  ActionIcon: {
    defaultProps: { variant: 'subtle', color: 'gray' },
    vars: (_theme: unknown, { size }: Sized) => ({
      root: { '--ai-size': heightOf(size, control), '--ai-color': role('ink-2'), '--ai-hover': role('sunken') },
    }),
  },
  Input: {
    defaultProps: { size: control },
    vars: (_theme: unknown, { size }: Sized) => ({
      wrapper: {
        '--input-height': heightOf(size, control), '--input-bd': role('line-strong'), '--input-bg': role('surface'),
        '--input-fz': control === 'lg' ? '16px' : '13px',
      },
    }),
  },
  InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'], withAsterisk: false } },
  // the list itself scrolls (choices.css): a scroll area inside it is one more that no keyboard reaches
  Select: { defaultProps: { withScrollArea: false, checkIconPosition: 'right' } },
  MultiSelect: { defaultProps: { withScrollArea: false, checkIconPosition: 'right' } },
  Checkbox: { defaultProps: { color: 'petrol' } },
  Tabs: { defaultProps: { keepMounted: false } },
  SegmentedControl: { defaultProps: { size: 'xs', withItemsBorders: false, transitionDuration: 0 } },
  Modal: {
    defaultProps: {
      centered: false, yOffset: '12vh', radius: 'lg',
      transitionProps: { transition: 'fade', duration: 120 }, overlayProps: { backgroundOpacity: 0.4 },
    },
    styles: { content: { background: role('raised') }, header: { background: role('raised') } },
  },
  // the placeholder is a focusable child that a menu may not have
  Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: 'md', radius: 'md', transitionProps: { duration: 80 } } },
  Popover: { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 80 } } },
  Tooltip: { defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 80 } } },
  Skeleton: { defaultProps: { radius: 'sm', animate: false } },
})

export const staffTheme = createTheme({
  fontFamily: role('font'),
  fontFamilyMonospace: '"Inter Variable", ui-monospace, monospace', // codes are Inter with tabular figures; see .num
  headings: {
    fontFamily: role('font'), fontWeight: '620',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' }, h2: { fontSize: '15px', lineHeight: '22px' },
      h3: { fontSize: '14px', lineHeight: '20px' }, h4: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  colors: { petrol, red, amber, yellow: amber, green, gray, dark },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  // autoContrast knows the light shade only; these two read the scheme.
  variantColorResolver: (input) => {
    const out = defaultVariantColorsResolver(input)
    if (input.variant !== 'filled') return out
    if (!input.color || input.color === 'petrol') return { ...out, color: role('on-accent') }
    if (input.color === 'red') {
      return { ...out, background: role('danger-fill'), hover: `color-mix(in srgb, ${role('danger-fill')} 88%, black)`, color: role('on-danger') }
    }
    return out
  },
  black: '#151a20',
  white: '#ffffff',
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '14px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.4' },
  shadows: { xs: 'none', sm: '0 1px 2px rgb(12 22 32 / .08)', md: role('shadow-menu'), lg: role('shadow-dialog'), xl: '0 24px 56px rgb(12 22 32 / .24)' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: componentsAt('sm'),
})

// The phone: same colours and words, 16 px text, 44 px controls, rounder corners.
export const patientTheme = mergeThemeOverrides(
  staffTheme,
  createTheme({
    fontSizes: { xs: '13px', sm: '14px', md: '16px', lg: '18px', xl: '24px' },
    headings: {
      sizes: {
        h1: { fontSize: '22px', lineHeight: '30px' }, h2: { fontSize: '18px', lineHeight: '26px' },
        h3: { fontSize: '16px', lineHeight: '24px' }, h4: { fontSize: '14px', lineHeight: '20px' },
      },
    },
    defaultRadius: 'lg',
    components: componentsAt('lg'),
  }),
)
