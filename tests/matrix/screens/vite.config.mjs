import aliases from './aliases.json' with { type: 'json' };

const pairs = { 'react-native': 'react-native-web', ...aliases[process.env.SCREENS] };

export default {
  resolve: {
    alias: Object.entries(pairs).map(([name, replacement]) => ({
      find: new RegExp(`^${name}$`),
      replacement,
    })),
  },
};
