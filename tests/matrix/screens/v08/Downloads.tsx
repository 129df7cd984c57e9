import { useState } from 'react';
import { EFFICIENTNET_V2_S, ResourceFetcher } from 'react-native-executorch';
import { ExpoResourceFetcher } from 'react-native-executorch-expo-resource-fetcher';
import { Screen } from '../components/Screen';

const { modelSource } = EFFICIENTNET_V2_S;

export default function Downloads() {
  const [progress, setProgress] = useState(0);
  const ask = async () => {
    await ExpoResourceFetcher.deleteResources(modelSource);
    const before = await ExpoResourceFetcher.listDownloadedFiles();
    const size = await ExpoResourceFetcher.getFilesTotalSize(modelSource);
    const paths = await ResourceFetcher.fetch(setProgress, modelSource);
    const after = await ExpoResourceFetcher.listDownloadedFiles();
    return `${size} bytes, ${paths?.length} fetched, ${after.length - before.length} new`;
  };
  return <Screen title={progress === 1 ? 'downloads done' : 'downloads'} status={null} ask={ask} />;
}
