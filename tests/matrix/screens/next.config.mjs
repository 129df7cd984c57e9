import aliases from './aliases.json' with { type: 'json' };

const pairs = { 'react-native': 'react-native-web', ...aliases[process.env.SCREENS] };
const exact = Object.fromEntries(Object.entries(pairs).map(([name, to]) => [`${name}$`, to]));

export default {
  turbopack: { resolveAlias: pairs },
  webpack(config) {
    Object.assign(config.resolve.alias, exact);
    return config;
  },
};
