// One cell of the table: an agent does the job in an empty folder, and the files say whether it did.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AGENTS } from './agents.mjs';
import { sleep } from './mimir.mjs';
import { filesAfter, PROMPT } from '../provider/job.mjs';

function filesIn(folder, top = folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path, top) : [relative(top, path)];
  });
}

/** What differs between the folder and the files that the job makes. */
function differences(folder) {
  const wanted = filesAfter();
  const found = new Set(filesIn(folder));
  const unlike = [];
  for (const [path, bytes] of wanted) {
    if (!found.delete(path)) unlike.push(`${path} is missing`);
    else if (!readFileSync(join(folder, path)).equals(bytes)) unlike.push(`${path} is not as it should be (${statSync(join(folder, path)).size} bytes, ${bytes.length} expected)`);
  }
  for (const path of found) if (!/^(__pycache__|AGENTS\.md|QWEN\.md)/.test(path)) unlike.push(`${path} should not be there`);
  return unlike;
}

// Nothing of the caller's environment but what a program needs: no key, no proxy and no setting of an agent.
const KEPT = ['PATH', 'LANG', 'LC_ALL', 'TERM', 'TMPDIR', 'SHELL', 'USER'];

/** Runs one agent: {ok, why, seconds}. "entries" is what the provider and the relay have seen of it, filled while it runs. */
export async function runCell({ agent, scratch, npm, node, url, key, model, entries, seconds, track }) {
  const home = join(scratch, 'home');
  const folder = join(scratch, 'job');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  mkdirSync(folder);
  const { command, env } = AGENTS[agent].start({ npm, node, home, url, key, model });
  const prompt = `${PROMPT} <work-folder>${folder}</work-folder>`;
  const started = Date.now();
  const log = createWriteStream(join(scratch, 'output'));
  const child = spawn(command[0], [...command.slice(1), prompt], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(KEPT.filter((name) => process.env[name]).map((name) => [name, process.env[name]])), HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local/share'),
      XDG_CACHE_HOME: join(home, '.cache'), XDG_STATE_HOME: join(home, '.local/state'), PATH: `${join(node, '..')}:${process.env.PATH}`, CI: '1', NO_COLOR: '1', DO_NOT_TRACK: '1', ...env } });
  track(child);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let code;
  const end = new Promise((resolve) => { child.once('exit', (c, s) => { code = s ?? c; resolve(); }); child.once('error', (e) => { code = e.message; resolve(); }); });
  const late = await Promise.race([end.then(() => false), sleep(seconds * 1000).then(() => true)]);
  // An agent and all that it started are one group of processes.
  const signal = (name) => { try { process.kill(-child.pid, name); } catch { /* it has ended */ } };
  signal('SIGTERM');
  await Promise.race([end, sleep(3000)]);
  signal('SIGKILL');
  await end;
  log.end();
  const took = Math.round((Date.now() - started) / 1000);
  const asked = entries.filter((e) => e.door && !e.side && e.done !== undefined);
  const reached = Math.max(0, ...asked.map((e) => e.done));
  const refused = entries.find((e) => e.problems?.length);
  const relayed = entries.find((e) => e.relay && e.refusal);
  const unlike = asked.flatMap((e) => e.unlike ?? [])[0];
  const wrong = differences(folder);
  const told = asked.some((e) => e.last && e.status === 200);
  const why = [];
  if (wrong.length || !told || unlike || late) {
    if (relayed) why.push(`${relayed.path} ${relayed.status}: ${relayed.refusal}`);
    else if (refused) why.push(`${refused.door} ${refused.status}: ${refused.problems[0]}`);
    if (unlike) why.push(unlike);
    if (late) why.push(`not done in ${seconds} s`);
    if (!told) why.push(`ended after ${reached} results`);
    if (wrong.length) why.push(wrong[0]);
  }
  return { ok: why.length === 0, why: why.map((text) => text.replace(/\s+/g, ' ').slice(0, 300)).join('; '), seconds: took, code, results: reached,
    refusals: entries.filter((e) => e.problems?.length).length, lost: Math.max(0, ...asked.map((e) => e.lost ?? 0)), images: Math.max(0, ...asked.map((e) => e.images ?? 0)) };
}
