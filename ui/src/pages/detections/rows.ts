import type { Activities, Activity, DetectionRow, Detections } from '../../api/answers';

/** Rows of a page of the table. */
export const PAGE = 50;
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'];
/** In the order of the matrix, without the two that happen before anybody is in an account. */
export const TACTICS = [
    'Initial Access',
    'Execution',
    'Persistence',
    'Privilege Escalation',
    'Stealth',
    'Defense Impairment',
    'Credential Access',
    'Discovery',
    'Lateral Movement',
    'Collection',
    'Command And Control',
    'Exfiltration',
    'Impact',
];
export const STATES: [string, string][] = [
    ['', 'Any'],
    ['on', 'On'],
    ['off', 'Off'],
    ['unanswered', 'On, without a response'],
    ['baseline', 'On, with the baseline off'],
    ['loud', 'With findings in 30 days'],
    ['failing', 'With failed runs'],
];
export const SORTS: [string, string][] = [
    ['', 'Family'],
    ['title', 'Name'],
    ['severity', 'Severity'],
    ['results', 'Findings in 30 days'],
    ['cases', 'Cases in 30 days'],
    ['cost', 'Runs an hour'],
];
/** Parameters of the page's address that choose rows. */
export const FILTERS = ['find', 'state', 'severity', 'tactic', 'technique', 'pack'] as const;
export type Filter = (typeof FILTERS)[number];

export type Known = Map<string, Activity>;

export function byDetection(answer: Activities | undefined): Known {
    return new Map((answer?.detections ?? []).map((one) => [one.detection, one]));
}

/** The rows that the filters of an address choose, in the order that it asks for. */
export function chosen(all: Detections, known: Known, address: URLSearchParams): DetectionRow[] {
    const wanted = (name: Filter) => address.get(name) ?? '';
    const words = wanted('find').toLowerCase().split(/\s+/).filter(Boolean);
    const pack = all.packs.find((one) => one.pack === wanted('pack'));
    const inPack = pack && new Set(pack.detections);
    const found = all.detections.filter(
        (row) =>
            (!inPack || inPack.has(row.detection)) &&
            (!wanted('severity') || row.severity === wanted('severity')) &&
            (!wanted('tactic') || row.tactics.includes(wanted('tactic'))) &&
            (!wanted('technique') || row.techniques.some((one) => techniqueOf(one) === wanted('technique'))) &&
            isOf(row, known.get(row.detection), wanted('state')) &&
            words.every((word) => text(row).includes(word))
    );
    return sorted(found, known, address.get('sort') ?? '');
}

/** ``1 case``, ``2 cases``. */
export function counted(number: number | undefined, word: string): string {
    return `${number ?? 0} ${word}${number === 1 ? '' : 's'}`;
}

export function isFiltered(address: URLSearchParams): boolean {
    return FILTERS.some((name) => address.get(name));
}

function isOf(row: DetectionRow, activity: Activity | undefined, state: string): boolean {
    switch (state) {
        case 'on':
            return row.is_on;
        case 'off':
            return !row.is_on;
        case 'unanswered':
            return row.is_on && row.actions.length === 0;
        case 'baseline':
            return row.is_on && row.baseline === 'off';
        case 'loud':
            return (activity?.results ?? 0) > 0;
        case 'failing':
            return (activity?.failed ?? 0) > 0;
        default:
            return true;
    }
}

function text(row: DetectionRow): string {
    const actions = row.actions.map((one) => one.label);
    return [row.detection, row.title, row.family, row.source, row.owner, ...row.techniques, ...row.tactics, ...actions]
        .join(' ')
        .toLowerCase();
}

function sorted(rows: DetectionRow[], known: Known, sort: string): DetectionRow[] {
    const number = (row: DetectionRow): number => {
        if (sort === 'severity') return -SEVERITIES.indexOf(row.severity);
        if (sort === 'cost') return row.runs_an_hour;
        const activity = known.get(row.detection);
        return (sort === 'cases' ? activity?.cases : activity?.results) ?? 0;
    };
    if (!sort) return rows;
    const byTitle = (a: DetectionRow, b: DetectionRow) => a.title.localeCompare(b.title);
    if (sort === 'title') return [...rows].sort(byTitle);
    return [...rows].sort((a, b) => number(b) - number(a) || byTitle(a, b));
}

/** T1562 of T1562.008. */
export function techniqueOf(id: string): string {
    return id.split('.')[0] ?? id;
}

/** Scheduled runs an hour of those that are on. */
export function runsOf(rows: DetectionRow[]): number {
    return Math.round(rows.filter((row) => row.is_on).reduce((sum, row) => sum + row.runs_an_hour, 0) * 10) / 10;
}

/** What it would be with these switched on as well. */
export function runsWith(all: DetectionRow[], ids: readonly string[]): number {
    const more = new Set(ids);
    return runsOf(all.map((row) => (more.has(row.detection) ? { ...row, is_on: true } : row)));
}

/** Packs that are on as a whole and would no longer be without these rows, which are not the pack itself. */
export function packsThatLose(all: Detections, rows: readonly DetectionRow[]): { title: string; number: number }[] {
    const on = new Set(all.detections.filter((row) => row.is_on).map((row) => row.detection));
    const off = new Set(rows.map((row) => row.detection));
    return all.packs
        .filter((pack) => pack.detections.every((one) => on.has(one)) && !pack.detections.every((one) => off.has(one)))
        .map((pack) => ({ title: pack.title, number: pack.detections.filter((one) => off.has(one)).length }))
        .filter((pack) => pack.number > 0);
}

export interface MatrixCell {
    technique: string;
    name: string;
    on: number;
    all: number;
}

/** A column for each tactic: its techniques that some detection covers, and how many of those are on. */
export function matrix(all: Detections): { tactic: string; cells: MatrixCell[]; on: number; all: number }[] {
    const techniques = new Map(all.techniques.map((one) => [one.technique, one]));
    return TACTICS.map((tactic) => {
        const rows = all.detections.filter((row) => row.tactics.includes(tactic));
        const cells = new Map<string, MatrixCell>();
        for (const row of rows) {
            for (const technique of new Set(row.techniques.map(techniqueOf))) {
                const known = techniques.get(technique);
                if (!known?.tactics.includes(tactic)) continue;
                const cell = cells.get(technique) ?? { technique, name: known.name, on: 0, all: 0 };
                cells.set(technique, { ...cell, on: cell.on + (row.is_on ? 1 : 0), all: cell.all + 1 });
            }
        }
        return {
            tactic,
            cells: [...cells.values()].sort((a, b) => b.all - a.all || a.technique.localeCompare(b.technique)),
            on: rows.filter((row) => row.is_on).length,
            all: rows.length,
        };
    });
}
