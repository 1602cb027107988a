import { expect, test } from 'vitest';

import type { Activity, DetectionRow, Detections } from '../../api/answers';
import { byDetection, chosen, matrix, packsThatLose, runsOf, runsWith } from './rows';

const row = (detection: string, more: Partial<DetectionRow> = {}): DetectionRow => ({
    detection,
    title: `Title of ${detection}`,
    family: 'trail_tampering',
    severity: 'high',
    source: 'cloudtrail',
    techniques: ['T1562.008'],
    tactics: ['Defense Impairment'],
    is_on: false,
    baseline: '',
    actions: [],
    runs_an_hour: 2,
    owner: 'nobody',
    ...more,
});
const ticket = { action: 'responder_create_ticket', label: 'Create Jira ticket', mode: '' };
const all: Detections = {
    detections: [
        row('trail', { is_on: true, actions: [ticket] }),
        row('keys', { is_on: true, baseline: 'off', severity: 'medium', runs_an_hour: 0.5 }),
        row('root', { techniques: ['T1078.004', 'T1562'], tactics: ['Persistence', 'Defense Impairment'], severity: 'critical' }),
    ],
    packs: [{ pack: 'few', title: 'Few', about: '', detections: ['root'] }],
    techniques: [
        { technique: 'T1562', name: 'Impair Defenses', tactics: ['Defense Impairment'] },
        { technique: 'T1078', name: 'Valid Accounts', tactics: ['Persistence', 'Defense Impairment'] },
    ],
    actions: [],
    missing: [],
    may_change: true,
};
const activity = (detection: string, more: Partial<Activity>): Activity => ({
    detection,
    last_run: 0,
    runs: 0,
    results: 0,
    seconds: 0,
    failed: 0,
    cases: 0,
    excused: 0,
    ...more,
});
const known = byDetection({
    since: 0,
    has_log: true,
    detections: [activity('keys', { results: 9, failed: 1 }), activity('root', { results: 1, cases: 3 })],
});
const names = (query: string) => chosen(all, known, new URLSearchParams(query)).map((one) => one.detection);

test.each([
    ['', ['trail', 'keys', 'root']],
    ['state=on', ['trail', 'keys']],
    ['state=unanswered', ['keys']],
    ['state=baseline', ['keys']],
    ['state=loud', ['keys', 'root']],
    ['state=failing', ['keys']],
    ['pack=few', ['root']],
    ['technique=T1562', ['trail', 'keys', 'root']],
    ['tactic=Persistence', ['root']],
    ['severity=medium', ['keys']],
    ['find=jira+TITLE', ['trail']],
    ['sort=results', ['keys', 'root', 'trail']],
    ['sort=cases', ['root', 'keys', 'trail']],
    ['sort=severity', ['root', 'trail', 'keys']],
    ['sort=cost', ['root', 'trail', 'keys']],
])('%s chooses', (query, found) => {
    expect(names(query)).toEqual(found);
});

test('only what is on costs runs', () => {
    expect(runsOf(all.detections)).toBe(2.5);
    expect(runsWith(all.detections, ['root', 'trail'])).toBe(4.5);
});

test('a technique stands under its own tactics only, with how many of its detections are on', () => {
    const columns = new Map(matrix(all).map((column) => [column.tactic, column]));
    expect(columns.get('Defense Impairment')?.cells).toEqual([
        { technique: 'T1562', name: 'Impair Defenses', on: 2, all: 3 },
        { technique: 'T1078', name: 'Valid Accounts', on: 0, all: 1 },
    ]);
    expect(columns.get('Persistence')?.cells.map((cell) => cell.technique)).toEqual(['T1078']);
    expect(columns.get('Impact')).toMatchObject({ cells: [], on: 0, all: 0 });
});

test('another pack that is on loses what it shares with those that are switched off', () => {
    const pack = (title: string, ...detections: string[]) => ({ pack: title, title, about: '', detections });
    const packs = [pack('Itself', 'trail'), pack('Shares', 'trail', 'keys'), pack('Off', 'trail', 'root'), pack('Other', 'keys')];
    const rows = all.detections.filter((one) => one.detection === 'trail');
    expect(packsThatLose({ ...all, packs }, rows)).toEqual([{ title: 'Shares', number: 1 }]);
    expect(packsThatLose({ ...all, packs }, all.detections)).toEqual([]);
});
