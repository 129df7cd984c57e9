// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
import { asV10Call } from '../absent-errors.js';
import { absentFunction, type Anything } from '../stand-ins.js';

export type RandomNormalOptions = any;
export const argmax: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("argmax", asV10Call, "()object");
export const gather: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("gather", asV10Call, "()object");
export const mulberry32: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("mulberry32", asV10Call, "()()number");
export const randomNormal: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("randomNormal", asV10Call, "()object");
export const repeatInterleave: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("repeatInterleave", asV10Call, "()object");
export const sigmoid: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("sigmoid", asV10Call, "()object");
export const softmax: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("softmax", asV10Call, "()object");
export const threshold: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("threshold", asV10Call, "()object");
