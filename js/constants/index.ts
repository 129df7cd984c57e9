/** Models and labels; generated from models/registry.json, one module each, so that bundlers drop what is unused. */
export { IMAGENET1K_LABELS } from './generated/imagenet.js';
export * from './generated/models.js';
export { DeeplabLabel } from './generated/pascal.js';
