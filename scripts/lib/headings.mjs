// Anchors of headings, as GitHub names them: for the check of links and for the pages of the site.

/** A function that names the headings of one page in their order; the second of the same name ends in -1. */
export function headingNames() {
  const seen = new Map();
  return (heading) => {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  };
}
