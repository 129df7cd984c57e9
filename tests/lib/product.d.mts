import type * as core from '../../js/core.js';

export declare const api: typeof core;
export declare function useVariant(variant: core.Variant): void;
