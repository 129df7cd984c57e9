'use client';
/** The whole library, and stand-ins for what React Native ExecuTorch has beyond it. `executorch-web/core` has no React. */
export * from './library.js';
export * from './compat/generated/root.js';
