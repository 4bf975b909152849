/** Where the figures of a round are looked into, each down to what it is made of. Whoever opened a shared link is shown no way on. */
export const scorePath = (round: number): string => `/explore?round=${round}`
export const pillarPath = (pillar: string, round: number): string => `/explore/pillars/${pillar}?round=${round}`
export const themePath = (theme: string, round: number): string => `/explore/themes/${theme}?round=${round}`
export const metricPath = (key: string): string => `/kpis/metrics/${key}`
export const termPath = (term: string): string => `/definitions#${term}`
