// What the cases check with. A check that does not hold throws what was expected and what was seen.
import { check } from '../../agents/provider/shape.mjs';

export class Unlike extends Error {
  constructor(what, expected, seen) {
    super(what);
    Object.assign(this, { expected: `${what}: ${expected}`, seen });
  }
}

const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? String(value));

export function equal(seen, expected, what) {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Unlike(what, shown(expected), shown(seen));
}

export function holds(condition, what, expected, seen) {
  if (!condition) throw new Unlike(what, expected, shown(seen));
}

/** An object that has these members, and may have others; a name that ends with "?" may be absent. */
export const having = (members) => (value, path, problems) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    problems.push(`${path}: object expected, got ${shown(value)}`);
    return;
  }
  for (const [name, type] of Object.entries(members)) {
    const bare = name.replace(/\?$/, '');
    if (value[bare] !== undefined) type(value[bare], `${path}.${bare}`, problems);
    else if (bare === name) problems.push(`${path}.${bare}: missing`);
  }
};

export function shaped(value, type, what) {
  const problems = check(type, value, what);
  if (problems.length) throw new Unlike(`${what} as published`, 'every required member', problems.slice(0, 4).join('; '));
  return value;
}

/** The error that a call ends with; a call that ends well is the fault then. */
export async function failing(run, what) {
  let made;
  try {
    made = await run();
  } catch (error) {
    return error;
  }
  throw new Unlike(what, 'an error', made);
}

/** An error of the client's own class, with the status and the words that it should have. */
export function refused(error, Class, status, words, statusOf = (e) => e.status) {
  holds(error instanceof Class, 'class of the error', Class.name, `${error?.constructor?.name}: ${error?.message}`);
  equal(statusOf(error), status, 'status of the error');
  holds(words.test(error.message), 'words of the error', String(words), error.message);
}

/** One of several values, by target. */
export const by = (t, values) => (Object.hasOwn(values, t.target) ? values[t.target] : values.otherwise);

export function parse(text, what) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unlike(what, 'JSON', text);
  }
}

/** Checks those members of what the model told of the request that are named. */
export function told(view, expected) {
  for (const [name, value] of Object.entries(expected)) equal(view[name], value, `what arrived as ${name}`);
}

export const lines = (view) => view.turns.map((turn) => `${turn.role}: ${turn.text}`);
export const pictures = (view) => view.turns.flatMap((turn) => turn.images);
export const files = (view) => view.turns.flatMap((turn) => turn.files);

/** A list of cases: add(name, run, {targets, speaks}); "speaks" is the protocol, by which a case is tried at the provider itself. */
export function list(speaks) {
  const cases = [];
  const add = (name, run, more = {}) => cases.push({ name, run, speaks, targets: ['openai', 'anthropic', 'ollama', 'custom'], ...more });
  return { cases, add };
}

// Eight pixels of red, and a page with nothing on it.
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGM4ISeHFTEMLQkAkL9BAbKfPiIAAAAASUVORK5CYII=';
export const PNG_TOLD = `png ${Buffer.from(PNG, 'base64').length}`;
export const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
  + '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n').toString('base64');
export const PDF_TOLD = `pdf ${Buffer.from(PDF, 'base64').length}`;
export const PICTURE = 'https://example.com/picture.png';
const properties = { city: { type: 'string', description: 'The city' }, unit: { type: 'string', enum: ['c', 'f'] } };
export const WEATHER = { type: 'object', properties, required: ['city'] };
export const CLOSED = { type: 'object', properties, required: ['city', 'unit'], additionalProperties: false };
export const REPORT = { type: 'object', properties: { city: { type: 'string' }, celsius: { type: 'number' } }, required: ['city', 'celsius'],
  additionalProperties: false };
export const RESULT = '21 degrees and "sunny" 🌞';
