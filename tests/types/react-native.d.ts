/** What screens of apps use of react-native, for the type checker. */
import type { ComponentType, ReactNode } from 'react';

interface Common {
  testID?: string;
  style?: object;
  children?: ReactNode;
}
export declare const View: ComponentType<Common>;
export declare const Text: ComponentType<Common>;
export declare const Image: ComponentType<Common & { source: { uri: string } }>;
export declare const Button: ComponentType<{ title: string; onPress: () => void }>;
