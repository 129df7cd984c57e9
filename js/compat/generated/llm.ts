// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- types of things that are not here fit everywhere */
import { asV10Call } from '../absent-errors.js';
import { absentFunction, type Anything } from '../stand-ins.js';

export type ChatMediaInput = any;
export type ChatMessage = any;
export type ChatMessageContent = any;
export type ChatPreprocessor = any;
export type ChatPreprocessorConfig = any;
export type LLMAudioPreprocessorConfig = any;
export type LLMGenerationConfig = any;
export type LLMGenerationStats = any;
export type LLMImagePreprocessorConfig = any;
export type LLMKVCacheState = any;
export type LLMMediaPreprocessorConfig = any;
export type LLMRunner = any;
export type MediaInput = any;
export type Modality = any;
export type Prompt = any;
export type TokenizerChatConfig = any;
export type ToolCall = any;
export type ToolDefinition<_0 = any> = any;
export type ToolParameters = any;
export type ToolParser = any;
export type ToolParserResult = any;
export const createChatPreprocessor: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("createChatPreprocessor", asV10Call, "()object");
export const createLLMRunner: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("createLLMRunner", asV10Call, "()object");
export const parseTokenizerConfig: <_0 = any, _1 = any, _2 = any, _3 = any>(...given: Anything[]) => any = /* @__PURE__ */ absentFunction("parseTokenizerConfig", asV10Call, "()object");
