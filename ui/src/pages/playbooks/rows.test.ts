import { expect, test } from 'vitest';

import type { PlaybookRow, Playbooks } from '../../api/answers';
import { cellOf, chosen, modeWith } from './rows';

const row = (playbook: string, mode: string, ceiling = ''): PlaybookRow => ({
    playbook,
    mode,
    ceiling,
    title: `Title of ${playbook}`,
    does: '',
    accepts: ['AWS::S3::Bucket'],
    risk: 'low',
    risk_note: '',
    undoable: true,
    undo_note: '',
    settings: [],
    detections: [],
    own: playbook.startsWith('run_'),
});
const rows = [row('block_bucket', 'enforce'), row('stop_instance', 'simulate', 'simulate')];
const names = (found: PlaybookRow[]) => found.map((one) => one.playbook);

test('rows are found by every word, and by what they may do', () => {
    expect(names(chosen(rows, 's3 BLOCK', ''))).toEqual(['block_bucket']);
    expect(names(chosen(rows, '', 'armed'))).toEqual(['block_bucket']);
    expect(names(chosen(rows, 's3', 'ceiling'))).toEqual(['stop_instance']);
    expect(names(chosen([...rows, row('run_isolate', 'approve')], '', 'own'))).toEqual(['run_isolate']);
    expect(chosen(rows, 'nothing like it', '')).toEqual([]);
});

test('no ceiling of its own raises a playbook above the ceiling of all', () => {
    const all = { ceiling: 'approve' } as Playbooks;
    expect(['', 'simulate', 'enforce'].map((ceiling) => modeWith(all, ceiling))).toEqual([
        'approve',
        'simulate',
        'approve',
    ]);
});

test('what is said of a whole account is said of each playbook of it', () => {
    const cell = { account: '1', entry: '', playbook: '', mode: '', status: 'unknown', missing: [], note: 'No.' };
    expect(cellOf([cell], 'block_bucket')).toBe(cell);
    expect(cellOf([], 'block_bucket')).toBeUndefined();
});
