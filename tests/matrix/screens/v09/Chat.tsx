// What the web does not have: the screen renders, and says so.
import {
  DEFAULT_SYSTEM_PROMPT,
  ALL_MINILM_L6_V2,
  LLAMA3_2_1B_SPINQUANT,
  useLLM,
  useSpeechToText,
  useTokenizer,
  WHISPER_TINY_EN,
} from 'react-native-executorch';
import { useEffect } from 'react';
import { Screen } from '../components/Screen';

export default function Chat() {
  const llm = useLLM({ model: LLAMA3_2_1B_SPINQUANT });
  const speech = useSpeechToText({ model: WHISPER_TINY_EN });
  const tokenizer = useTokenizer({ tokenizer: ALL_MINILM_L6_V2 });
  const { configure, interrupt } = llm;
  const { streamStop } = speech;
  useEffect(() => {
    configure({
      chatConfig: { systemPrompt: `${DEFAULT_SYSTEM_PROMPT} Be brief.`, initialMessageHistory: [] },
      toolsConfig: {
        tools: [],
        executeToolCallback: async (call) => call.toolName,
      },
    });
    return () => {
      interrupt();
      streamStop();
    };
  }, [configure, interrupt, streamStop]);
  const ask = async () => {
    const failed: string[] = [];
    await llm.sendMessage('hello').catch((reason: Error) => failed.push(reason.message));
    await tokenizer.encode('hello').catch((reason: Error) => failed.push(reason.message));
    await speech
      .transcribe(new Float32Array(2))
      .catch((reason: Error) => failed.push(reason.message));
    const all = failed.every((message) => message.includes('not available on the web'));
    const said = llm.messageHistory.map((message) => message.content).join();
    return `${failed.length} failed: ${all}; ${llm.getGeneratedTokenCount()} tokens; ${said}${llm.response}; ${llm.error?.message.slice(0, 36)}`;
  };
  return <Screen title="chat" status={null} ask={ask} />;
}
