import type { Random } from './random.ts'

/** What is sold. Prices are in thousandths of a pound. */
export interface Product {
  readonly code: string
  /** As it is typed in: some have blanks at an end. */
  readonly description: string
  /** Another spelling that some lines carry, or the same text. */
  readonly variant: string
  readonly price: number
}

const PATTERNS = [
  'RED RETROSPOT',
  'BLUE GINGHAM',
  'HARBOUR STRIPE',
  'MEADOW',
  'OAK LEAF',
  'SWALLOW',
  'IVORY LACE',
  'STARFISH',
  'PEBBLE',
  'ORCHARD',
  'THISTLE',
  'MIDNIGHT',
  'CORAL',
  'SAFARI',
  'FAIRGROUND',
  'WOODLAND',
  'CHRISTMAS',
  'SNOWMAN',
  'REINDEER',
  'HEART',
  'LOVE HEART',
  'POLKADOT',
  'HERITAGE',
  'FEATHER',
  'BUMBLEBEE',
  'SKYLARK',
]
const MATERIALS = [
  '',
  'ENAMEL',
  'WICKER',
  'FELT',
  'GLASS',
  'PAPER',
  'WOODEN',
  'CERAMIC',
  'COTTON',
  'ZINC',
  'PAINTED',
]
const THINGS = [
  'LANTERN',
  'T-LIGHT HOLDER',
  'CANDLE PLATE',
  'LAMP SHADE',
  'SHOPPER BAG',
  'LUNCH BAG',
  'COIN PURSE',
  'LUGGAGE TAG',
  'MUG',
  'EGG CUP',
  'CAKE STAND',
  'TEA TOWEL',
  'JAM JAR',
  'BAKING SET',
  'WATER BOTTLE',
  'BREAD TIN',
  'GREETING CARD',
  'NOTEBOOK',
  'GIFT WRAP',
  'STICKER SHEET',
  'CHALK BOARD',
  'PENCIL CASE',
  'NECKLACE',
  'BRACELET',
  'EARRINGS',
  'BROOCH',
  'PUZZLE',
  'RAG DOLL',
  'JIGSAW',
  'SKITTLES GAME',
  'DOOR SIGN',
  'PHOTO FRAME',
  'WALL CLOCK',
  'COAT HOOK',
  'CUSHION COVER',
  'BUNTING',
  'HAND MIRROR',
  'TREE ORNAMENT',
  'DOORMAT',
  'UMBRELLA',
  'STORAGE BOX',
  'TRINKET TRAY',
  'APRON',
  'OVEN GLOVE',
  'GARDEN TROWEL',
  'WINDMILL',
  'SOAP DISH',
  'BATH SALTS',
  'HOT WATER FLASK',
  'RUG',
  'STOOL',
  'DRAWER KNOB',
  'BIRD FEEDER',
  'PICNIC BASKET',
  'RAIN HAT',
]
const SETS = ['SET OF 3 ', 'SET OF 6 ', 'PACK OF 12 ', 'BOX OF 4 ', 'ASSORTED, ']
const PRICES = [
  190, 290, 390, 420, 550, 650, 720, 790, 850, 950, 1250, 1450, 1650, 1690, 1950, 2080, 2100, 2550, 2950,
  3250, 3750, 3950, 4250, 4950, 5950, 6950, 7950, 8500, 9950, 12750, 16950, 24950,
]
const SUFFIXES = 'ABCDEFGLMPSW'

/** Postage, fees and corrections are lines too, with codes that are no product numbers. */
export const SERVICES = {
  postage: { code: 'POST', description: 'POSTAGE', variant: 'POSTAGE', price: 18_000 },
  webCarriage: {
    code: 'WEB',
    description: 'WEB ORDER CARRIAGE',
    variant: 'WEB ORDER CARRIAGE',
    price: 120_000,
  },
  manual: { code: 'M', description: 'Manual', variant: 'Manual', price: 2_500 },
  discount: { code: 'D', description: 'Discount', variant: 'Discount', price: 30_000 },
  fee: { code: 'CARD FEES', description: 'CARD FEES', variant: 'CARD FEES', price: 15_000 },
} satisfies Record<string, Product>

/** `count` products with different codes and descriptions, the ones that sell best first. */
export function makeCatalogue(random: Random, count: number): Product[] {
  const names = combinations(random, count)
  return random.shuffle(names.map((name, index) => makeProduct(random, name, index)))
}

function combinations(random: Random, count: number): string[] {
  const names: string[] = []
  for (const pattern of PATTERNS) {
    for (const material of MATERIALS) {
      for (const thing of THINGS) names.push(`${pattern} ${material}${material === '' ? '' : ' '}${thing}`)
    }
  }
  return random.shuffle(names).slice(0, count)
}

function makeProduct(random: Random, name: string, index: number): Product {
  const number = String(10_002 + index * 19 + random.below(19)).padStart(5, '0')
  const code = random.chance(0.24) ? number + SUFFIXES[random.below(SUFFIXES.length)] : number
  const text =
    index % 1_950 === 3
      ? `GIFT VOUCHER £${5 + (index % 7) * 5}.00`
      : random.chance(0.12)
        ? random.pick(SETS) + name
        : name
  const description = random.chance(0.2)
    ? `${text}${random.chance(0.1) ? '  ' : ' '}`
    : random.chance(0.004)
      ? ` ${text}`
      : text
  const variant = random.chance(0.06) ? text.replace(' ', '  ') : description
  const price = random.pick(PRICES) + (random.chance(0.004) ? 5 : 0)
  return { code, description, variant, price }
}
