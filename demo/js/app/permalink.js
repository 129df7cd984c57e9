/** The page's address says how things are set: a link brings another visitor to the same place. */

const parameters = () => new URLSearchParams(location.search);

/** What the address says under a name; null where it says nothing. */
export function linked(name) {
  return parameters().get(name);
}

/** Puts settings into the address; what is undefined, null or 'auto' is left out. */
export function link(changes) {
  const next = parameters();
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null || value === 'auto') next.delete(name);
    else next.set(name, String(value));
  }
  const query = next.size > 0 ? `?${next}` : location.pathname;
  window.history.replaceState(null, '', `${query}${location.hash}`);
}
