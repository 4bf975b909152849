import fc from 'fast-check'

/**
 * Property tests draw the same cases in every run, so that a red run is red again. `PROPERTY_SEED=random npm test -- core`
 * goes looking for others; what it finds becomes a test of its own.
 */
const { PROPERTY_SEED } = process.env
fc.configureGlobal(PROPERTY_SEED === 'random' ? {} : { seed: Number(PROPERTY_SEED ?? 20261122) })
