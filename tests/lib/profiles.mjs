// Browsers with a profile that stays when they end, and that can be killed (Linux: processes are found in /proc).
import { readFileSync, readdirSync } from 'node:fs';
import { chromium, firefox } from 'playwright-core';
import { BROWSERS } from '../../scripts/lib/browsers.mjs';
import { ENGINE } from './engines.mjs';
import { startWebKit } from './webdriver.mjs';

const LAUNCH = {
  chromium: (profile) =>
    chromium.launchPersistentContext(profile, {
      executablePath: BROWSERS.chromium.path(),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      handleSIGTERM: false,
    }),
  firefox: (profile) =>
    firefox.launchPersistentContext(profile, {
      channel: 'moz-firefox',
      executablePath: BROWSERS.firefox.path(),
      handleSIGTERM: false,
    }),
};

/** Processes that were started with this profile. */
function processesOf(profile) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandOf(name).includes(profile))
    .map(Number);
}

function commandOf(id) {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}

async function openPlaywright(profile) {
  const context = await LAUNCH[ENGINE](profile);
  const newPage = async (address) => {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(address);
    return page;
  };
  const kill = () => processesOf(profile).forEach((id) => process.kill(id, 'SIGKILL'));
  return { newPage, kill, close: () => context.close() };
}

async function openWebKit(profile) {
  const browser = await startWebKit({ profile });
  const newPage = async (address) => {
    const page = await browser.newPage();
    await page.goto(address);
    return page;
  };
  return { newPage, kill: browser.kill, close: browser.close };
}

/**
 * Starts the engine of this process on a folder. Processes of a browser do not all end with it: its profile is free when
 * the last one has let go. Resolves to {newPage(address), kill(), close()}; kill() is SIGKILL to the browser.
 */
export async function openProfile(profile) {
  const open = ENGINE === 'webkit' ? openWebKit : openPlaywright;
  for (let attempt = 0; ; attempt++) {
    try {
      return await open(profile);
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
