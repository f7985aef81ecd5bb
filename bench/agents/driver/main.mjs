// Drives the agents: install, provider, direct runs, Mimir, the runs through it, the table. README.md says what can be set.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTS, MAIN, SPOKEN } from './agents.mjs';
import { runCell } from './cell.mjs';
import { startMimir } from './mimir.mjs';
import { findings } from './findings.mjs';
import { headersOf, shapeOf, startRelay } from './record.mjs';
import { finish, giveUp, installPackages, isStopping, note, stops, track, words } from './session.mjs';
import { startProvider, TARGETS } from '../provider/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const tree = resolve(here, '../../..');

const agents = words('AGENTS', Object.keys(AGENTS), MAIN);
const targets = words('TARGETS', Object.keys(TARGETS));
const ways = words('WAYS', ['direct', 'mimir']);
const seconds = Number(process.env.CELL_SECONDS ?? 180);
const install = resolve(process.env.AGENTS_DIR ?? join(tmpdir(), 'mimir-bench-agents'));

const scratch = process.env.SCRATCH ? resolve(process.env.SCRATCH) : mkdtempSync(join(tmpdir(), 'mimir-agents.'));
mkdirSync(scratch, { recursive: true });
const results = join(scratch, 'requests.jsonl');
writeFileSync(results, '');

/** The agents and a Node of the release that they want, from npm; nothing when they are there already. */
async function installed() {
  const pins = JSON.parse(readFileSync(join(here, '../agents.json'), 'utf8'));
  const runtime = `node-${process.platform}-${process.arch}`;
  await installPackages(install, 'agents', { dependencies: { ...pins.packages, [runtime]: pins.node } });
  return { npm: install, node: join(install, 'node_modules', runtime, 'bin', 'node') };
}

const cells = [];
let entries = [];
let current = {};
const record = (entry) => {
  if (entry.body && typeof entry.body === 'object') {
    entry.shape = shapeOf(entry.body);
    delete entry.body;
    entry.headers = headersOf(entry.headers);
  }
  entries.push(entry);
  appendFileSync(results, `${JSON.stringify({ ...current, ...entry })}\n`);
};

async function cell(place, agent, target, way, port, key) {
  // Whoever has asked for the end gets no further agent.
  if (isStopping()) await new Promise(() => {});
  const relay = await startRelay(port, record);
  entries = [];
  current = { agent, target, way };
  const model = { main: TARGETS[target].models[0], small: TARGETS[target].models[1] };
  const made = await runCell({ agent, scratch: join(scratch, `${way}-${agent}-${target}`), ...place, url: `http://127.0.0.1:${relay.port}`, key, model, entries, seconds, track });
  await relay.stop();
  cells.push({ agent, target, way, ...made });
  writeFileSync(join(scratch, 'cells.json'), JSON.stringify(cells, null, 1));
  note(`${way} ${agent} ${target}: ${made.ok ? 'pass' : `fail: ${made.why}`} (${made.seconds} s)`);
}

const cellOf = (agent, target, way) => cells.find((c) => c.agent === agent && c.target === target && c.way === way);

function table() {
  const lines = [`| agent | ${targets.join(' | ')} |`, `|---|${targets.map(() => '---|').join('')}`];
  const reasons = [];
  for (const agent of agents) {
    const row = targets.map((target) => {
      const direct = cellOf(agent, target, 'direct');
      const through = cellOf(agent, target, 'mimir');
      const shown = through ?? direct;
      if (!shown) return '-';
      const extra = shown.lost ? `, ${shown.lost} thoughts lost` : '';
      if (shown.ok) return `pass (${shown.seconds} s${extra})`;
      reasons.push(`- ${agent} on ${target}: ${shown.why}`);
      if (through && direct && !direct.ok) {
        reasons.push(`  - direct: ${direct.why}`);
        return 'impossible';
      }
      return 'fail';
    });
    lines.push(`| ${agent} | ${row.join(' | ')} |`);
  }
  return [...lines, ...(reasons.length ? ['', ...reasons] : [])].join('\n');
}

try {
  const place = await installed();
  const provider = await startProvider(record, {});
  stops.push(provider.stop);
  if (ways.includes('direct')) {
    for (const agent of agents) {
      for (const target of targets) {
        if (SPOKEN[target].includes(AGENTS[agent].speaks)) await cell(place, agent, target, 'direct', provider.ports[target], TARGETS[target].key);
      }
    }
  }
  if (ways.includes('mimir')) {
    const home = resolve(process.env.MIMIR_HOME ?? tree);
    note(`starting Mimir of ${home}`);
    const mimir = await startMimir({ home, scratch, ports: provider.ports });
    stops.push(mimir.stop);
    note(`Mimir listens on ${mimir.port}; tests of the keys: ${JSON.stringify(mimir.tests)}`);
    for (const agent of agents) for (const target of targets) await cell(place, agent, target, 'mimir', mimir.port, mimir.token);
  }
  process.stdout.write(`${table()}\n`);
  const seen = readFileSync(results, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  writeFileSync(join(scratch, 'findings.md'), findings(seen, cells, table()));
  note(`${results} has the requests, findings.md beside it what is to be seen in them`);
  const failed = cells.filter((c) => c.way === (ways.includes('mimir') ? 'mimir' : 'direct') && !c.ok && !(cellOf(c.agent, c.target, 'direct')?.ok === false));
  await finish(failed.length ? 1 : 0);
} catch (error) {
  await giveUp('bench/agents/run', error);
}
