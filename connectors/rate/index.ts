/** Made-up rows by the clock, for trying streams. */
export { rateSource } from './rate-source.ts'
