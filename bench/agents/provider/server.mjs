// The scripted provider: four doors, one for each target, each of which answers its own protocols only. It keeps nothing between
// requests: how far the job is follows from the number of results of tools in the request.
import { createServer } from 'node:http';
import * as chat from './chat.mjs';
import * as messages from './messages.mjs';
import * as responses from './responses.mjs';
import * as ollama from './ollama.mjs';
import { check, sample } from './shape.mjs';
import { expected, filesAfter, GOODBYE, nextSteps, STEPS } from './job.mjs';
import { callFor, canWork } from './tools.mjs';
import { now } from './common.mjs';

export const TARGETS = {
  openai: { models: ['gpt-5.5', 'gpt-5-mini'], key: 'sk-bench-openai-0123456789abcdefghijklmnop' },
  anthropic: { models: ['claude-sonnet-5', 'claude-haiku-4-5'], key: 'sk-ant-bench-0123456789abcdefghijklmnop' },
  ollama: { models: ['qwen3:30b', 'qwen3:4b'], key: '' },
  custom: { models: ['house-coder', 'house-small'], key: 'bench-custom-0123456789abcdefghijklmnop' },
};

const openaiModels = (names) => ({ object: 'list', data: names.map((id) => ({ id, object: 'model', created: 1750000000, owned_by: 'bench' })) });
const anthropicModels = (names) => ({ data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })), has_more: false, first_id: names[0], last_id: names.at(-1) });
const details = { parent_model: '', format: 'gguf', family: 'qwen3', families: ['qwen3'], parameter_size: '30B', quantization_level: 'Q4_K_M' };
const ollamaTags = (names) => ({ models: names.map((name) => ({ name, model: name, modified_at: '2026-01-01T00:00:00Z', size: 1e9, digest: 'a'.repeat(64), details })) });
const ollamaShow = { license: '', modelfile: '', parameters: '', template: '{{ .Prompt }}', details, model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 262144 }, capabilities: ['completion', 'tools', 'thinking', 'vision'] };

const sse = 'text/event-stream; charset=utf-8';
const chatDoor = (dialect, own) => ({ ...chat, schema: dialect.schema, read: (body) => chat.read(body, { own }), whole: (a, b) => chat.whole(a, b, dialect), stream: (a, b) => chat.stream(a, b, dialect), type: sse });

const DOORS = {
  openai: {
    'GET /v1/models': (names) => openaiModels(names), 'POST /v1/chat/completions': chatDoor(chat.openai, true), 'POST /v1/responses': { ...responses, type: sse },
  },
  anthropic: {
    'GET /v1/models': (names) => anthropicModels(names), 'POST /v1/messages': { ...messages, type: sse },
    'POST /v1/messages/count_tokens': { ...messages, schema: messages.countSchema, count: true },
  },
  ollama: {
    'GET /': () => 'Ollama is running', 'GET /api/tags': (names) => ollamaTags(names), 'GET /api/version': () => ({ version: '0.13.0' }), 'POST /api/show': () => ollamaShow,
    'GET /v1/models': (names) => openaiModels(names),
    'POST /api/chat': { ...ollama, type: 'application/x-ndjson' }, 'POST /v1/chat/completions': chatDoor(chat.ollama, false),
  },
  custom: { 'GET /v1/models': (names) => openaiModels(names), 'POST /v1/chat/completions': chatDoor(chat.custom, false) },
};

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function authorised(target, headers) {
  const { key } = TARGETS[target];
  const bearer = headers.authorization === `Bearer ${key}`;
  return key === '' || bearer || (target === 'anthropic' && headers['x-api-key'] === key);
}

/** The step whose call has this id; undefined when none has. */
function stepOf(id, callId) {
  const at = STEPS.findIndex((step, s) => [0, 1].some((i) => s >= i && [true, false].some((thinks) => callId(s - i, i, thinks) === id)));
  return at < 0 ? undefined : at;
}

/** What the model says next, and what is wrong with how it was asked. */
function answerTo(question, callId) {
  const problems = [];
  if (!canWork(question.tools)) return { answer: { done: 0, calls: [], thinks: question.thinks, text: question.json ? JSON.stringify(sample(question.json)) : 'The job of the bench' }, side: true, problems };
  const folder = /<work-folder>([^<]+)<\/work-folder>/.exec(question.prompt)?.[1];
  if (!folder) return { answer: { done: 0, calls: [], thinks: question.thinks, text: 'Nothing to do.' }, side: true, problems };
  const unlike = [];
  question.results.forEach(({ id, text }, i) => {
    // Of two calls at once the second may be answered first.
    const at = stepOf(id, callId) ?? i;
    const wanted = STEPS[at] && expected(STEPS[at], filesAfter(at));
    if (wanted && !text.includes(wanted) && !text.includes(JSON.stringify(wanted).slice(1, -1))) unlike.push(`the result of step ${at + 1} (${STEPS[at].op} ${STEPS[at].path}) is not what the file has: ${text.slice(0, 120)}`);
  });
  const steps = nextSteps(question.done, question.parallel);
  const calls = [];
  for (const [i, step] of steps.entries()) {
    const call = callFor(step, question.tools, folder);
    if (!call) problems.push(`none of the tools ${question.tools.map((t) => t.name).join(', ')} can ${step.op}`);
    else {
      for (const problem of call.problems) problems.push(`script: arguments for ${call.tool.name}: ${problem}`);
      calls.push({ ...call, id: callId(question.done, i, question.thinks) });
    }
  }
  return { answer: { done: question.done, calls, thinks: question.thinks, text: calls.length ? undefined : GOODBYE }, problems, unlike };
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/**
 * Starts the four doors on ports of 127.0.0.1; "record" gets what was seen of each request. Other benches add to it: "models" and "doors" by target
 * ("other" among the doors of a target gets what none of them takes), and "answers", which may answer in place of the job: {answer, problems}, or
 * {status, problems} to refuse; an answer with a "pace" is streamed in so many milliseconds for each part.
 */
export async function startProvider(record, ports = {}, { models: more = {}, doors = {}, answers = () => undefined } = {}) {
  const servers = {};
  for (const target of Object.keys(TARGETS)) {
    const models = [...TARGETS[target].models, ...(more[target] ?? [])];
    const open = { ...DOORS[target], ...doors[target] };
    const server = createServer(async (request, response) => {
      const path = request.url.split('?')[0].replace(/(.)\/$/, '$1');
      const operation = open[`${request.method} ${path}`];
      const seen = { door: target, method: request.method, path, status: 200 };
      const finish = (status, value, headers = {}) => {
        seen.status = status;
        record({ ...seen });
        response.writeHead(status, { 'content-type': typeof value === 'string' ? 'text/plain' : 'application/json', ...headers });
        response.end(request.method === 'HEAD' ? undefined : typeof value === 'string' ? value : JSON.stringify(value));
      };
      const raw = await bodyOf(request).catch(() => '');
      const failure = operation?.failure ?? open['POST /v1/messages']?.failure ?? chat.failure;
      if (!authorised(target, request.headers)) return finish(401, failure('The key is not that of the bench', 401));
      if (request.method === 'HEAD') return finish(200, '');
      if (!operation) {
        const model = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
        if (request.method === 'GET' && models.includes(model)) return finish(200, open['GET /v1/models']([model]).data[0]);
        const other = open.other?.(request, path, raw);
        if (other) return finish(other.status, other.value);
        seen.problems = [`${target} does not have ${request.method} ${path}`];
        return finish(404, failure(seen.problems[0]));
      }
      if (typeof operation === 'function') return finish(200, operation(models));
      let body;
      try {
        body = JSON.parse(raw);
      } catch {
        seen.problems = ['the body is no JSON'];
        return finish(400, failure(seen.problems[0]));
      }
      seen.body = body;
      seen.headers = request.headers;
      const problems = check(operation.schema, body, '').map((text) => text.replace(/^\./, ''));
      const question = operation.read(body, { headers: request.headers });
      problems.push(...question.problems);
      if (!models.includes(body.model)) {
        seen.problems = [`model: ${target} has no ${body.model}`];
        return finish(404, failure(seen.problems[0], 404));
      }
      Object.assign(seen, { done: question.done, lost: question.lost, images: question.images, thinks: question.thinks });
      if (operation.count) {
        seen.problems = problems;
        return problems.length ? finish(400, failure(problems.slice(0, 5).join('; '))) : finish(200, { input_tokens: Math.ceil(raw.length / 4) });
      }
      const { answer, side, status, problems: stuck, unlike } = answers(question, { target, path, body, callId: operation.callId }) ?? answerTo(question, operation.callId);
      problems.push(...stuck);
      if (status && problems.length === stuck.length) return finish(status, failure(stuck[0], status));
      Object.assign(seen, { side: side === true, unlike, last: answer?.calls.length === 0 && !side });
      if (problems.length) {
        seen.problems = problems;
        return finish(400, failure(problems.slice(0, 5).join('; ')));
      }
      if (!question.stream) return finish(200, operation.whole(answer, body), { 'request-id': 'req_bench', 'x-request-id': 'req_bench' });
      record({ ...seen });
      response.writeHead(200, { 'content-type': operation.type, 'cache-control': 'no-cache', 'request-id': 'req_bench', 'x-request-id': 'req_bench' });
      for (const part of operation.stream(answer, body)) {
        if (response.destroyed) return undefined;
        response.write(part);
        if (answer.pace) await sleep(answer.pace);
      }
      response.end();
    });
    server.keepAliveTimeout = 60_000;
    await new Promise((resolve, reject) => server.once('error', reject).listen(ports[target] ?? 0, '127.0.0.1', resolve));
    servers[target] = server;
  }
  return {
    ports: Object.fromEntries(Object.entries(servers).map(([target, server]) => [target, server.address().port])),
    stop: () => Promise.all(Object.values(servers).map((server) => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }))),
  };
}
