/**
 * Mantine dressed in Tresen's tokens: every colour it may show is one of `tokens.css`, so light
 * and dark have one source. `applyScheme` decides which set of the tokens is in force.
 */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

export type Scheme = 'auto' | 'light' | 'dark';

const teal: MantineColorsTuple = [
  '#e1efed',
  '#cbe3e0',
  '#a4cfcb',
  '#7cc7c0',
  '#4a9d98',
  '#247a77',
  '#0f5c5c',
  '#0a4a4a',
  '#0b4f4f',
  '#06302f',
];

export const theme = createTheme({
  primaryColor: 'tresen',
  primaryShade: { light: 6, dark: 3 },
  colors: { tresen: teal },
  fontFamily: 'var(--tresen-font)',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  radius: { sm: '6px', md: '10px', lg: '16px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    // A dialog's head is no second banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    // In the page's landmarks, with the focus on the first item and nothing else focusable inside.
    Menu: {
      defaultProps: {
        withinPortal: false,
        withInitialFocusPlaceholder: false,
        menuItemTabIndex: 0,
      },
    },
  },
  variantColorResolver: ({ variant }) => {
    const accent = 'var(--tresen-accent)';
    if (variant === 'filled') {
      return {
        background: accent,
        hover: 'var(--tresen-accent-hover)',
        color: 'var(--tresen-on-accent)',
        border: '1px solid transparent',
      };
    }
    const quiet = variant === 'default';
    return {
      background: quiet ? 'var(--tresen-surface)' : 'transparent',
      hover: 'var(--tresen-hover)',
      color: 'var(--tresen-ink)',
      border: quiet ? '1px solid var(--tresen-line-soft)' : '1px solid transparent',
    };
  },
});

export const cssVariablesResolver: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--tresen-surface)',
    '--mantine-color-text': 'var(--tresen-ink)',
    '--mantine-color-dimmed': 'var(--tresen-ink-soft)',
    '--mantine-color-placeholder': 'var(--tresen-ink-faint)',
    '--mantine-color-error': 'var(--tresen-danger)',
    '--mantine-color-default': 'var(--tresen-surface)',
    '--mantine-color-default-hover': 'var(--tresen-hover)',
    '--mantine-color-default-color': 'var(--tresen-ink)',
    '--mantine-color-default-border': 'var(--tresen-line-soft)',
    '--mantine-primary-color-filled': 'var(--tresen-accent)',
    '--mantine-primary-color-filled-hover': 'var(--tresen-accent-hover)',
    '--mantine-primary-color-contrast': 'var(--tresen-on-accent)',
  };
  return { variables: {}, light: both, dark: both };
};

/** The dark set of the tokens stands in one media rule: switching it needs no second copy. */
function darkRules(): CSSMediaRule[] {
  return [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].filter(
        (rule): rule is CSSMediaRule =>
          rule instanceof CSSMediaRule && rule.cssText.includes('--tresen-page'),
      );
    } catch {
      return [];
    }
  });
}

const found = new Set<CSSMediaRule>();

export function applyScheme(scheme: Scheme): void {
  for (const rule of darkRules()) found.add(rule);
  const media = { auto: '(prefers-color-scheme: dark)', light: 'not all', dark: 'all' };
  for (const rule of found) rule.media.mediaText = media[scheme];
  document.documentElement.style.colorScheme = scheme === 'auto' ? 'light dark' : scheme;
}
