// A classic script in the head: the theme is right before the first paint. The button is main.js's affair.
(function applyTheme() {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let chosen = null;
  try {
    chosen = window.localStorage.getItem('executorch-web-demo-theme');
  } catch {
    // Without storage the system's preference holds.
  }
  const apply = (theme) => (document.documentElement.dataset.theme = theme);
  const ofSystem = () => (dark.matches ? 'dark' : 'light');
  apply(chosen ?? ofSystem());
  if (!chosen) dark.addEventListener('change', () => apply(ofSystem()));
})();
