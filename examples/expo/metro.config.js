/* eslint-disable no-undef, @typescript-eslint/no-require-imports -- Metro reads CommonJS. */
// The one thing to configure: on the web, another package stands in for react-native-executorch.
const { getDefaultConfig } = require('expo/metro-config');

const config = getDefaultConfig(__dirname);
config.resolver.resolveRequest = (context, name, platform) =>
  context.resolveRequest(
    context,
    platform === 'web' && name === 'react-native-executorch' ? 'executorch-web' : name,
    platform,
  );

module.exports = config;
