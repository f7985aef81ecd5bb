// node --test bench/agents/provider: what the scripted provider takes, and what it refuses.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startProvider, TARGETS } from './server.mjs';
import { STEPS, TURNS } from './job.mjs';

let provider;
before(async () => { provider = await startProvider(() => {}); });
after(() => provider.stop());

const prompt = 'Do the job. <work-folder>/nowhere</work-folder>';
const runParameters = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'], additionalProperties: false };
const paths = { openai: '/v1/chat/completions', responses: '/v1/responses', anthropic: '/v1/messages', ollama: '/api/chat' };

async function ask(target, path, body, headers = {}) {
  const answer = await fetch(`http://127.0.0.1:${provider.ports[target]}${path}`, { method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TARGETS[target].key}`, 'anthropic-version': '2023-06-01', ...headers } });
  return { status: answer.status, body: await answer.json() };
}

const model = (target) => TARGETS[target].models[0];
const chatTools = [{ type: 'function', function: { name: 'bash', parameters: runParameters } }];
const chat = (messages, more) => ask('openai', paths.openai, { model: model('openai'), messages: [{ role: 'user', content: prompt }, ...messages], tools: chatTools, ...more });
const claude = (messages, more) => ask('anthropic', paths.anthropic, { model: model('anthropic'), max_tokens: 4096, messages: [{ role: 'user', content: prompt }, ...messages],
  tools: [{ name: 'Bash', input_schema: runParameters }], thinking: { type: 'enabled', budget_tokens: 2000 }, ...more });
const respond = (input, more) => ask('openai', paths.responses, { model: model('openai'), input: [{ role: 'user', content: prompt }, ...input], store: false, reasoning: { effort: 'low' },
  include: ['reasoning.encrypted_content'], tools: [{ type: 'function', name: 'bash', parameters: runParameters, strict: false }], ...more });

const refused = (answer, pattern) => {
  assert.equal(answer.status, 400);
  assert.match(JSON.stringify(answer.body), pattern);
};

test('the job has thirty turns', () => {
  assert.equal(TURNS, 30);
  assert.equal(STEPS.filter((step) => step.with).length, 2);
});

test('a conversation of chat completions goes on by one step for each result', async () => {
  const first = (await chat([])).body.choices[0].message;
  assert.equal(first.tool_calls.length, 1);
  delete first.refusal;
  const second = await chat([first, { role: 'tool', tool_call_id: first.tool_calls[0].id, content: 'done' }]);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.choices[0].message.tool_calls[0].function.arguments, first.tool_calls[0].function.arguments);
});

test('chat completions refuse unknown members, unknown values and calls without results', async () => {
  refused(await chat([], { top_k: 4 }), /top_k: unknown field/);
  refused(await chat([], { reasoning_effort: 'extreme' }), /reasoning_effort/);
  const first = (await chat([])).body.choices[0].message;
  delete first.refusal;
  refused(await chat([first, { role: 'user', content: 'and?' }]), /no result for the call/);
  refused(await chat([first, { role: 'tool', tool_call_id: 'call_other', content: 'done' }]), /answers no call/);
});

test('a custom endpoint takes thoughts back, and OpenAI does not', async () => {
  const said = { role: 'assistant', content: 'Well.', reasoning_content: 'Hm.' };
  refused(await chat([said, { role: 'user', content: 'and?' }]), /reasoning_content: unknown field/);
  const answer = await ask('custom', paths.openai, { model: model('custom'), messages: [{ role: 'user', content: 'Hello' }, said, { role: 'user', content: 'and?' }] });
  assert.equal(answer.status, 200);
});

test('messages refuse a thinking block that is changed or missing', async () => {
  const first = (await claude([])).body.content;
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.find((b) => b.type === 'tool_use').id, content: 'done' }] };
  assert.equal((await claude([{ role: 'assistant', content: first }, result])).status, 200);
  const changed = first.map((b) => (b.type === 'thinking' ? { ...b, thinking: `${b.thinking} Or not.` } : b));
  refused(await claude([{ role: 'assistant', content: changed }, result]), /signature/);
  refused(await claude([{ role: 'assistant', content: first.filter((b) => b.type !== 'thinking') }, result]), /begins with its thinking block/);
});

test('messages refuse unknown members, results elsewhere and members of a beta without it', async () => {
  refused(await claude([], { n: 1 }), /n: unknown field/);
  const first = (await claude([])).body.content;
  refused(await claude([{ role: 'assistant', content: first }, { role: 'user', content: 'and?' }]), /no tool_result right behind/);
  const edits = { context_management: { edits: [{ type: 'clear_thinking_20251015' }] } };
  refused(await claude([], edits), /without its beta/);
  assert.equal((await ask('anthropic', paths.anthropic, { model: model('anthropic'), max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }], ...edits }, { 'anthropic-beta': 'context-management-2025-06-27' })).status, 200);
});

test('responses refuse reasoning that is not theirs, or that lost its call', async () => {
  const first = (await respond([])).body.output;
  const output = { type: 'function_call_output', call_id: first.find((item) => item.type === 'function_call').call_id, output: 'done' };
  assert.equal((await respond([...first, output])).status, 200);
  refused(await respond([...first.map((item) => (item.type === 'reasoning' ? { ...item, encrypted_content: 'b3RoZXI=' } : item)), output]), /could not be verified/);
  refused(await respond([...first.filter((item) => item.type !== 'reasoning'), output]), /required reasoning item/);
  refused(await respond(first), /no tool output found/);
  refused(await respond([output]), /call_id/);
});

test('Ollama takes options of its own and no others', async () => {
  const body = { model: model('ollama'), stream: false, messages: [{ role: 'user', content: 'Hello' }] };
  assert.equal((await ask('ollama', paths.ollama, { ...body, options: { num_ctx: 4096 } })).status, 200);
  refused(await ask('ollama', paths.ollama, { ...body, options: { max_tokens: 5 } }), /max_tokens: unknown field/);
});

test('each door answers its own protocols only', async () => {
  assert.equal((await ask('custom', paths.responses, {})).status, 404);
  assert.equal((await ask('anthropic', paths.openai, {})).status, 404);
  assert.equal((await ask('openai', paths.anthropic, {})).status, 404);
});

test('a key that is not that of the target is refused', async () => {
  assert.equal((await ask('custom', paths.openai, {}, { authorization: 'Bearer mimir_token' })).status, 401);
});
