// What the agents sent and what they were answered, from the records of a run: fields and words of protocols, never prompts.
const union = (into, shape) => {
  for (const [path, kinds] of Object.entries(shape.fields)) {
    into[path] ??= new Set();
    for (const kind of kinds) if (into[path].size < 16) into[path].add(kind);
  }
};

function requestsOf(entries) {
  const groups = new Map();
  for (const entry of entries.filter((e) => e.shape)) {
    const key = `${entry.method} ${entry.path}`;
    if (!groups.has(key)) groups.set(key, { count: 0, fields: {}, tools: new Set(), headers: {} });
    const group = groups.get(key);
    group.count++;
    union(group.fields, entry.shape);
    if (entry.shape.tools.length) group.tools.add(entry.shape.tools.join(', '));
    for (const [name, value] of Object.entries(entry.headers ?? {})) (group.headers[name] ??= new Set()).add(value);
  }
  return groups;
}

function describe(entries) {
  const lines = [];
  for (const [key, group] of requestsOf(entries)) {
    lines.push(`\`${key}\` (${group.count} requests)`, '');
    const headers = Object.entries(group.headers).map(([name, values]) => `${name}${[...values].filter(Boolean).length ? `: ${[...values].filter(Boolean).join(' / ')}` : ''}`);
    lines.push(`- headers: ${headers.join('; ')}`);
    for (const tools of group.tools) lines.push(`- tools: ${tools}`);
    lines.push('', '```');
    for (const [path, kinds] of Object.entries(group.fields)) lines.push(`${path}  ${[...kinds].join(' | ')}`);
    lines.push('```', '');
  }
  return lines;
}

const counted = (texts) => {
  const counts = new Map();
  for (const text of texts.map((t) => t.replace(/,?"request_id":"[^"]*"/, ''))) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `- ${count} times: ${text.replace(/\s+/g, ' ').slice(0, 900)}`);
};

/** The findings of a run as markdown. "entries" are the lines of requests.jsonl. */
export function findings(entries, cells, table) {
  const lines = ['# What the agents send, and what they are answered', '', table, ''];
  lines.push('## Refusals and surprises, by cell', '');
  for (const cell of cells) {
    const own = entries.filter((e) => e.agent === cell.agent && e.target === cell.target && e.way === cell.way);
    const told = [
      ...counted(own.filter((e) => e.relay && e.refusal).map((e) => `the agent was answered ${e.status} at ${e.path}: ${e.refusal}`)),
      ...counted(own.filter((e) => e.problems?.length).map((e) => `the provider refused ${e.path}: ${e.problems.slice(0, 6).join('; ')}`)),
      ...counted(own.filter((e) => e.unlike?.length).map((e) => e.unlike[0])),
      ...counted(own.filter((e) => e.left_out).map((e) => `mimir-left-out: ${e.left_out}`)),
    ];
    if (cell.lost) told.push(`- thoughts that did not come back: up to ${cell.lost} in a request`);
    if (!told.length && cell.ok) continue;
    lines.push(`### ${cell.agent} on ${cell.target}, ${cell.way === 'direct' ? 'without Mimir' : 'through Mimir'}: ${cell.ok ? 'pass' : 'fail'}`, '', ...(cell.why ? [`${cell.why}`, ''] : []), ...told, '');
  }
  lines.push('## What each agent sends (as seen before Mimir)', '');
  for (const agent of new Set(cells.map((c) => c.agent))) {
    lines.push(`### ${agent}`, '', ...describe(entries.filter((e) => e.relay && e.agent === agent && e.shape)));
  }
  lines.push('## What Mimir made of it (as seen at the provider)', '');
  for (const cell of cells.filter((c) => c.way === 'mimir')) {
    const own = entries.filter((e) => e.door && e.way === 'mimir' && e.agent === cell.agent && e.target === cell.target && e.shape);
    if (own.length) lines.push(`### ${cell.agent} on ${cell.target}`, '', ...describe(own));
  }
  return `${lines.join('\n')}\n`;
}
