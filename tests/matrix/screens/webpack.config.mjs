import aliases from './aliases.json' with { type: 'json' };

const pairs = { 'react-native': 'react-native-web', ...aliases[process.env.SCREENS] };

export default {
  mode: 'production',
  entry: './main.js',
  resolve: {
    // `$`: the name as a whole.
    alias: Object.fromEntries(Object.entries(pairs).map(([name, to]) => [`${name}$`, to])),
  },
};
