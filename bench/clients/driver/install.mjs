// The clients from npm, in the versions that the tests of Mimir use, and zod, from which two of them take schemas.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installPackages } from '../../agents/driver/session.mjs';

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
export async function install(folder) {
  const pins = JSON.parse(readFileSync(tested, 'utf8')).dependencies;
  const versions = Object.fromEntries(Object.entries(CLIENTS).map(([name, packaged]) => [name, pins[packaged]]));
  const dependencies = JSON.parse(readFileSync(join(here, '../clients.json'), 'utf8'));
  for (const [name, packaged] of Object.entries(CLIENTS)) dependencies[packaged] = versions[name];
  await installPackages(folder, 'clients', { type: 'module', dependencies });
  writeFileSync(join(folder, 'entry.mjs'), ENTRY);
  return { versions, lib: await import(pathToFileURL(resolve(folder, 'entry.mjs'))) };
}
