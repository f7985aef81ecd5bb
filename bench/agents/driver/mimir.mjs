// A Mimir of its own for the bench: a data folder in the scratch folder, a free port, one key for each target and a token.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TARGETS } from '../provider/server.mjs';

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const password = 'correct horse battery staple';

/** Starts ./mimir of "home"; gives its port, a token for the agents, and stop. "ports" are those of the provider, "more" its further models by target. */
export async function startMimir({ home, scratch, ports, more = {} }) {
  const port = await freePort();
  const log = join(scratch, 'mimir.log');
  const out = openSync(log, 'w');
  const env = { ...process.env, MIMIR_PROFILE: 'dev', MIMIR_PORT: String(port), MIMIR_DATA_DIR: join(scratch, 'data'), MIMIR_ADMIN_USER: 'admin', MIMIR_ADMIN_PASSWORD: password,
    MIMIR_ENDPOINT_ALLOWLIST: Object.values(ports).map((p) => `127.0.0.1:${p}`).join(',') };
  const child = spawn(join(home, 'mimir'), ['run', ...(process.env.MIMIR_HOME ? ['--no-build'] : [])], { env, cwd: scratch, stdio: ['ignore', out, out] });
  closeSync(out);
  let ended = false;
  const end = new Promise((resolve) => { child.once('exit', () => { ended = true; resolve(); }); });
  const stop = async () => {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([end, sleep(30_000)]);
    if (!ended) {
      child.kill('SIGTERM');
      await Promise.race([end, sleep(5_000)]);
    }
  };
  const call = async (method, path, body, headers) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  try {
    const limit = Date.now() + 1000 * Number(process.env.START_SECONDS ?? 600);
    for (;;) {
      if (ended) throw new Error(`Mimir did not start: ${readFileSync(log, 'utf8').split('\n').filter(Boolean).slice(-3).join(' ')}`);
      if (Date.now() > limit) throw new Error('Mimir did not start in time');
      const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).then((answer) => answer.status === 200, () => false);
      if (ready) break;
      await sleep(500);
    }
    const basic = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` };
    const made = {};
    for (const [target, { key, models }] of Object.entries(TARGETS)) {
      const base = `http://127.0.0.1:${ports[target]}${target === 'openai' || target === 'custom' ? '/v1' : ''}`;
      const { id } = await call('POST', '/api/v1/settings/api-keys', { provider: target, name: `bench ${target}`, endpoint_url: base, ...(key && { key_value: key }),
        metadata: { default_model: models[0], available_models: [...models, ...(more[target] ?? [])] } }, basic);
      made[target] = (await call('POST', `/api/v1/settings/api-keys/${id}/test`, undefined, basic)).reason;
    }
    const { token } = await call('POST', '/api/v1/settings/tokens', { name: 'bench', scopes: ['gateway'] }, basic);
    return { port, token, stop, tests: made };
  } catch (error) {
    await stop();
    throw error;
  }
}
