// The clients from npm, in the versions that the tests of Mimir use, and zod, from which two of them take schemas.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const tested = join(here, '../../../web/src/test/clients/package.json');
export const CLIENTS = { openai: 'openai', anthropic: '@anthropic-ai/sdk', ollama: 'ollama' };

// The cases are not beside the clients: this module is, and hands over what they use of them.
const ENTRY = `
export { default as OpenAI } from 'openai';
export { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
export { default as Anthropic } from '@anthropic-ai/sdk';
export { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
export { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
export { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
export { Ollama } from 'ollama';
export * as z from 'zod';
`;

/** Installs what is not there yet; gives the versions by name of the client, and what the clients export. */
export async function install(folder, track, note) {
  const pins = JSON.parse(readFileSync(tested, 'utf8')).dependencies;
  const versions = Object.fromEntries(Object.entries(CLIENTS).map(([name, packaged]) => [name, pins[packaged]]));
  const dependencies = JSON.parse(readFileSync(join(here, '../clients.json'), 'utf8'));
  for (const [name, packaged] of Object.entries(CLIENTS)) dependencies[packaged] = versions[name];
  const wanted = JSON.stringify({ name: 'mimir-bench-clients', private: true, type: 'module', dependencies }, null, 2);
  const stamp = join(folder, 'installed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    note(`installing the clients into ${folder}`);
    mkdirSync(folder, { recursive: true });
    rmSync(join(folder, 'package-lock.json'), { force: true });
    writeFileSync(join(folder, 'package.json'), wanted);
    await new Promise((done, failed) => {
      const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts', '--loglevel', 'error'];
      const child = spawn('npm', ['install', ...quiet], { cwd: folder, stdio: ['ignore', 2, 2], detached: true });
      track(child);
      child.once('error', failed);
      child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`npm install ended with ${code}`))));
    });
    writeFileSync(stamp, wanted);
  }
  writeFileSync(join(folder, 'entry.mjs'), ENTRY);
  return { versions, lib: await import(pathToFileURL(resolve(folder, 'entry.mjs'))) };
}
