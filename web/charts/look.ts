/** The tokens of the style sheets, as the drawings use them. */
const tokens = {
  ink: '--ink',
  ink2: '--ink-2',
  ink3: '--ink-3',
  onInk: '--on-ink',
  paper: '--paper',
  sunk: '--sunk',
  hair: '--hair',
  rule: '--rule',
  control: '--control',
  band: '--band',
  grid: '--grid',
  limit: '--limit',
  sales: '--sales',
  marketing: '--mkt',
  promoter: '--pro',
  passive: '--pas',
  passiveInk: '--pas-ink',
  critic: '--cri',
  criticTint: '--cri-tint',
  heat1: '--h1',
  heat2: '--h2',
  heat3: '--h3',
  heat4: '--h4',
  heat5: '--h5',
  heat6: '--h6',
} as const

export type Look = Record<keyof typeof tokens, string> & {
  family: string
  /** Figures and axes, in pixels. */
  size: number
  /** Names of rows, in pixels; Arabic has them larger. */
  small: number
  /** Pixels of one rem. */
  rem: number
}

/**
 * The tokens as they are now on the screen; or, whatever its scheme is, in the light one (`picture`) or on paper (`paper`).
 */
export function lookOf(element: Element, medium: 'screen' | 'picture' | 'paper' = 'screen'): Look {
  const style = getComputedStyle(element)
  const fixed = medium === 'screen' ? new Map<string, string>() : lightTokens(medium)
  const token = (name: string) => fixed.get(name) ?? style.getPropertyValue(name).trim()
  const rem = medium === 'screen' ? Number.parseFloat(getComputedStyle(document.documentElement).fontSize) : 16
  const colors = Object.fromEntries(Object.entries(tokens).map(([name, property]) => [name, token(property)]))
  return {
    ...(colors as Record<keyof typeof tokens, string>),
    family: style.fontFamily,
    size: Number.parseFloat(token('--fs-micro')) * rem,
    small: Number.parseFloat(style.getPropertyValue('--fs-small')) * rem,
    rem,
  }
}

/**
 * What the style sheets say outside any media query: the light scheme, and what paper has of its own. Read from the rules
 * themselves, so that no colour is written twice.
 */
function lightTokens(medium: 'picture' | 'paper'): Map<string, string> {
  const found = new Map<string, string>()
  const selectors = medium === 'paper' ? [':root', '[data-paper]'] : [':root']
  const visit = (rules: CSSRuleList): void => {
    for (const rule of rules) {
      if (rule instanceof CSSLayerBlockRule) visit(rule.cssRules)
      else if (rule instanceof CSSStyleRule && selectors.includes(rule.selectorText)) {
        for (const name of rule.style) if (name.startsWith('--')) found.set(name, rule.style.getPropertyValue(name).trim())
      }
    }
  }
  for (const sheet of document.styleSheets) visit(sheet.cssRules)
  return found
}
