/** Everything that is said only when something is wrong, in one file that is fetched then: dist/words.js. */
export * from './base/feature-words.js';
export * from './base/option-words.js';
export * from './hooks/words.js';
export * from './images/words.js';
export * from './tasks/words.js';
export * from './worker/launch-words.js';
