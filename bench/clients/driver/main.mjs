// Drives the clients: install, provider, the cases at the provider itself, Mimir, the cases through it, the table. README.md says what can be set.
import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SPOKEN } from '../../agents/driver/agents.mjs';
import { startMimir } from '../../agents/driver/mimir.mjs';
import { finish, giveUp, isStopping, note, stops, words } from '../../agents/driver/session.mjs';
import { startProvider, TARGETS } from '../../agents/provider/server.mjs';
import { answerer } from '../provider/answers.mjs';
import { doors } from '../provider/doors.mjs';
import { limits, MODELS, MORE } from '../provider/limits.mjs';
import { Unlike } from '../cases/kit.mjs';
import { CASES, make, watching } from './clients.mjs';
import { CLIENTS, install } from './install.mjs';
import { reached, table } from './table.mjs';

const tree = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

process.on('uncaughtException', (error) => giveUp('bench/clients/run', error));

/** The cases of a cell: as many as there should be, each with a name of its own. */
function casesOf(client, target) {
  const { cases, count } = CASES[client];
  const all = cases.filter((each) => each.targets.includes(target));
  const names = new Set(all.map((each) => each.name));
  if (all.length !== count || names.size !== count) throw new Error(`${client} has ${all.length} cases on ${target}, not ${count} different ones`);
  return all;
}

async function inTime(run, seconds) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Unlike('an answer', `within ${seconds} s`, 'nothing')), seconds * 1000); });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function main() {
  const clients = words('CLIENTS', Object.keys(CLIENTS));
  const targets = words('TARGETS', Object.keys(TARGETS));
  const ways = words('WAYS', ['direct', 'mimir']);
  const wanted = new RegExp(process.env.CASES ?? '');
  const seconds = Number(process.env.CASE_SECONDS ?? 30);
  const scratch = process.env.SCRATCH ? resolve(process.env.SCRATCH) : mkdtempSync(join(tmpdir(), 'mimir-clients.'));
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, 'results.jsonl');
  writeFileSync(file, '');
  // The clients read settings of their own from the environment.
  for (const name of Object.keys(process.env)) if (/^(OPENAI|ANTHROPIC|OLLAMA)_/.test(name)) delete process.env[name];

  for (const client of clients) for (const target of targets) casesOf(client, target);
  const { versions, lib } = await install(resolve(process.env.CLIENTS_DIR ?? join(tmpdir(), 'mimir-bench-clients')));

  let arrived = [];
  const provider = await startProvider((entry) => arrived.push(entry), {}, { models: MORE, doors: doors(), answers: answerer(limits) });
  stops.push(provider.stop);
  const results = [];

  async function cell(client, target, way, { port, key }) {
    let sent = [];
    const fetching = watching((entry) => sent.push(entry));
    const of = (token) => make(client, lib, { port, key: token, way, fetch: fetching });
    const keyed = way === 'mimir' || TARGETS[target].key !== '';
    const t = { client: of(key), other: () => of(`${key}x`), keyed, target, lib, model: MODELS[target].main, ...MODELS[target] };
    const spoken = (each) => way === 'mimir' || (SPOKEN[target].includes(each.speaks) && (keyed || !each.keyed));
    let held = 0;
    const all = casesOf(client, target).filter((each) => spoken(each) && wanted.test(each.name));
    for (const each of all) {
      if (isStopping()) return;
      arrived = [];
      sent = [];
      const result = { client, target, way, name: each.name, ok: true };
      try {
        await inTime(() => each.run(t), seconds);
        held++;
      } catch (error) {
        const told = error instanceof Unlike ? { expected: error.expected, seen: error.seen }
          : { expected: 'no error', seen: `${error?.constructor?.name}: ${error?.message}`, stack: error?.stack };
        const seen = arrived.map(({ door, method, path, status, body, problems }) => ({ door, method, path, status, problems, body }));
        Object.assign(result, { ok: false, ...told, sent, arrived: seen });
      }
      results.push(result);
      appendFileSync(file, `${JSON.stringify(result)}\n`);
    }
    if (all.length) note(`${way} ${client} ${target}: ${held} of ${all.length}`);
  }

  if (ways.includes('direct')) {
    for (const client of clients) for (const target of targets) await cell(client, target, 'direct', { port: provider.ports[target], key: TARGETS[target].key });
  }
  if (ways.includes('mimir')) {
    const home = resolve(process.env.MIMIR_HOME ?? tree);
    note(`starting Mimir of ${home}`);
    // A folder of its own, since the scratch folder may have been given and used before.
    const mimir = await startMimir({ home, scratch: mkdtempSync(join(scratch, 'mimir.')), ports: provider.ports, more: MORE });
    stops.push(mimir.stop);
    note(`Mimir listens on ${mimir.port}; tests of the keys: ${JSON.stringify(mimir.tests)}`);
    for (const client of clients) for (const target of targets) await cell(client, target, 'mimir', { port: mimir.port, key: mimir.token });
  }
  if (!results.length) throw new Error('there is no case of that name at these clients and targets');
  const way = ways.includes('mimir') ? 'mimir' : 'direct';
  process.stdout.write(`${table(results, { clients, targets, way, versions })}\n`);
  note(`${file} has a line for each case`);
  return reached(results, way) ? 0 : 1;
}

try {
  await finish(await main());
} catch (error) {
  await giveUp('bench/clients/run', error);
}
