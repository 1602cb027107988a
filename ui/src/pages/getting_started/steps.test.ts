import { describe, expect, test } from 'vitest';

import type { PlaybookRow, Start } from '../../api/answers';
import { inWords, isLowered, next, playbooksOf, posted, runsAnHour, severities, standings } from './steps';

const RESPONSES = ['critical', 'low'].map((severity) => ({ severity, ticket: true, slack: false, remediation: '' }));
const FRESH: Start = {
    accounts: [],
    sites: [],
    workspaces: [],
    packs: [],
    choice: { revision: 0, pack: '', site: '', project: '', issue_type: '', workspace: '', channel: '', responses: RESPONSES },
    changes: [],
    first_case: null,
    mode_ceiling: 'simulate',
    slack_manifest: '{}',
    is_cloud: false,
    may_change: true,
    may_arm: true,
};
const SITE = { name: 'jira', url: 'https://j.example', project: 'SEC', issue_type: 'Task', fields: '', trial: null };
const CHANGE = { kind: 'search', name: 'a', state: 'done', note: '', by: 'root', at: 1 };

describe('steps', () => {
    test('of a fresh installation nothing is done, and the first thing that is needed is next', () => {
        const found = standings(FRESH, 'green');
        expect([found.cloudtrail, found.aws, found.slack, found.arm]).toEqual(['done', 'open', 'optional', 'open']);
        expect(next(found)).toBe('aws');
        expect(next(standings(FRESH, 'red'))).toBe('cloudtrail');
    });

    test('a site without a project is not done, unless one was chosen here', () => {
        const start = { ...FRESH, sites: [{ ...SITE, project: '' }] };
        expect(standings(start, undefined).jira).toBe('problem');
        expect(standings({ ...start, choice: { ...FRESH.choice, project: 'SEC' } }, undefined).jira).toBe('done');
    });

    test('what was left unfinished is looked at again', () => {
        const start = { ...FRESH, changes: [CHANGE, { ...CHANGE, name: 'b', state: 'doing' }] };
        expect(standings(start, undefined).arm).toBe('problem');
        expect(standings({ ...start, changes: [CHANGE] }, undefined).arm).toBe('done');
    });

    test('what somebody has changed since is no problem of the step', () => {
        const left = { ...CHANGE, name: 'b', state: 'left' };
        expect(standings({ ...FRESH, changes: [CHANGE, left] }, undefined).arm).toBe('done');
        expect(standings({ ...FRESH, changes: [left] }, undefined).arm).toBe('open');
    });

    test('a choice is posted as the endpoint takes it', () => {
        expect(posted(FRESH.choice)).toMatchObject({
            revision: 0,
            responses: { critical: { ticket: true, slack: false, remediation: '' } },
        });
    });

    test('packs are counted, responses are said in words', () => {
        const detection = { detection: 'x', title: 'X', severity: 'high', runs_an_hour: 2 };
        const pack = { pack: 'p', title: 'P', about: '', detections: [detection, { ...detection, detection: 'y' }] };
        expect([...severities(pack)]).toEqual([['high', 2]]);
        expect(runsAnHour(pack)).toBe(4);
        expect(inWords({ severity: 'low', ticket: true, slack: true, remediation: 'simulate' })).toBe(
            'a ticket, a Slack message and a plan'
        );
        expect(inWords({ severity: 'low', ticket: false, slack: false, remediation: '' })).toBe('');
        expect([isLowered('enforce', 'approve'), isLowered('', 'simulate')]).toEqual([true, false]);
    });

    test('a pack comes to the playbooks that its detections recommend, and names those without one', () => {
        const detection = { detection: 'd', severity: 'high', runs_an_hour: 1 };
        const pack = { pack: 'p', title: 'P', about: '', detections: ['A', 'B', 'C'].map((title) => ({ ...detection, title })) };
        const row = (playbook: string, detections: string[]) => ({ playbook, title: playbook, detections }) as unknown as PlaybookRow;
        const found = playbooksOf(pack, [row('x', ['B']), row('y', ['A', 'B', 'Z']), row('z', ['Z'])]);
        expect(found.used.map((one) => [one.row.playbook, one.titles])).toEqual([
            ['y', ['A', 'B']],
            ['x', ['B']],
        ]);
        expect(found.without).toEqual(['C']);
    });
});
