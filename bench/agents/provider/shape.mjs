// A few words to write down what a published request may look like, and a check that names every place that differs from it.
// A type is a function (value, path, problems) that adds a sentence to "problems" for what it does not take.

const kind = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const shown = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const primitive = (name, holds) => (value, path, problems) => {
  if (!holds(value)) problems.push(`${path}: ${name} expected, got ${kind(value)}`);
};

export const string = primitive('string', (v) => typeof v === 'string');
export const number = primitive('number', (v) => typeof v === 'number' && Number.isFinite(v));
export const integer = primitive('integer', Number.isInteger);
export const boolean = primitive('boolean', (v) => typeof v === 'boolean');
export const object = primitive('object', (v) => kind(v) === 'object');
export const anything = () => {};

/** Text that is not empty. */
export const filled = primitive('text', (v) => typeof v === 'string' && v.length > 0);

/** A number from one value to another, both included. */
export const between = (low, high) => primitive(`number from ${low} to ${high}`, (v) => typeof v === 'number' && v >= low && v <= high);

/** One of the values that are named. */
export const oneOf = (...values) => (value, path, problems) => {
  if (!values.includes(value)) problems.push(`${path}: ${shown(value)} is none of ${values.map(shown).join(', ')}`);
};

/** The same type or null. */
export const nullable = (type) => (value, path, problems) => {
  if (value !== null) type(value, path, problems);
};

export const list = (type, { least = 0 } = {}) => (value, path, problems) => {
  if (!Array.isArray(value)) {
    problems.push(`${path}: array expected, got ${kind(value)}`);
    return;
  }
  if (value.length < least) problems.push(`${path}: at least ${least} expected`);
  value.forEach((item, i) => type(item, `${path}[${i}]`, problems));
};

export const mapOf = (type) => (value, path, problems) => {
  object(value, path, problems);
  if (kind(value) === 'object') for (const [name, item] of Object.entries(value)) type(item, `${path}.${name}`, problems);
};

/** An object with these members and no others; a name that ends with "!" must be there. */
export const record = (members) => {
  const types = new Map();
  const required = [];
  for (const [name, type] of Object.entries(members)) {
    const bare = name.replace(/!$/, '');
    types.set(bare, type);
    if (bare !== name) required.push(bare);
  }
  return (value, path, problems) => {
    if (kind(value) !== 'object') {
      problems.push(`${path}: object expected, got ${kind(value)}`);
      return;
    }
    for (const name of required) if (value[name] === undefined) problems.push(`${path}.${name}: missing`);
    for (const [name, item] of Object.entries(value)) {
      const type = types.get(name);
      if (!type) problems.push(`${path}.${name}: unknown field`);
      else type(item, `${path}.${name}`, problems);
    }
  };
};

/** An object whose member "tag" says which of the types it is; the types are for the whole object. */
export const tagged = (tag, types, { missing } = {}) => (value, path, problems) => {
  if (kind(value) !== 'object') {
    problems.push(`${path}: object expected, got ${kind(value)}`);
    return;
  }
  const name = value[tag] === undefined ? missing : value[tag];
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type) type(value, path, problems);
  else problems.push(`${path}.${tag}: ${shown(value[tag])} is none of ${Object.keys(types).join(', ')}`);
};

/** The first type that takes the value; when none does, what the last one says. */
export const either = (...types) => (value, path, problems) => {
  let last = [];
  for (const type of types) {
    last = [];
    type(value, path, last);
    if (last.length === 0) return;
  }
  problems.push(...last);
};

/** What is wrong with the value; an empty list when nothing is. */
export function check(type, value, name = 'body') {
  const problems = [];
  type(value, name, problems);
  return problems;
}

/** A value that a JSON Schema takes, as small as it can be; members by name where "known" has them. */
export function sample(schema, known = {}) {
  if (!schema || typeof schema !== 'object') return 'ok';
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  for (const word of ['anyOf', 'oneOf']) if (schema[word]) return sample(schema[word][0], known);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sample(part, known)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object': case undefined: {
      const made = {};
      const names = schema.required ?? [];
      for (const name of names) made[name] = known[name] ?? sample(schema.properties?.[name], known);
      return made;
    }
    case 'array': return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items, known));
    case 'integer': case 'number': return schema.minimum ?? 1;
    case 'boolean': return false;
    case 'null': return null;
    default: return 'ok'.padEnd(schema.minLength ?? 0, '.');
  }
}

/** Whether a value is what a JSON Schema says: the words that agents use for their tools. */
export function conforms(schema, value, path = '$') {
  if (!schema || typeof schema !== 'object') return [];
  if (schema.anyOf || schema.oneOf) {
    const all = (schema.anyOf ?? schema.oneOf).map((part) => conforms(part, value, path));
    return all.some((p) => p.length === 0) ? [] : all[0] ?? [];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${path} is not in the enum`];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const is = { object: kind(value) === 'object', array: Array.isArray(value), string: typeof value === 'string', number: typeof value === 'number',
    integer: Number.isInteger(value), boolean: typeof value === 'boolean', null: value === null };
  if (types.length && !types.some((t) => is[t])) return [`${path} is no ${types.join(' or ')}`];
  const problems = [];
  if (is.object) {
    for (const name of schema.required ?? []) if (value[name] === undefined) problems.push(`${path}.${name} is missing`);
    for (const [name, item] of Object.entries(value)) {
      const member = schema.properties?.[name];
      if (member) problems.push(...conforms(member, item, `${path}.${name}`));
      else if (schema.additionalProperties === false) problems.push(`${path}.${name} is not in the schema`);
    }
  }
  if (is.array && schema.items) value.forEach((item, i) => problems.push(...conforms(schema.items, item, `${path}[${i}]`)));
  return problems;
}
