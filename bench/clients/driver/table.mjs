// The table, and the failed cases below it.
import { CASES } from './clients.mjs';
import { CLIENTS } from './install.mjs';

const short = (text) => {
  const line = String(text ?? '').replace(/\s+/g, ' ');
  return line.length > 400 ? `${line.slice(0, 397)}...` : line;
};

/** Results are {client, target, way, name, ok, expected, seen}; "way" is the one that the table is about. */
export function table(results, { clients, targets, way, versions }) {
  const cell = (client, target) => results.filter((r) => r.client === client && r.target === target && r.way === way);
  const lines = [`| client | ${targets.join(' | ')} |`, `|---|${targets.map(() => '---|').join('')}`];
  for (const client of clients) {
    const row = targets.map((target) => {
      const all = cell(client, target);
      return all.length ? `${all.filter((r) => r.ok).length} of ${all.length}` : '-';
    });
    lines.push(`| ${CLIENTS[client]} ${versions[client]} | ${row.join(' | ')} |`);
  }
  const failed = results.filter((r) => r.way === way && !r.ok);
  if (failed.length) lines.push('');
  for (const r of failed) {
    lines.push(`- ${CLIENTS[r.client]} on ${r.target}, ${r.name}`, `  - expected: ${short(r.expected)}`, `  - seen: ${short(r.seen)}`);
    const same = (other) => other.client === r.client && other.target === r.target && other.name === r.name;
    const direct = way === 'mimir' && results.find((other) => other.way === 'direct' && same(other));
    if (direct) lines.push(`  - directly at the provider: ${direct.ok ? 'holds' : `fails too, ${short(direct.seen)}`}`);
  }
  return lines.join('\n');
}

/** Whether no cell has more failed cases than it may have; at the provider itself none may fail. */
export function reached(results, way) {
  const counts = new Map();
  for (const r of results.filter((each) => each.way === way && !each.ok)) counts.set(`${r.client} ${r.target}`, (counts.get(`${r.client} ${r.target}`) ?? 0) + 1);
  return [...counts].every(([key, count]) => {
    const [client, target] = key.split(' ');
    return count <= (way === 'mimir' ? CASES[client].mayFail[target] ?? 0 : 0);
  });
}
