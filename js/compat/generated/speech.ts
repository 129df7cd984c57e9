// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
import { asV10Call } from '../absent-errors.js';
import { absentFunction, type Anything } from '../stand-ins.js';

export type ExtractFramesOptions = any;
export const KOKORO_PAUSE_MS = {".":375,"?":500,"!":250,";":400,"…":600,",":130,":":250,"-":200,"—":250,"|":375,"।":375,"॥":500,"¿":50,"¡":50,"«":50,"»":100};
export const KOKORO_TICKS_PER_DURATION = 600 as const;
export const KOKORO_VOICE_REF_SIZE = 256 as const;
export type PartitionOptions = any;
export type Phonemizer = any;
export type PhonemizerConfig = any;
export type PhonemizerLanguage = any;
export const SUPERTONIC_SUPPORTED_LANGUAGES = ["ar","bg","cs","da","de","el","en","es","fi","fr","hi","hr","hu","id","it","ja","ko","ms","nl","no","pl","pt","ro","ru","sk","sv","sw","ta","th","tl","tr","na"] as const;
export type SupertonicLanguage = any;
export type SupertonicVoiceStyle = any;
export const cleanText: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => string = /* @__PURE__ */ absentFunction("cleanText", asV10Call, "()string");
export const createPhonemizer: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("createPhonemizer", asV10Call, "()object");
export const encodeText: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("encodeText", asV10Call, "()object");
export const extractFrames: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("extractFrames", asV10Call, "()object");
export const formatChunk: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => string = /* @__PURE__ */ absentFunction("formatChunk", asV10Call, "()string");
export const parseVoice: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("parseVoice", asV10Call, "()object");
export const parseVoiceStyle: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("parseVoiceStyle", asV10Call, "()object");
export const partition: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any[] = /* @__PURE__ */ absentFunction("partition", asV10Call, "()array");
export const preprocessText: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => string = /* @__PURE__ */ absentFunction("preprocessText", asV10Call, "()string");
export const scaleDurations: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any[] = /* @__PURE__ */ absentFunction("scaleDurations", asV10Call, "()array");
export const stripAudio: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("stripAudio", asV10Call, "()object");
export const tokenize: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("tokenize", asV10Call, "()object");
