// What is kept of a request: the names of its members, their kinds, and values of the few that are words of a protocol. Prompts,
// descriptions and schemas are the agents' own and are not kept.
import { createServer, request as ask } from 'node:http';

// Members whose values are words of the protocol, never of a person.
const TOLD = new Set(['type', 'role', 'model', 'effort', 'summary', 'verbosity', 'ttl', 'detail', 'media_type', 'tool_choice', 'service_tier', 'truncation', 'include', 'keep', 'display',
  'reasoning_effort', 'think', 'keep_alive', 'syntax', 'phase', 'status', 'scope', 'generate_summary', 'mode', 'context', 'format']);
const HEADERS = ['user-agent', 'anthropic-version', 'anthropic-beta', 'accept', 'accept-encoding', 'content-encoding', 'transfer-encoding', 'openai-beta', 'x-app', 'originator'];

const word = (value) => (value.length <= 60 && /^[\w.:/ -]*$/.test(value) ? JSON.stringify(value) : 'text');

function walk(value, path, name, shape) {
  const add = (text) => {
    const at = path || '.';
    if (!shape.has(at)) shape.set(at, new Set());
    if (shape.get(at).size < 12) shape.get(at).add(text);
  };
  if (value === null) return add('null');
  if (Array.isArray(value)) {
    if (!value.length) add('[]');
    for (const item of value) {
      const tag = item && typeof item === 'object' ? [item.role, item.type].filter((t) => typeof t === 'string').join(' ') : '';
      walk(item, `${path}[${tag}]`, typeof item === 'string' ? name : '', shape);
    }
    return undefined;
  }
  if (typeof value === 'object') {
    if (['parameters', 'input_schema', 'schema', 'output_schema'].includes(name)) return add('schema');
    if (name === 'input' || name === 'arguments' || name === 'metadata' || name === 'client_metadata') return add(`object: ${Object.keys(value).sort().join(', ')}`);
    if (!Object.keys(value).length) add('{}');
    for (const [member, item] of Object.entries(value)) walk(item, path ? `${path}.${member}` : member, member, shape);
    return undefined;
  }
  if (typeof value === 'string') return add(TOLD.has(name) ? word(value) : value === '' ? 'empty text' : 'text');
  return add(typeof value === 'number' && !Number.isInteger(value) ? 'fraction' : JSON.stringify(value));
}

const offered = (tools) => tools.map((tool) => {
  const made = tool?.function ?? tool?.custom ?? tool;
  const kind = tool?.type ?? 'client';
  return kind === 'namespace' ? `namespace ${made.name}(${offered(tool.tools ?? []).join(', ')})` : `${made?.name ?? kind}${kind === 'function' || kind === 'client' ? '' : ` [${kind}]`}${made?.strict === true ? ' strict' : ''}`;
});

/** The shape of a request: {fields: {path: [kinds and values]}, tools: [names]}. */
export function shapeOf(body) {
  const shape = new Map();
  walk(body, '', '', shape);
  return { fields: Object.fromEntries([...shape].map(([path, kinds]) => [path, [...kinds]])), tools: Array.isArray(body?.tools) ? offered(body.tools) : [] };
}

export function headersOf(headers) {
  const kept = {};
  for (const name of Object.keys(headers).sort()) kept[name] = HEADERS.includes(name) ? headers[name] : '';
  return kept;
}

/** A relay that looks on: everything goes to 127.0.0.1:"port" unchanged; "record" gets each exchange. */
export async function startRelay(port, record) {
  const server = createServer((incoming, outgoing) => {
    const sent = [];
    const forward = ask({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      const got = [];
      let size = 0;
      const type = String(answer.headers['content-type'] ?? '');
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.on('data', (part) => {
        outgoing.write(part);
        if (size < 4_000_000) got.push(part);
        size += part.length;
      });
      answer.on('end', () => outgoing.end());
      // A client may leave as soon as it has the last event, before the end of the stream.
      answer.once('close', () => {
        const text = Buffer.concat(got).toString();
        const entry = { relay: true, method: incoming.method, path: incoming.url.split('?')[0], status: answer.statusCode, headers: headersOf(incoming.headers), type };
        if (answer.headers['mimir-left-out']) entry.left_out = answer.headers['mimir-left-out'];
        if (answer.statusCode >= 400) entry.refusal = text.slice(0, 800);
        else if (/event-stream|ndjson/.test(type)) {
          const failed = /(^event: error\ndata: .*|^data: \{"error".*|"type":"response\.failed".*|^\{"error".*)/m.exec(text);
          if (failed) entry.refusal = failed[0].slice(0, 800);
        }
        const raw = Buffer.concat(sent).toString();
        if (raw) {
          try {
            entry.shape = shapeOf(JSON.parse(raw));
          } catch {
            entry.body = 'no JSON';
          }
        }
        record(entry);
      });
      answer.on('error', () => outgoing.destroy());
    });
    forward.on('error', (error) => {
      record({ relay: true, method: incoming.method, path: incoming.url, status: 0, refusal: String(error.code ?? error.message) });
      outgoing.destroy();
    });
    outgoing.on('close', () => { if (!outgoing.writableFinished) forward.destroy(); });
    incoming.on('data', (part) => { sent.push(part); forward.write(part); });
    incoming.on('end', () => forward.end());
    incoming.on('error', () => forward.destroy());
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }) };
}
