/** What exists of 0.10's `/cv`. */
export type { ImageBuffer, ImageFormat } from './image.js';
