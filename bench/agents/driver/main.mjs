// Drives the agents: install, provider, direct runs, Mimir, the runs through it, the table. README.md says what can be set.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTS, MAIN, SPOKEN } from './agents.mjs';
import { runCell } from './cell.mjs';
import { startMimir } from './mimir.mjs';
import { findings } from './findings.mjs';
import { headersOf, shapeOf, startRelay } from './record.mjs';
import { startProvider, TARGETS } from '../provider/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const tree = resolve(here, '../../..');
const words = (name, otherwise) => (process.env[name] ? process.env[name].split(/[\s,]+/).filter(Boolean) : otherwise);
const note = (text) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${text}\n`);

const agents = words('AGENTS', MAIN);
const targets = words('TARGETS', Object.keys(TARGETS));
const ways = words('WAYS', ['direct', 'mimir']);
const seconds = Number(process.env.CELL_SECONDS ?? 180);
const install = resolve(process.env.AGENTS_DIR ?? join(tmpdir(), 'mimir-bench-agents'));
for (const name of agents) if (!AGENTS[name]) throw new Error(`AGENTS: ${name} is none of ${Object.keys(AGENTS).join(', ')}`);
for (const name of targets) if (!TARGETS[name]) throw new Error(`TARGETS: ${name} is none of ${Object.keys(TARGETS).join(', ')}`);

const scratch = process.env.SCRATCH ? resolve(process.env.SCRATCH) : mkdtempSync(join(tmpdir(), 'mimir-agents.'));
mkdirSync(scratch, { recursive: true });
const results = join(scratch, 'requests.jsonl');
writeFileSync(results, '');

// Whatever ends this, what it started ends too: children by their process group.
const children = new Set();
const track = (child) => {
  children.add(child);
  child.once('exit', () => children.delete(child));
};
const stops = [];
let stopping = false;
async function finish(code) {
  if (stopping) return;
  stopping = true;
  for (const child of children) try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ }
  for (const stop of stops.reverse()) await stop().catch(() => {});
  process.exit(code);
}
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) process.on(signal, () => finish(code));

function command(program, args, options) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true, ...options });
    track(child);
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`${program} ${args[0]} ended with ${code}`))));
  });
}

/** The agents and a Node of the release that they want, from npm; nothing when they are there already. */
async function installed() {
  const pins = JSON.parse(readFileSync(join(here, '../agents.json'), 'utf8'));
  const runtime = `node-${process.platform}-${process.arch}`;
  const wanted = JSON.stringify({ name: 'mimir-bench-agents', private: true, dependencies: { ...pins.packages, [runtime]: pins.node } }, null, 2);
  const manifest = join(install, 'package.json');
  const stamp = join(install, 'installed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    note(`installing the agents into ${install}`);
    mkdirSync(install, { recursive: true });
    rmSync(join(install, 'package-lock.json'), { force: true });
    writeFileSync(manifest, wanted);
    await command('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts', '--loglevel', 'error'], { cwd: install, stdio: ['ignore', 2, 2] });
    writeFileSync(stamp, wanted);
  }
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
  if (stopping) await new Promise(() => {});
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
  process.stderr.write(`bench/agents/run: ${error.message}\n`);
  if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`);
  await finish(2);
}
