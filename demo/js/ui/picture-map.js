import { principalCoordinates } from '../lib/pca.js';
import { el, svg } from '../lib/dom.js';

const WIDTH = 480;
const HEIGHT = 300;
const SIZE = 44;

/** Pictures on the plane of the first two principal components: what lies together is alike. */
export function pictureMap(items, selected, onSelect) {
  const spots = principalCoordinates(items.map(({ vector }) => vector));
  const place = ([x, y]) => [
    WIDTH / 2 + x * (WIDTH / 2 - SIZE / 2 - 6),
    HEIGHT / 2 - y * (HEIGHT / 2 - SIZE / 2 - 6),
  ];
  const marks = items.map((item, i) => {
    const [x, y] = place(spots[i]);
    return svg(
      'g',
      {
        class: item === selected ? 'spot selected' : 'spot',
        transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
        onclick: () => onSelect(item),
      },
      svg('title', {}, item.picture.name),
      svg('image', {
        href: item.picture.address,
        x: -SIZE / 2,
        y: -SIZE / 2,
        width: SIZE,
        height: SIZE,
        preserveAspectRatio: 'xMidYMid slice',
      }),
      svg('rect', { x: -SIZE / 2, y: -SIZE / 2, width: SIZE, height: SIZE, rx: 4 }),
    );
  });
  // Where pictures overlap, the selected one is on top.
  marks.sort((a, b) => a.classList.contains('selected') - b.classList.contains('selected'));
  // The same order is in the shelf, whose buttons do what a click here does.
  const label = `Map of ${items.length} pictures by their first two principal components`;
  return el(
    'section',
    { class: 'card', 'aria-label': 'Map' },
    el('h2', {}, 'Map: what is close is alike'),
    svg(
      'svg',
      { class: 'map', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
      svg('path', { class: 'axes', d: `M0 ${HEIGHT / 2}H${WIDTH}M${WIDTH / 2} 0V${HEIGHT}` }),
      marks,
    ),
  );
}
