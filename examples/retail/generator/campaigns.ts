import { timestampText } from './calendar.ts'
import type { Random } from './random.ts'

export interface CampaignFiles {
  readonly descriptions: string[]
  readonly campaigns: string[]
  readonly redemptions: string[]
}

const CAMPAIGN_COUNT = 27
const HOUSEHOLD_COUNT = 2_500
const SECONDS_PER_DAY = 86_400
const FIRST_SECOND = Date.UTC(2010, 11, 1) / 1000
/** The large campaigns of type A reach most of the households, the others a part. */
const TYPES = [
  { name: 'Type A', weight: 4, reach: [300, 800], response: 0.16 },
  { name: 'Type B', weight: 17, reach: [15, 260], response: 0.09 },
  { name: 'Type C', weight: 6, reach: [40, 300], response: 0.07 },
] as const

/**
 * The lines of three CSV files: the campaigns, which households each reached, and the coupons they redeemed.
 */
export function makeCampaigns(random: Random): CampaignFiles {
  const descriptions = ['campaign_id,campaign_type,start_date,end_date\n']
  const campaigns = ['campaign_id,household_id\n']
  const redeemed: { day: number; text: string }[] = []
  const households = Array.from({ length: HOUSEHOLD_COUNT }, (_, index) => index + 1)
  const weights = TYPES.map(({ weight }) => weight)
  for (let id = 1; id <= CAMPAIGN_COUNT; id++) {
    const type = TYPES[random.weighted(weights)] ?? TYPES[0]
    const start = random.between(0, 330)
    const end = start + random.between(30, 70)
    descriptions.push(`${id},${type.name},${dateText(start)},${dateText(end)}\n`)
    const reached = random.shuffle(households).slice(0, random.between(type.reach[0], type.reach[1]))
    for (const household of reached.sort((a, b) => a - b)) {
      campaigns.push(`${id},${household}\n`)
      if (!random.chance(type.response)) continue
      for (let coupons = random.size(3); coupons > 0; coupons--) {
        const day = random.between(start, end)
        const upc = 51_000_000_000 + id * 1_000_000 + random.below(60) * 1_013
        redeemed.push({ day, text: `${household},${upc},${id},${dateText(day)}\n` })
      }
    }
  }
  redeemed.sort((a, b) => a.day - b.day)
  const redemptions = [
    'household_id,coupon_upc,campaign_id,redemption_date\n',
    ...redeemed.map(({ text }) => text),
  ]
  return { descriptions, campaigns, redemptions }
}

/** Midnight of a day of the year of trade, as a timestamp. */
function dateText(day: number): string {
  return timestampText(FIRST_SECOND + day * SECONDS_PER_DAY)
}
