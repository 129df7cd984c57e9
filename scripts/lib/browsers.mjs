// The browsers that tests run in: how each is found, and the Debian packages that bring what is missing of it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './apt.mjs';
import { Fail, say, tryCapture, which } from './run.mjs';

const chosen = (variable) => {
  const path = process.env[variable];
  return path && existsSync(path) ? path : '';
};
const firstOf = (...names) => names.map(which).find(Boolean) ?? '';

/** A file below the folders of libraries: /usr/lib/NAME, or /usr/lib/ARCHITECTURE/NAME as Debian has it. */
function library(name) {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  const candidates = ['', ...folders.filter((folder) => folder.includes('-linux-'))];
  const paths = candidates.map((folder) => join('/usr/lib', folder, name));
  return paths.find((path) => existsSync(path)) ?? '';
}

const WEBKIT_VERSION = `import gi; gi.require_version('WebKit2', '4.1')
from gi.repository import WebKit2 as w
print(w.get_major_version(), w.get_minor_version(), w.get_micro_version(), sep='.')`;

/**
 * What each engine needs: for every package a way of finding what it brings. `path()` is the program that tests start.
 * WebKit is WebKitGTK: Safari's engine, not Safari. GStreamer is what it plays videos with.
 */
export const BROWSERS = {
  chromium: {
    title: 'Chromium',
    path: () =>
      chosen('EW_CHROMIUM') ||
      firstOf('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
    needs: { chromium: () => BROWSERS.chromium.path() },
    version: () => tryCapture(BROWSERS.chromium.path(), ['--version']),
  },
  firefox: {
    title: 'Firefox',
    path: () => chosen('EW_FIREFOX') || firstOf('firefox-esr', 'firefox'),
    needs: { 'firefox-esr': () => BROWSERS.firefox.path() },
    version: () => tryCapture(BROWSERS.firefox.path(), ['--version']),
  },
  webkit: {
    title: 'WebKit',
    path: () => which('WebKitWebDriver'),
    needs: {
      'webkit2gtk-driver': () => BROWSERS.webkit.path(),
      'gir1.2-webkit2-4.1': () => library('girepository-1.0/WebKit2-4.1.typelib'),
      'python3-gi': () => library('python3/dist-packages/gi'),
      xvfb: () => which('Xvfb'),
      'dbus-x11': () => which('dbus-launch'),
      'gstreamer1.0-plugins-base': () => library('gstreamer-1.0/libgstapp.so'),
      'gstreamer1.0-plugins-good': () => library('gstreamer-1.0/libgstautodetect.so'),
      'gstreamer1.0-libav': () => library('gstreamer-1.0/libgstlibav.so'),
    },
    version: () => tryCapture('/usr/bin/python3', ['-c', WEBKIT_VERSION]),
  },
};

/** Names of the engines to test in: EW_BROWSERS, words between commas or spaces; all three when it is not set. */
export function wantedBrowsers(text = process.env.EW_BROWSERS) {
  const names = (text ?? '').split(/[\s,]+/).filter(Boolean);
  const unknown = names.find((name) => !(name in BROWSERS));
  if (unknown) {
    const known = Object.keys(BROWSERS).join(', ');
    throw new Fail(`EW_BROWSERS names '${unknown}'`, `the browsers are ${known}`);
  }
  return names.length > 0 ? [...new Set(names)] : Object.keys(BROWSERS);
}

/** Packages that are missing for the named engines. */
export const missingPackages = (names) =>
  names.flatMap((name) =>
    Object.entries(BROWSERS[name].needs)
      .filter(([, find]) => !find())
      .map(([packageName]) => packageName),
  );

/** Installs what the named engines lack, and says what tests will run in. */
export async function ensureBrowsers(names = wantedBrowsers()) {
  const missing = missingPackages(names);
  if (missing.length > 0) {
    await installPackages(missing, 'or choose fewer browsers, for example EW_BROWSERS=chromium');
  }
  const absent = names.find((name) => !BROWSERS[name].path());
  if (absent) throw new Fail(`${absent} is not there after installing ${missing.join(', ')}`);
  const told = names.map((name) => `${BROWSERS[name].title} ${browserVersion(name)}`);
  say(`browsers: ${told.join(', ')}`);
}

/** '153.8.0' */
export const browserVersion = (name) => /\d+(\.\d+)+/.exec(BROWSERS[name].version())?.[0] ?? '';
