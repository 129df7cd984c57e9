/** Elements without a framework. */

/**
 * An element: `el('button', { class: 'primary', onclick: go, 'aria-label': 'Go' }, 'Go')`. Functions become
 * listeners, `false`, null and undefined are left out, other values are attributes or (with a leading dot)
 * properties. Styles go through `.style`, which strict content security policies allow.
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) setOne(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function setOne(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (typeof value === 'function') node.addEventListener(name.slice(2), value);
  else if (name.startsWith('.')) node[name.slice(1)] = value;
  else if (name === 'style') Object.assign(node.style, value);
  else node.setAttribute(name, value === true ? '' : String(value));
}

export const byId = (id) => document.getElementById(id);

/** A number of ids that are unique on the page. */
let lastId = 0;
export const newId = (prefix) => `${prefix}-${++lastId}`;

/** Says a sentence to screen readers without moving the focus. */
export function announce(text) {
  const region = byId('announcer');
  // The same text twice is not read twice unless it changes in between.
  region.textContent = '';
  requestAnimationFrame(() => (region.textContent = text));
}

/** Offers a text as a file. */
export function saveText(name, text, type = 'application/json') {
  const address = URL.createObjectURL(new Blob([text], { type }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** An icon of icons.svg. Decoration only: buttons say in words what they do. */
export function icon(name) {
  return svg(
    'svg',
    { class: 'icon', 'aria-hidden': 'true', viewBox: '0 0 24 24' },
    svg('use', { href: `icons.svg#${name}` }),
  );
}
