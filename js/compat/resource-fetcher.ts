/**
 * Stands in for `react-native-executorch-expo-resource-fetcher` and `react-native-executorch-bare-resource-fetcher`:
 * alias either to `executorch-web/resource-fetcher`.
 */
import { ResourceFetcher, webResourceFetcher } from './legacy/fetcher.js';

/** The web's downloads and stores, as an adapter for initExecutorch; with the management calls of those packages. */
const fetcher = {
  ...webResourceFetcher,
  pauseFetching: ResourceFetcher.pauseFetching,
  resumeFetching: ResourceFetcher.resumeFetching,
  cancelFetching: ResourceFetcher.cancelFetching,
  listDownloadedFiles: ResourceFetcher.listDownloadedFiles,
  listDownloadedModels: ResourceFetcher.listDownloadedModels,
  deleteResources: ResourceFetcher.deleteResources,
  getFilesTotalSize: ResourceFetcher.getFilesTotalSize,
};

export { fetcher as ExpoResourceFetcher, fetcher as BareResourceFetcher };
