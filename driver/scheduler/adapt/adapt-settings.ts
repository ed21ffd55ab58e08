/** When and how stages are changed to what their inputs turned out to be. */
export interface AdaptSettings {
  readonly enabled: boolean
  /** Small partitions are read together up to so many bytes a task … */
  readonly targetBytes: number
  /** … or, so that all slots have work, up to an even share, but no less than this. */
  readonly leastBytes: number
  /** A partition is skewed if it is so many times larger than the median, and larger than `skewBytes`. */
  readonly skewFactor: number
  readonly skewBytes: number
  /** The build side of a join becomes a table on every executor if it is no larger. */
  readonly tableBytes: number
}

export const DEFAULT_ADAPT_SETTINGS: AdaptSettings = {
  enabled: true,
  targetBytes: 64 << 20,
  leastBytes: 256 << 10,
  skewFactor: 5,
  skewBytes: 64 << 20,
  tableBytes: 10 << 20,
}

/** With what a session says: `adaptive.enabled`, `adaptive.targetBytes` and so on. */
export function adaptSettings(defaults: AdaptSettings, settings: ReadonlyMap<string, string>): AdaptSettings {
  const enabled = settings.get('adaptive.enabled')
  const number = (name: keyof AdaptSettings, otherwise: number): number => {
    const value = Number(settings.get(`adaptive.${name}`) ?? Number.NaN)
    return value > 0 && Number.isFinite(value) ? value : otherwise
  }
  return {
    enabled: enabled === undefined ? defaults.enabled : enabled === 'true',
    targetBytes: number('targetBytes', defaults.targetBytes),
    leastBytes: number('leastBytes', defaults.leastBytes),
    skewFactor: number('skewFactor', defaults.skewFactor),
    skewBytes: number('skewBytes', defaults.skewBytes),
    tableBytes: number('tableBytes', defaults.tableBytes),
  }
}
