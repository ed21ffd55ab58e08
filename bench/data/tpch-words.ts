/** Words of TPC-H's specification (4.2.2.13 and 4.2.3), as far as its queries ask for them. */
export const WORDS = {
  colors:
    words(`almond azure blush chocolate coral cream drab forest frosted ghost green honeydew indigo khaki
    lace lemon maroon navy olive orchid peach plum rose royal salmon sienna snow tan thistle turquoise`),
  finishes: words('STANDARD SMALL MEDIUM LARGE ECONOMY PROMO'),
  coatings: words('ANODIZED BURNISHED PLATED POLISHED BRUSHED'),
  metals: words('TIN NICKEL BRASS STEEL COPPER'),
  sizes: words('SM LG MED JUMBO WRAP'),
  boxes: words('CASE BOX BAG JAR PKG PACK CAN DRUM'),
  segments: words('AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD'),
  priorities: ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'],
  instructions: ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'],
  modes: ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'],
  comment: words(`foxes ideas theodolites pinto beans instructions dependencies excuses platelets asymptotes
    sleep wake haggle nag furious sly careful blithe quick pending express regular final ironic even bold`),
} as const

export const REGIONS: readonly string[] = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST']

/** Nations and the number of their region. */
export const NATIONS: readonly (readonly [name: string, region: number])[] = [
  ['ALGERIA', 0],
  ['ARGENTINA', 1],
  ['BRAZIL', 1],
  ['CANADA', 1],
  ['EGYPT', 4],
  ['ETHIOPIA', 0],
  ['FRANCE', 3],
  ['GERMANY', 3],
  ['INDIA', 2],
  ['INDONESIA', 2],
  ['IRAN', 4],
  ['IRAQ', 4],
  ['JAPAN', 2],
  ['JORDAN', 4],
  ['KENYA', 0],
  ['MOROCCO', 0],
  ['MOZAMBIQUE', 0],
  ['PERU', 1],
  ['CHINA', 2],
  ['ROMANIA', 3],
  ['SAUDI ARABIA', 4],
  ['VIETNAM', 2],
  ['RUSSIA', 3],
  ['UNITED KINGDOM', 3],
  ['UNITED STATES', 1],
]

function words(text: string): readonly string[] {
  return text.split(/\s+/)
}
