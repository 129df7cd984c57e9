'use client';
/** `executorch-web/legacy`: React Native ExecuTorch 0.7, 0.8, 0.9, and 0.10's `/legacy`, by alias. */
export * from './real.js';
export * from '../generated/legacy.js';
