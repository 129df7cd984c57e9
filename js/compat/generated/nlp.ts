// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
import { asV10Call } from '../absent-errors.js';
import { absentFunction, type Anything } from '../stand-ins.js';

export type Grammar = any;
export type PiiEntity<_0 = any> = any;
export type PiiEntityType<_0 = any> = any;
export type PiiSegment<_0 = any> = any;
export type TokenSpan = any;
export type Tokenizer = any;
export type ViterbiBiases = any;
export const buildGrammar: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("buildGrammar", asV10Call, "()object");
export const computeCharOffsets: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("computeCharOffsets", asV10Call, "()object");
export const extractSpans: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any[] = /* @__PURE__ */ absentFunction("extractSpans", asV10Call, "()array");
export const labelEntityType: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => string = /* @__PURE__ */ absentFunction("labelEntityType", asV10Call, "()string");
export const loadTokenizer: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("loadTokenizer", asV10Call, "()object");
export const piiSegments: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any[] = /* @__PURE__ */ absentFunction("piiSegments", asV10Call, "()array");
export const viterbiDecode: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("viterbiDecode", asV10Call, "()object");
