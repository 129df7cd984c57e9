// What the web does not have, by the root and by the subpaths: the screen renders, and says so.
import {
  COCO_CLASSES,
  createObjectDetector,
  models,
  useLLMChatSession,
  useModel,
  useObjectDetector,
} from 'react-native-executorch';
import { distance } from 'react-native-executorch/cv';
import { parseTokenizerConfig } from 'react-native-executorch/llm';
import { mulberry32 } from 'react-native-executorch/math';
import { labelEntityType } from 'react-native-executorch/nlp';
import { f32, method } from 'react-native-executorch/schema';
import { KOKORO_TICKS_PER_DURATION } from 'react-native-executorch/speech';
import { Screen } from '../components/Screen';

// As their examples do, while modules are read.
const SPEC = method('forward', [f32(1, 3, 'H', 'W')], [f32(1, 'N', 6)]);
const CALLS = [
  () => distance({ x: 0, y: 0 }, { x: 3, y: 4 }),
  () => parseTokenizerConfig('{}'),
  () => mulberry32(1),
  () => labelEntityType(1, ['O', 'B-age']),
];

export default function Detection() {
  const { DEFAULT } = models.objectDetection.SSDLITE320_MOBILENET_V3_LARGE;
  const detector = useObjectDetector(DEFAULT);
  const chat = useLLMChatSession(models.llm.QWEN3_0_6B.DEFAULT);
  const made = useModel(createObjectDetector, DEFAULT);
  const ask = async () => {
    const problems = [detector.error, chat.error, made.error].map((error) => error?.message ?? '');
    for (const call of CALLS) {
      try {
        call();
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    const told = problems.filter((message) => message.includes('not available on the web'));
    const [input] = SPEC.forward?.inputs ?? [];
    const hasFunctions = detector.detectObjects !== undefined || chat.sendMessage !== undefined;
    return `${told.length} told; ${hasFunctions}; ${COCO_CLASSES.map((name) => name.length).length} classes; ${KOKORO_TICKS_PER_DURATION}; ${input?.kind}`;
  };
  return <Screen title="detection" status={null} ask={ask} />;
}
