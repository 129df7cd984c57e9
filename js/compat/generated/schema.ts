// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
export * from '../v10/schema.js';

export type EqualityConstraint = any;
export type ExecuTorchTag = any;
export type LinearConstraint = any;
export type MethodSpec<_0 = any> = any;
export type ModelSpec<_0 = any> = any;
export type ParamSpec<_0 = any> = any;
export type RuntimeConstraint = any;
export type SpecMatch<_0 = any> = any;
