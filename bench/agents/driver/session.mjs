// What the drivers of the benches have in common: words of the environment, packages from npm, and an end that ends all that was started.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const note = (text) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${text}\n`);

/** The words of a variable, which have to be known ones; "otherwise" where it is not set. */
export function words(name, known, otherwise = known) {
  const chosen = process.env[name] ? process.env[name].split(/[\s,]+/).filter(Boolean) : otherwise;
  for (const word of chosen) if (!known.includes(word)) throw new Error(`${name}: ${word} is none of ${known.join(', ')}`);
  return chosen;
}

// Whatever ends this, what it started ends too: children by their process group.
const children = new Set();
export const track = (child) => {
  children.add(child);
  child.once('exit', () => children.delete(child));
};
export const stops = [];
let stopping = false;
export const isStopping = () => stopping;
export async function finish(code) {
  if (stopping) return;
  stopping = true;
  for (const child of children) try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ }
  for (const stop of stops.reverse()) await stop().catch(() => {});
  process.exit(code);
}
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) process.on(signal, () => finish(code));

/** Ends with 2, and says why. */
export async function giveUp(bench, error) {
  process.stderr.write(`${bench}: ${error.message}\n`);
  if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`);
  await finish(2);
}

/** Packages from npm in a folder, unless they are there already. "manifest" is a package.json without its name and such. */
export async function installPackages(folder, what, manifest) {
  const wanted = JSON.stringify({ name: `mimir-bench-${what}`, private: true, ...manifest }, null, 2);
  const stamp = join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  note(`installing the ${what} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, 'package-lock.json'), { force: true });
  writeFileSync(join(folder, 'package.json'), wanted);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts', '--loglevel', 'error'];
  await new Promise((done, failed) => {
    const child = spawn('npm', ['install', ...quiet], { cwd: folder, stdio: ['ignore', 2, 2], detached: true });
    track(child);
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`npm install ended with ${code}`))));
  });
  writeFileSync(stamp, wanted);
}
