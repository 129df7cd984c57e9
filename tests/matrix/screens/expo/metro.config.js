/* eslint-disable no-undef, @typescript-eslint/no-require-imports -- Metro reads CommonJS. */
const { getDefaultConfig } = require('expo/metro-config');

const aliases = require('./aliases.json')[process.env.SCREENS];
const config = getDefaultConfig(__dirname);
config.resolver.resolveRequest = (context, name, platform) =>
  context.resolveRequest(context, (platform === 'web' && aliases[name]) || name, platform);

module.exports = config;
