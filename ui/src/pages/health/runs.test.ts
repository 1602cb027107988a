import { expect, test } from 'vitest';

import type { Health } from '../../api/answers';
import { byCheck, newest, summary } from './runs';

const member = { server: 'sh1', level: 'green', seen_at: 5, what: 'Seen.', to_do: '' };
const line = (check: string, level: string) => ({ check, level, what: `${check} is ${level}.`, to_do: '' });
const health = (at: number, ...lines: [string, string][]): Health => ({
    level: 'red',
    looked_at: at,
    members: at === 1 ? [member] : [],
    lines: lines.map(([check, level]) => line(check, level)),
});

test('a check is as bad as the worst of its lines', () => {
    const [queue, lists] = byCheck(health(1, ['Queue', 'green'], ['Queue', 'red'], ['Lists', 'amber']));
    expect([queue?.level, queue?.lines.length, lists?.level]).toEqual(['red', 2, 'amber']);
});

test('a check that was run again stands in its old place, with its own time', () => {
    const shown = newest(health(1, ['Queue', 'red'], ['Lists', 'amber']), [
        health(2, ['Queue', 'amber']),
        health(3, ['Queue', 'green']),
    ]);
    expect(shown.checks.map((run) => [run.check, run.level, run.at])).toEqual([
        ['Queue', 'green', 3],
        ['Lists', 'amber', 1],
    ]);
    expect(shown.members).toEqual([member]);
    expect(summary(shown.checks)).toBe('1 is limited, 1 works');
});
