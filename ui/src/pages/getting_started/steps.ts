/** The steps, and how each of them stands by what the server says. */
import type { PlaybookRow, Start, StartChoice, StartPack, StartResponse } from '../../api/answers';

export const STEPS = ['cloudtrail', 'aws', 'jira', 'slack', 'lists', 'detections', 'response', 'arm'] as const;
export type StepName = (typeof STEPS)[number];

export const TITLES: Record<StepName, string> = {
    cloudtrail: 'CloudTrail',
    aws: 'AWS',
    jira: 'Jira',
    slack: 'Slack',
    lists: 'Lists',
    detections: 'Detections',
    response: 'Response',
    arm: 'Arm',
};

/** `open`: to be done; `optional`: can be left out; `unknown`: not looked at yet. */
export type Standing = 'done' | 'open' | 'optional' | 'problem' | 'unknown';

export const STANDINGS: Record<Standing, string> = {
    done: 'Done',
    open: 'To do',
    optional: 'Optional',
    problem: 'Problem',
    unknown: 'Not checked',
};

/** `cloudtrail`: the worst level of its checks, as far as they were run. */
export function standings(start: Start, cloudtrail: string | undefined): Record<StepName, Standing> {
    const { accounts, sites, workspaces, changes, choice } = start;
    const armed = changes.filter((change) => change.kind === 'search');
    return {
        cloudtrail: cloudtrail === undefined ? 'unknown' : cloudtrail === 'red' ? 'problem' : 'done',
        aws: accounts.some((account) => account.problem) ? 'problem' : accounts.length > 0 ? 'done' : 'open',
        jira: sites.length === 0 ? 'open' : project(start) ? 'done' : 'problem',
        slack: workspaces.length > 0 ? 'done' : 'optional',
        lists: changes.some((change) => change.kind === 'entry') ? 'done' : 'optional',
        detections: choice.pack ? 'done' : 'open',
        response: choice.revision > 0 ? 'done' : 'open',
        arm: armStanding(armed.map(({ state }) => state)),
    };
}

/** What somebody has changed since (`left`) is theirs: nothing is to be done about it here. */
function armStanding(states: string[]): Standing {
    if (states.some((state) => state !== 'done' && state !== 'left')) return 'problem';
    return states.includes('done') ? 'done' : 'open';
}

/** The first step that is not done and cannot be left out; the last where all are. */
export function next(standing: Record<StepName, Standing>): StepName {
    return STEPS.find((step) => ['open', 'problem'].includes(standing[step])) ?? 'arm';
}

export function stepOf(text: string | null): StepName | undefined {
    return STEPS.find((step) => step === text);
}

/** The project that tickets go to; empty for none. */
export function project(start: Start): string {
    if (start.choice.project) return start.choice.project;
    const site = start.sites.find((one) => one.name === start.choice.site) ?? start.sites[0];
    return site?.project ?? '';
}

/** What `start_choice` is posted. */
export function posted(choice: StartChoice): Record<string, unknown> {
    const { responses, ...names } = choice;
    return {
        ...names,
        responses: Object.fromEntries(responses.map(({ severity, ...response }) => [severity, response])),
    };
}

/** Severities of a pack's detections, with how many there are. */
export function severities(pack: StartPack): Map<string, number> {
    const found = new Map<string, number>();
    for (const one of pack.detections) found.set(one.severity, (found.get(one.severity) ?? 0) + 1);
    return found;
}

export function runsAnHour(pack: StartPack): number {
    return pack.detections.reduce((sum, one) => sum + one.runs_an_hour, 0);
}

/** `a ticket, a Slack message and a simulated remediation`; empty for nothing. */
export function inWords({ ticket, slack, remediation }: StartResponse): string {
    const parts = [
        ticket && 'a ticket',
        slack && 'a Slack message',
        remediation && { simulate: 'a plan', approve: 'a plan to approve', enforce: 'a remediation' }[remediation],
    ].filter((part): part is string => Boolean(part));
    return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');
}

const MODES = ['simulate', 'approve', 'enforce'];

/** Whether a mode goes further than the Safety tab allows: then the lower one counts. */
export function isLowered(mode: string, ceiling: string): boolean {
    return MODES.indexOf(mode) > MODES.indexOf(ceiling);
}

/** The playbooks that detections of a pack recommend, the most recommended first; and detections that recommend none. */
export function playbooksOf(
    pack: StartPack,
    playbooks: readonly PlaybookRow[]
): { used: { row: PlaybookRow; titles: string[] }[]; without: string[] } {
    const titles = pack.detections.map(({ title }) => title);
    const used = playbooks
        .map((row) => ({ row, titles: titles.filter((title) => row.detections.includes(title)) }))
        .filter((one) => one.titles.length > 0)
        .sort((a, b) => b.titles.length - a.titles.length || a.row.title.localeCompare(b.row.title));
    const answered = new Set(used.flatMap((one) => one.titles));
    return { used, without: titles.filter((title) => !answered.has(title)) };
}
